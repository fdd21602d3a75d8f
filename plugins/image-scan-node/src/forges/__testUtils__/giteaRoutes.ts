import { z } from 'zod/v4';
import type { FakeForge, FakePullRequest, FakeRoute } from './FakeForge';
import { HEAD_COMMIT, MERGE_COMMIT } from './FakeForge';

const REPO = '/api/v1/repos/org/apps';
const pulls = new RegExp(`${REPO}/pulls`);
const one = new RegExp(`${REPO}/pulls/(\\d+)`);
const part = (path: string) => new RegExp(`${REPO}/${path}`);

const text = z.string();
const newPull = z.strictObject({
  title: text,
  body: text,
  head: text,
  base: text,
});
const edit = z.strictObject({
  title: text.optional(),
  body: text.optional(),
  state: z.literal('closed').optional(),
  labels: z.array(z.int()).optional(),
});
const newLabel = z.strictObject({ name: text, color: text });
const reviews = z.strictObject({
  reviewers: z.array(text),
  team_reviewers: z.array(text),
});
const merge = z.strictObject({
  Do: z.enum(['merge', 'squash', 'rebase']),
  merge_when_checks_succeed: z.literal(true),
  delete_branch_after_merge: z.literal(true),
  head_commit_id: text.optional(),
});

/** Speaks as Gitea does, which cannot search by branch. */
export function giteaRoutes(forge: FakeForge): FakeRoute[] {
  const labels = ['bug'];
  const tellLabel = (name: string) => ({ id: labels.indexOf(name) + 1, name });
  const tell = (pull: FakePullRequest) => ({
    number: pull.number,
    html_url: `${forge.url}/org/apps/pulls/${pull.number}`,
    state: pull.state === 'open' ? 'open' : 'closed',
    merged: pull.state === 'merged',
    title: pull.draft ? `WIP: ${pull.title}` : pull.title,
    body: pull.body,
    draft: pull.draft,
    base: { ref: pull.base, repo_id: 3 },
    head: { ref: pull.head, sha: HEAD_COMMIT, repo_id: 3 },
    merge_commit_sha: pull.state === 'merged' ? MERGE_COMMIT : null,
    labels: pull.labels.map(tellLabel),
  });
  const ofNumber = (
    number: string,
    change: (pull: FakePullRequest) => void,
    status: number,
    told: (pull: FakePullRequest) => unknown = tell,
  ) => {
    const pull = forge.find(Number(number));
    if (!pull) {
      return { status: 404, body: { message: 'not found', url: '' } };
    }
    change(pull);
    return { status, body: told(pull) };
  };
  const nothing = () => undefined;
  return [
    {
      method: 'GET',
      path: pulls,
      query: ['state', 'sort', 'page', 'limit'],
      answer: ({ query }) => {
        const isWanted = (pull: FakePullRequest) =>
          (pull.state === 'open') === (query.get('state') === 'open');
        const start = (Number(query.get('page')) - 1) * 50;
        return {
          status: 200,
          body: [...forge.pulls]
            .reverse()
            .filter(isWanted)
            .slice(start, start + 50)
            .map(tell),
        };
      },
    },
    {
      method: 'POST',
      path: pulls,
      body: newPull,
      answer: ({ body }) => {
        const wanted = newPull.parse(body);
        const opened = forge.open({
          ...wanted,
          title: wanted.title.replace(/^WIP: /, ''),
          draft: wanted.title.startsWith('WIP: '),
        });
        return opened
          ? { status: 201, body: tell(opened) }
          : {
              status: 409,
              body: {
                message: 'pull request already exists for these targets',
                url: '',
              },
            };
      },
    },
    {
      method: 'GET',
      path: one,
      answer: ({ groups: [number] }) => ofNumber(number, () => {}, 200),
    },
    {
      method: 'PATCH',
      path: one,
      body: edit,
      answer: ({ groups: [number], body }) => {
        const wanted = edit.parse(body);
        return ofNumber(
          number,
          pull => {
            pull.draft = wanted.title?.startsWith('WIP: ') ?? pull.draft;
            pull.title = wanted.title?.replace(/^WIP: /, '') ?? pull.title;
            pull.body = wanted.body ?? pull.body;
            pull.state = wanted.state ?? pull.state;
            pull.labels =
              wanted.labels?.map(id => labels[id - 1]) ?? pull.labels;
          },
          201,
        );
      },
    },
    {
      method: 'POST',
      path: part('pulls/(\\d+)/merge'),
      body: merge,
      answer: ({ groups: [number], body }) =>
        ofNumber(
          number,
          pull => {
            pull.autoMerge = String(body.Do);
          },
          200,
          nothing,
        ),
    },
    {
      method: 'DELETE',
      path: part('pulls/(\\d+)/merge'),
      answer: ({ groups: [number] }) =>
        ofNumber(
          number,
          pull => {
            pull.autoMerge = undefined;
          },
          204,
          nothing,
        ),
    },
    {
      method: 'POST',
      path: part('pulls/(\\d+)/requested_reviewers'),
      body: reviews,
      answer: ({ groups: [number], body }) => {
        const wanted = reviews.parse(body);
        const teams = wanted.team_reviewers.map(team => `team:${team}`);
        return ofNumber(
          number,
          pull => pull.reviewers.push(...wanted.reviewers, ...teams),
          201,
          () => [],
        );
      },
    },
    {
      method: 'POST',
      path: part('issues/(\\d+)/comments'),
      body: z.strictObject({ body: text }),
      answer: ({ groups: [number], body }) =>
        ofNumber(
          number,
          pull => pull.comments.push(String(body.body)),
          201,
          ({ comments }) => ({ id: 1, body: comments.at(-1) }),
        ),
    },
    {
      method: 'GET',
      path: part('labels'),
      query: ['page', 'limit'],
      answer: ({ query }) => ({
        status: 200,
        body: query.get('page') === '1' ? labels.map(tellLabel) : [],
      }),
    },
    {
      method: 'POST',
      path: part('labels'),
      body: newLabel,
      answer: ({ body }) => {
        labels.push(String(body.name));
        return { status: 201, body: tellLabel(String(body.name)) };
      },
    },
  ];
}
