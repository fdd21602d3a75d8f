import { z } from 'zod/v4';
import type { FakeForge, FakePullRequest, FakeRoute } from './FakeForge';
import { HEAD_COMMIT, MERGE_COMMIT } from './FakeForge';

const REPO = '/acme/shop/_apis/git/repositories/apps';
const pulls = new RegExp(`${REPO}/pullrequests`);
const one = new RegExp(`${REPO}/pullrequests/(\\d+)`);
const part = (path: string) =>
  new RegExp(`${REPO}/pullRequests/(\\d+)/${path}`);

const AUTHOR = '11111111-2222-3333-4444-555555555555';
const VERSION = ['api-version'];
const LONGEST_BODY = 4_000;

const text = z.string();
const body4000 = text.max(LONGEST_BODY);
const newPull = z.strictObject({
  title: text,
  description: body4000,
  sourceRefName: text,
  targetRefName: text,
  isDraft: z.boolean(),
});
const edit = z.strictObject({
  title: text.optional(),
  description: body4000.optional(),
  status: z.literal('abandoned').optional(),
  autoCompleteSetBy: z.strictObject({ id: text }).optional(),
  completionOptions: z
    .strictObject({
      mergeStrategy: z.enum(['noFastForward', 'squash', 'rebase']),
      deleteSourceBranch: z.literal(true),
    })
    .optional(),
});
const thread = z.strictObject({
  comments: z
    .array(
      z.strictObject({
        parentCommentId: z.literal(0),
        content: text,
        commentType: z.literal('text'),
      }),
    )
    .length(1),
  status: z.literal('closed'),
});

const STATES = { open: 'active', merged: 'completed', closed: 'abandoned' };
const METHODS = { noFastForward: 'merge', squash: 'squash', rebase: 'rebase' };

export function azureRoutes(forge: FakeForge): FakeRoute[] {
  const tell = (pull: FakePullRequest) => ({
    pullRequestId: pull.number,
    status: STATES[pull.state],
    title: pull.title,
    description: pull.body,
    isDraft: pull.draft,
    sourceRefName: `refs/heads/${pull.head}`,
    targetRefName: `refs/heads/${pull.base}`,
    mergeStatus: 'succeeded',
    lastMergeSourceCommit: { commitId: HEAD_COMMIT },
    lastMergeCommit: { commitId: MERGE_COMMIT },
    createdBy: { id: AUTHOR, displayName: 'bot' },
    ...(pull.closedBy ? { closedBy: { displayName: pull.closedBy } } : {}),
  });
  const ofNumber = (
    number: string,
    change: (pull: FakePullRequest) => void,
  ) => {
    const pull = forge.find(Number(number));
    if (!pull) {
      return { status: 404, body: { message: 'TF401180: not there' } };
    }
    change(pull);
    return { status: 200, body: tell(pull) };
  };
  return [
    {
      method: 'GET',
      path: pulls,
      query: [
        'searchCriteria.sourceRefName',
        'searchCriteria.targetRefName',
        'searchCriteria.status',
        '$top',
        ...VERSION,
      ],
      answer: ({ query }) => {
        const branch = (name: string) =>
          (query.get(`searchCriteria.${name}`) ?? '').replace(
            'refs/heads/',
            '',
          );
        const value = forge
          .ofBranch(branch('sourceRefName'), branch('targetRefName'))
          .map(tell);
        return { status: 200, body: { value, count: value.length } };
      },
    },
    {
      method: 'POST',
      path: pulls,
      query: VERSION,
      body: newPull,
      answer: ({ body }) => {
        const wanted = newPull.parse(body);
        const opened = forge.open({
          head: wanted.sourceRefName.replace('refs/heads/', ''),
          base: wanted.targetRefName.replace('refs/heads/', ''),
          title: wanted.title,
          body: wanted.description,
          draft: wanted.isDraft,
        });
        return opened
          ? { status: 201, body: tell(opened) }
          : {
              status: 409,
              body: {
                message:
                  'TF401179: An active pull request for the source and target branch already exists.',
                typeKey: 'GitPullRequestExistsException',
              },
            };
      },
    },
    {
      method: 'PATCH',
      path: one,
      query: VERSION,
      body: edit,
      answer: ({ groups: [number], body }) => {
        const wanted = edit.parse(body);
        const { autoCompleteSetBy: by, completionOptions: options } = wanted;
        return ofNumber(number, pull => {
          pull.title = wanted.title ?? pull.title;
          pull.body = wanted.description ?? pull.body;
          pull.state = wanted.status ? 'closed' : pull.state;
          if (by) {
            pull.autoMerge =
              by.id === AUTHOR && options
                ? METHODS[options.mergeStrategy]
                : undefined;
          }
        });
      },
    },
    {
      method: 'POST',
      path: part('labels'),
      query: VERSION,
      body: z.strictObject({ name: text }),
      answer: ({ groups: [number], body }) => {
        forge.find(Number(number))?.labels.push(String(body.name));
        return { status: 200, body: { id: '1', name: body.name } };
      },
    },
    {
      method: 'POST',
      path: part('threads'),
      query: VERSION,
      body: thread,
      answer: ({ groups: [number], body }) => {
        const [comment] = thread.parse(body).comments;
        forge.find(Number(number))?.comments.push(comment.content);
        return { status: 200, body: { id: 1 } };
      },
    },
  ];
}
