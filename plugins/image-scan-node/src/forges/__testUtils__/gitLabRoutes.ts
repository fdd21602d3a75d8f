import { z } from 'zod/v4';
import type { FakeForge, FakePullRequest, FakeRoute } from './FakeForge';
import { HEAD_COMMIT, MERGE_COMMIT } from './FakeForge';

const REPO = '/api/v4/projects/group%2Fteam%2Fapps';
const all = new RegExp(`${REPO}/merge_requests`);
const one = new RegExp(`${REPO}/merge_requests/(\\d+)`);
const part = (path: string) =>
  new RegExp(`${REPO}/merge_requests/(\\d+)/${path}`);

const text = z.string();
const newRequest = z.strictObject({
  source_branch: text,
  target_branch: text,
  title: text,
  description: text,
  remove_source_branch: z.literal(true),
});
const edit = z.strictObject({
  title: text.optional(),
  description: text.optional(),
  state_event: z.literal('close').optional(),
  add_labels: text.optional(),
  reviewer_ids: z.array(z.int()).optional(),
});
const merge = z.strictObject({
  auto_merge: z.literal(true),
  merge_when_pipeline_succeeds: z.literal(true),
  should_remove_source_branch: z.literal(true),
  squash: z.boolean(),
  sha: text.optional(),
});

const STATES = { open: 'opened', merged: 'merged', closed: 'closed' };
const USERS = ['alice', 'bob'];

export function gitLabRoutes(forge: FakeForge): FakeRoute[] {
  const tell = (pull: FakePullRequest) => ({
    iid: pull.number,
    web_url: `${forge.url}/group/team/apps/-/merge_requests/${pull.number}`,
    state: STATES[pull.state],
    title: pull.draft ? `Draft: ${pull.title}` : pull.title,
    description: pull.body,
    draft: pull.draft,
    source_branch: pull.head,
    target_branch: pull.base,
    source_project_id: 7,
    target_project_id: 7,
    sha: HEAD_COMMIT,
    merge_commit_sha: pull.state === 'merged' ? MERGE_COMMIT : null,
    squash_commit_sha: null,
    has_conflicts: false,
    closed_by: pull.closedBy ? { username: pull.closedBy } : null,
    reviewers: pull.reviewers.map(name => ({ id: USERS.indexOf(name) + 1 })),
  });
  const ofNumber = (
    number: string,
    change: (pull: FakePullRequest) => void,
    status = 200,
  ) => {
    const pull = forge.find(Number(number));
    if (!pull) {
      return { status: 404, body: { message: '404 Not found' } };
    }
    change(pull);
    return { status, body: tell(pull) };
  };
  return [
    {
      method: 'GET',
      path: all,
      query: [
        ...['source_branch', 'target_branch', 'state', 'order_by', 'sort'],
        'per_page',
      ],
      answer: ({ query }) => {
        const found = forge.ofBranch(
          query.get('source_branch') ?? '',
          query.get('target_branch') ?? '',
        );
        const ofFork = found.map(pull => ({
          ...tell(pull),
          iid: 99,
          source_project_id: 8,
        }));
        return { status: 200, body: [...ofFork, ...found.map(tell)] };
      },
    },
    {
      method: 'POST',
      path: all,
      body: newRequest,
      answer: ({ body }) => {
        const wanted = newRequest.parse(body);
        const opened = forge.open({
          head: wanted.source_branch,
          base: wanted.target_branch,
          title: wanted.title.replace(/^Draft: /, ''),
          body: wanted.description,
          draft: wanted.title.startsWith('Draft: '),
        });
        return opened
          ? { status: 201, body: tell(opened) }
          : {
              status: 409,
              body: {
                message: [
                  'Another open merge request already exists for this source branch: !1',
                ],
              },
            };
      },
    },
    {
      method: 'GET',
      path: one,
      answer: ({ groups: [number] }) => ofNumber(number, () => {}),
    },
    {
      method: 'PUT',
      path: one,
      body: edit,
      answer: ({ groups: [number], body }) => {
        const wanted = edit.parse(body);
        return ofNumber(number, pull => {
          pull.draft = wanted.title?.startsWith('Draft: ') ?? pull.draft;
          pull.title = wanted.title?.replace(/^Draft: /, '') ?? pull.title;
          pull.body = wanted.description ?? pull.body;
          pull.state = wanted.state_event ? 'closed' : pull.state;
          pull.labels.push(...(wanted.add_labels?.split(',') ?? []));
          pull.reviewers =
            wanted.reviewer_ids?.map(id => USERS[id - 1]) ?? pull.reviewers;
        });
      },
    },
    {
      method: 'PUT',
      path: part('merge'),
      body: merge,
      answer: ({ groups: [number], body }) =>
        ofNumber(number, pull => {
          pull.autoMerge = body.squash ? 'squash' : 'merge';
        }),
    },
    {
      method: 'POST',
      path: part('cancel_merge_when_pipeline_succeeds'),
      answer: ({ groups: [number] }) =>
        ofNumber(
          number,
          pull => {
            pull.autoMerge = undefined;
          },
          201,
        ),
    },
    {
      method: 'POST',
      path: part('notes'),
      body: z.strictObject({ body: text }),
      answer: ({ groups: [number], body }) =>
        ofNumber(number, pull => pull.comments.push(String(body.body)), 201),
    },
    {
      method: 'GET',
      path: /\/api\/v4\/users/,
      query: ['username'],
      answer: ({ query }) => {
        const id = USERS.indexOf(query.get('username') ?? '') + 1;
        return {
          status: 200,
          body: id > 0 ? [{ id, username: USERS[id - 1] }] : [],
        };
      },
    },
  ];
}
