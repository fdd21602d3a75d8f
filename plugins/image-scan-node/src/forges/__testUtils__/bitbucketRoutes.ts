import { z } from 'zod/v4';
import type { FakeForge, FakePullRequest, FakeRoute } from './FakeForge';
import { HEAD_COMMIT, MERGE_COMMIT } from './FakeForge';

const CLOUD = '/2.0/repositories/org/apps/pullrequests';
const SERVER = '/rest/api/1.0/projects/PRJ/repos/apps/pull-requests';

const text = z.string();
const branch = z.strictObject({ branch: z.strictObject({ name: text }) });
const newCloudPull = z.strictObject({
  title: text,
  description: text,
  source: branch,
  destination: branch,
  close_source_branch: z.literal(true),
  draft: z.boolean(),
});
const cloudEdit = z.strictObject({
  title: text,
  description: text,
  reviewers: z.array(z.strictObject({ uuid: text })),
});

const CLOUD_STATES = { open: 'OPEN', merged: 'MERGED', closed: 'DECLINED' };

export function bitbucketCloudRoutes(forge: FakeForge): FakeRoute[] {
  const repository = { type: 'repository', uuid: '{1}' };
  const tell = (pull: FakePullRequest) => ({
    type: 'pullrequest',
    id: pull.number,
    links: {
      html: {
        href: `${forge.url}/org/apps/pull-requests/${pull.number}`,
      },
    },
    state: CLOUD_STATES[pull.state],
    title: pull.title,
    summary: { raw: pull.body },
    draft: pull.draft,
    source: {
      branch: { name: pull.head },
      commit: { hash: HEAD_COMMIT.slice(0, 12) },
      repository,
    },
    destination: { branch: { name: pull.base }, repository },
    reviewers: [{ type: 'user', uuid: '{reviewer}' }],
    ...(pull.state === 'merged'
      ? { merge_commit: { hash: MERGE_COMMIT.slice(0, 12) } }
      : {}),
    ...(pull.closedBy
      ? { closed_by: { type: 'user', display_name: pull.closedBy } }
      : {}),
  });
  const ofNumber = (
    number: string,
    change: (pull: FakePullRequest) => void,
    status = 200,
  ) => {
    const pull = forge.find(Number(number));
    if (!pull) {
      return {
        status: 404,
        body: { type: 'error', error: { message: 'Not found' } },
      };
    }
    change(pull);
    return { status, body: tell(pull) };
  };
  const one = new RegExp(`${CLOUD}/(\\d+)`);
  return [
    {
      method: 'GET',
      path: new RegExp(CLOUD),
      query: ['q', 'state', 'sort', 'pagelen'],
      answer: ({ query }) => {
        const [, head = '', base = ''] =
          /^source\.branch\.name="([^"]*)" AND destination\.branch\.name="([^"]*)"$/.exec(
            query.get('q') ?? '',
          ) ?? [];
        return {
          status: 200,
          body: { values: forge.ofBranch(head, base).map(tell) },
        };
      },
    },
    {
      method: 'POST',
      path: new RegExp(CLOUD),
      body: newCloudPull,
      answer: ({ body }) => {
        const wanted = newCloudPull.parse(body);
        const opened = forge.open({
          head: wanted.source.branch.name,
          base: wanted.destination.branch.name,
          title: wanted.title,
          body: wanted.description,
          draft: wanted.draft,
        });
        return opened
          ? { status: 201, body: tell(opened) }
          : {
              status: 400,
              body: { type: 'error', error: { message: 'open already' } },
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
      body: cloudEdit,
      answer: ({ groups: [number], body }) => {
        const wanted = cloudEdit.parse(body);
        return ofNumber(number, pull => {
          pull.title = wanted.title;
          pull.body = wanted.description;
          pull.reviewers = wanted.reviewers.map(({ uuid }) => uuid);
        });
      },
    },
    {
      method: 'POST',
      path: new RegExp(`${CLOUD}/(\\d+)/decline`),
      answer: ({ groups: [number] }) =>
        ofNumber(number, pull => {
          pull.state = 'closed';
        }),
    },
    {
      method: 'POST',
      path: new RegExp(`${CLOUD}/(\\d+)/comments`),
      body: z.strictObject({ content: z.strictObject({ raw: text }) }),
      answer: ({ groups: [number], body }) => {
        const { raw } = z.object({ raw: text }).parse(body.content);
        const { status } = ofNumber(
          number,
          pull => pull.comments.push(raw),
          201,
        );
        return { status, body: { type: 'comment', id: 1, content: { raw } } };
      },
    },
  ];
}

const ref = z.strictObject({ id: text });
const newServerPull = z.strictObject({
  title: text,
  description: text,
  draft: z.boolean(),
  fromRef: ref,
  toRef: ref,
});
const serverEdit = z.strictObject({
  version: z.int(),
  title: text,
  description: text,
  reviewers: z.array(z.strictObject({ user: z.strictObject({ name: text }) })),
});
const autoMerge = z.strictObject({
  autoMerge: z.literal(true),
  strategyId: z.enum(['no-ff', 'squash', 'rebase-no-ff']),
});

const METHODS: Record<string, string> = {
  'no-ff': 'merge',
  squash: 'squash',
  'rebase-no-ff': 'rebase',
};

function serverError(status: number, exception: string, message: string) {
  return {
    status,
    body: {
      errors: [
        {
          context: null,
          message,
          exceptionName: `com.atlassian.bitbucket.${exception}`,
        },
      ],
    },
  };
}

export function bitbucketServerRoutes(forge: FakeForge): FakeRoute[] {
  const tell = (pull: FakePullRequest) => ({
    id: pull.number,
    version: pull.version,
    state: CLOUD_STATES[pull.state],
    title: pull.title,
    description: pull.body,
    draft: pull.draft,
    fromRef: {
      id: `refs/heads/${pull.head}`,
      latestCommit: HEAD_COMMIT,
      repository: { id: 5 },
    },
    toRef: { id: `refs/heads/${pull.base}`, repository: { id: 5 } },
    reviewers: pull.reviewers.map(name => ({ user: { name } })),
    links: {
      self: [
        {
          href: `${forge.url}/projects/PRJ/repos/apps/pull-requests/${pull.number}`,
        },
      ],
    },
    ...(pull.state === 'merged'
      ? { properties: { mergeCommit: { id: MERGE_COMMIT } } }
      : {}),
  });
  const atVersion = (
    number: string,
    version: unknown,
    change: (pull: FakePullRequest) => void,
  ) => {
    const pull = forge.find(Number(number));
    if (!pull) {
      return serverError(404, 'NoSuchPullRequestException', 'not there');
    }
    if (String(pull.version) !== String(version)) {
      return serverError(
        409,
        'pull.PullRequestOutOfDateException',
        'You are attempting to modify a pull request based on out-of-date information.',
      );
    }
    change(pull);
    pull.version += 1;
    return { status: 200, body: tell(pull) };
  };
  const one = new RegExp(`${SERVER}/(\\d+)`);
  return [
    {
      method: 'GET',
      path: new RegExp(SERVER),
      query: ['at', 'direction', 'state', 'order', 'limit'],
      answer: ({ query }) => {
        const values = forge.pulls
          .filter(({ head }) => `refs/heads/${head}` === query.get('at'))
          .reverse()
          .map(tell);
        return {
          status: 200,
          body: { values, size: values.length, isLastPage: true },
        };
      },
    },
    {
      method: 'POST',
      path: new RegExp(SERVER),
      body: newServerPull,
      answer: ({ body }) => {
        const wanted = newServerPull.parse(body);
        const opened = forge.open({
          head: wanted.fromRef.id.replace('refs/heads/', ''),
          base: wanted.toRef.id.replace('refs/heads/', ''),
          title: wanted.title,
          body: wanted.description,
          draft: wanted.draft,
        });
        return opened
          ? { status: 201, body: tell(opened) }
          : serverError(
              409,
              'pull.DuplicatePullRequestException',
              'Only one pull request may be open for a given source and target branch',
            );
      },
    },
    {
      method: 'GET',
      path: one,
      answer: ({ groups: [number] }) => {
        const pull = forge.find(Number(number));
        return pull
          ? { status: 200, body: tell(pull) }
          : serverError(404, 'NoSuchPullRequestException', 'not there');
      },
    },
    {
      method: 'PUT',
      path: one,
      body: serverEdit,
      answer: ({ groups: [number], body }) => {
        const wanted = serverEdit.parse(body);
        return atVersion(number, wanted.version, pull => {
          pull.title = wanted.title;
          pull.body = wanted.description;
          pull.reviewers = wanted.reviewers.map(({ user }) => user.name);
        });
      },
    },
    {
      method: 'POST',
      path: new RegExp(`${SERVER}/(\\d+)/decline`),
      query: ['version'],
      body: z.strictObject({}),
      answer: ({ groups: [number], query }) =>
        atVersion(number, query.get('version'), pull => {
          pull.state = 'closed';
        }),
    },
    {
      method: 'POST',
      path: new RegExp(`${SERVER}/(\\d+)/merge`),
      query: ['version'],
      body: autoMerge,
      answer: ({ groups: [number], query, body }) =>
        atVersion(number, query.get('version'), pull => {
          pull.autoMerge = METHODS[String(body.strategyId)];
        }),
    },
    {
      method: 'DELETE',
      path: new RegExp(`${SERVER}/(\\d+)/auto-merge`),
      answer: ({ groups: [number] }) => {
        const pull = forge.find(Number(number));
        if (pull) {
          pull.autoMerge = undefined;
        }
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      path: new RegExp(`${SERVER}/(\\d+)/comments`),
      body: z.strictObject({ text }),
      answer: ({ groups: [number], body }) => {
        forge.find(Number(number))?.comments.push(String(body.text));
        return { status: 201, body: { id: 1, version: 0, text: body.text } };
      },
    },
  ];
}
