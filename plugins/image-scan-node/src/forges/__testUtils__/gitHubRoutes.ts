import { z } from 'zod/v4';
import type { FakeForge, FakePullRequest, FakeRoute } from './FakeForge';
import { HEAD_COMMIT, MERGE_COMMIT } from './FakeForge';

const REPO = '/api/v3/repos/org/apps';
const pulls = new RegExp(`${REPO}/pulls`);
const one = new RegExp(`${REPO}/pulls/(\\d+)`);
const part = (path: string) => new RegExp(`${REPO}/${path}`);

const text = z.string();
const newPull = z.strictObject({
  title: text,
  body: text,
  head: text,
  base: text,
  draft: z.boolean(),
});
const edit = z.strictObject({
  title: text.optional(),
  body: text.optional(),
  state: z.literal('closed').optional(),
});
const query = z.strictObject({
  query: text,
  variables: z.strictObject({
    id: text,
    method: z.enum(['MERGE', 'SQUASH', 'REBASE']).optional(),
    head: text.optional(),
  }),
});

export function gitHubRoutes(forge: FakeForge): FakeRoute[] {
  const tell = (pull: FakePullRequest) => ({
    number: pull.number,
    node_id: `PR_${pull.number}`,
    html_url: `${forge.url}/org/apps/pull/${pull.number}`,
    state: pull.state === 'open' ? 'open' : 'closed',
    merged_at: pull.state === 'merged' ? '2026-11-29T12:00:00Z' : null,
    title: pull.title,
    body: pull.body || null,
    draft: pull.draft,
    base: { ref: pull.base },
    head: { ref: pull.head, sha: HEAD_COMMIT },
    merge_commit_sha: MERGE_COMMIT,
  });
  const ofNumber = (
    number: string,
    change: (pull: FakePullRequest) => void,
    status = 200,
    told: (pull: FakePullRequest) => unknown = tell,
  ) => {
    const pull = forge.find(Number(number));
    if (!pull) {
      return { status: 404, body: { message: 'Not Found' } };
    }
    change(pull);
    return { status, body: told(pull) };
  };
  return [
    {
      method: 'GET',
      path: pulls,
      query: ['head', 'base', 'state', 'sort', 'direction', 'per_page'],
      answer: ({ query: wanted }) => {
        const [owner, head] = (wanted.get('head') ?? '').split(':');
        const found =
          owner === 'org' ? forge.ofBranch(head, wanted.get('base') ?? '') : [];
        return { status: 200, body: found.map(tell) };
      },
    },
    {
      method: 'POST',
      path: pulls,
      body: newPull,
      answer: ({ body }) => {
        const opened = forge.open(newPull.parse(body));
        return opened
          ? { status: 201, body: tell(opened) }
          : {
              status: 422,
              body: {
                message: 'Validation Failed',
                errors: [
                  {
                    resource: 'PullRequest',
                    code: 'custom',
                    message: `A pull request already exists for org:${body.head}.`,
                  },
                ],
                documentation_url: 'https://docs.github.com/rest',
              },
            };
      },
    },
    {
      method: 'PATCH',
      path: one,
      body: edit,
      answer: ({ groups: [number], body }) =>
        ofNumber(number, pull => Object.assign(pull, edit.parse(body))),
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
      method: 'POST',
      path: part('issues/(\\d+)/labels'),
      body: z.strictObject({ labels: z.array(text) }),
      answer: ({ groups: [number], body }) =>
        ofNumber(
          number,
          pull => pull.labels.push(...z.array(text).parse(body.labels)),
          200,
          ({ labels }) => labels.map(name => ({ name })),
        ),
    },
    {
      method: 'POST',
      path: part('pulls/(\\d+)/requested_reviewers'),
      body: z.strictObject({
        reviewers: z.array(text),
        team_reviewers: z.array(text),
      }),
      answer: ({ groups: [number], body }) =>
        ofNumber(
          number,
          pull =>
            pull.reviewers.push(
              ...z.array(text).parse(body.reviewers),
              ...z
                .array(text)
                .parse(body.team_reviewers)
                .map(team => `team:${team}`),
            ),
          201,
        ),
    },
    {
      method: 'POST',
      path: /\/api\/graphql/,
      body: query,
      answer: ({ body }) => {
        const { query: document, variables } = query.parse(body);
        const pull = forge.find(Number(variables.id.slice('PR_'.length)));
        if (!pull || pull.draft) {
          return {
            status: 200,
            body: {
              data: null,
              errors: [
                {
                  type: 'UNPROCESSABLE',
                  message: 'Pull request is in draft state',
                },
              ],
            },
          };
        }
        pull.autoMerge = document.includes('enablePullRequestAutoMerge')
          ? variables.method?.toLowerCase()
          : undefined;
        return { status: 200, body: { data: {} } };
      },
    },
  ];
}
