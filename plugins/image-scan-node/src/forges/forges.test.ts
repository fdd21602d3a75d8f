import { createHttpTransport } from '../http';
import type { HttpTransport } from '../http';
import { DIALECTS } from './__testUtils__/dialects';
import type { Dialect } from './__testUtils__/dialects';
import {
  FakeForge,
  HEAD_COMMIT,
  MERGE_COMMIT,
} from './__testUtils__/FakeForge';
import { createForge, ForgePauses } from '.';
import type { Forge, ForgePullRequest } from '.';

const TOKEN = 'Bearer top-secret-token';
const HEAD = 'image-scan/my-repo';
const BASE = 'release/2026';

const noProxy = process.env.NO_PROXY;
let fake: FakeForge;
let transport: HttpTransport;

beforeAll(() => {
  process.env.NO_PROXY = '*';
});

afterAll(() => {
  if (noProxy === undefined) {
    delete process.env.NO_PROXY;
  } else {
    process.env.NO_PROXY = noProxy;
  }
});

async function start(dialect: Dialect): Promise<Forge> {
  fake = await FakeForge.start(dialect.routes);
  transport = createHttpTransport({
    hosts: [{ host: fake.host, insecure: true }],
  });
  return createForge({
    type: dialect.type,
    repo: `${fake.url}${dialect.repo}`,
    apiBaseUrl: `${fake.url}${dialect.api}`,
    authorization: async () => TOKEN,
    transport,
    pauses: new ForgePauses(),
  });
}

afterEach(async () => {
  transport.close();
  await fake.stop();
  if (fake.faults.length > 0) {
    throw new Error(`No forge would take this: ${fake.faults.join('; ')}`);
  }
});

const text = { title: 'Update redis', body: '| a |\n| --- |\n| `b` |' };
const branches = { head: HEAD, base: BASE };

async function opened(forge: Forge, draft = false): Promise<ForgePullRequest> {
  return forge.create({ ...branches, ...text, draft });
}

/** The kinds of forge that can do something. */
const those = (can: (forge: Forge['capabilities']) => boolean) =>
  DIALECTS.filter(({ type, routes }) => {
    const forge = createForge({
      type,
      repo: 'https://dev.azure.com/scm/a/_git/b',
      apiBaseUrl: 'https://forge.example',
      authorization: async () => undefined,
      transport: { request: () => Promise.reject(routes), close: () => {} },
      pauses: new ForgePauses(),
    });
    return can(forge.capabilities);
  });

describe.each(DIALECTS)('$type', dialect => {
  it('opens a pull request, finds it and sends the credential each time', async () => {
    const forge = await start(dialect);
    expect(await forge.find(branches)).toEqual([]);
    const created = await opened(forge);
    expect(created).toMatchObject({
      number: 1,
      state: 'open',
      isDraft: false,
      base: BASE,
      ...text,
    });
    expect(created.url).toContain(fake.host);
    expect(HEAD_COMMIT).toContain(created.headCommit);
    expect(await forge.find({ ...branches, number: 1 })).toEqual([created]);
    expect(await forge.find(branches)).toEqual([created]);
    expect(await forge.find({ ...branches, head: 'other' })).toEqual([]);
    expect(await forge.find({ ...branches, base: 'other' })).toEqual([]);
    expect(
      fake.requests.every(({ authorization }) => authorization === TOKEN),
    ).toBe(true);
  });

  it('says of a second one that one is open', async () => {
    const forge = await start(dialect);
    await opened(forge);
    await expect(opened(forge)).rejects.toMatchObject({
      // Bitbucket Cloud has no word for it.
      category: dialect.type === 'bitbucketCloud' ? 'refused' : 'exists',
    });
    expect(fake.pulls).toHaveLength(1);
  });

  it('changes title and body and leaves a draft one', async () => {
    const forge = await start(dialect);
    const draft = await opened(forge, true);
    expect(draft).toMatchObject({ isDraft: true, title: text.title });
    await forge.update(draft, { title: 'Update two', body: 'other' });
    expect(fake.pulls).toMatchObject([
      { title: 'Update two', body: 'other', draft: true, state: 'open' },
    ]);
    const [found] = await forge.find({ ...branches, number: 1 });
    expect(found).toMatchObject({
      title: 'Update two',
      body: 'other',
      isDraft: true,
    });
  });

  it('comments, closes, and finds it closed or merged', async () => {
    const forge = await start(dialect);
    const pullRequest = await opened(forge);
    await forge.comment(pullRequest, 'superseded');
    await forge.close(pullRequest);
    expect(fake.pulls).toMatchObject([
      { comments: ['superseded'], state: 'closed' },
    ]);
    const [closed] = await forge.find({ ...branches, number: 1 });
    expect(closed).toMatchObject({ number: 1, state: 'closed' });
    expect(closed.mergeCommit).toBeUndefined();

    const next = await opened(forge);
    expect(next.number).toBe(2);
    fake.pulls[1].state = 'merged';
    const [merged] = await forge.find({ ...branches, number: 2 });
    expect(merged).toMatchObject({ number: 2, state: 'merged' });
    expect(merged.mergeCommit).toBeTruthy();
    expect(MERGE_COMMIT).toContain(merged.mergeCommit);
  });

  it('opens another one after one was closed', async () => {
    const forge = await start(dialect);
    await forge.close(await opened(forge));
    await opened(forge);
    const states = (await forge.find({ ...branches, number: 1 })).map(
      ({ number, state }) => `${number} ${state}`,
    );
    expect(states[0]).toBe('2 open');
  });
});

describe.each(those(({ labels }) => labels))('labels of $type', dialect => {
  it('are added, unknown ones too, and those of people stay', async () => {
    const forge = await start(dialect);
    const pullRequest = await opened(forge);
    await forge.addLabels(pullRequest, ['bug']);
    await forge.addLabels(pullRequest, ['image update', 'dependencies']);
    expect(fake.pulls[0].labels).toEqual([
      'bug',
      'image update',
      'dependencies',
    ]);
  });
});

describe.each(those(({ reviewers }) => reviewers.includes('user')))(
  'reviewers of $type',
  dialect => {
    it('are asked by name, and those that are there stay', async () => {
      const forge = await start(dialect);
      const pullRequest = await opened(forge);
      await forge.requestReviewers(pullRequest, ['alice']);
      const hasTeams = forge.capabilities.reviewers.includes('team');
      const more = hasTeams ? ['bob', 'team:ops'] : ['bob'];
      await forge.requestReviewers(pullRequest, more);
      expect(fake.pulls[0].reviewers).toEqual(['alice', ...more]);
      await forge.update(pullRequest, text);
      expect(fake.pulls[0].reviewers).toEqual(['alice', ...more]);
    });
  },
);

describe.each(those(({ autoMerge }) => autoMerge.length > 0))(
  'auto-merge of $type',
  dialect => {
    it('is turned on with each method, and off', async () => {
      const forge = await start(dialect);
      const pullRequest = await opened(forge);
      for (const method of forge.capabilities.autoMerge) {
        await forge.enableAutoMerge(pullRequest, method);
        expect(fake.pulls[0].autoMerge).toBe(method);
        await forge.cancelAutoMerge(pullRequest);
        expect(fake.pulls[0].autoMerge).toBeUndefined();
      }
    });
  },
);

const dialectOf = (type: string) =>
  DIALECTS.find(dialect => dialect.type === type) ?? DIALECTS[0];

it('keeps the reviewers of Bitbucket Cloud, who would be taken away', async () => {
  const forge = await start(dialectOf('bitbucketCloud'));
  const pullRequest = await opened(forge);
  await forge.update(pullRequest, text);
  expect(fake.pulls[0].reviewers).toEqual(['{reviewer}']);
});

it('says what Bitbucket Cloud has not', async () => {
  const forge = await start(dialectOf('bitbucketCloud'));
  const pullRequest = await opened(forge);
  const calls = [
    forge.addLabels(pullRequest, ['a']),
    forge.requestReviewers(pullRequest, ['a']),
    forge.enableAutoMerge(pullRequest, 'merge'),
    forge.cancelAutoMerge(pullRequest),
  ];
  for (const call of calls) {
    await expect(call).rejects.toMatchObject({ category: 'unsupported' });
  }
});

it('changes a pull request of Data Center that was changed meanwhile', async () => {
  const forge = await start(dialectOf('bitbucketServer'));
  const pullRequest = await opened(forge);
  let rivals = 2;
  fake.beforeAnswer = ({ method }) => {
    if (method === 'PUT' && rivals > 0) {
      rivals -= 1;
      fake.pulls[0].version += 1;
    }
  };
  await forge.update(pullRequest, { title: 'later', body: '' });
  expect(fake.pulls[0].title).toBe('later');
  rivals = 3;
  await expect(forge.update(pullRequest, text)).rejects.toMatchObject({
    category: 'stale',
  });
});

it('finds a pull request of Gitea on the second page, and by its number at once', async () => {
  const forge = await start(dialectOf('gitea'));
  await opened(forge);
  for (let other = 0; other < 60; other += 1) {
    fake.open({
      head: `b${other}`,
      base: BASE,
      title: '',
      body: '',
      draft: false,
    });
  }
  expect(await forge.find(branches)).toMatchObject([{ number: 1 }]);
  expect(fake.requests).toHaveLength(3);
  expect(await forge.find({ ...branches, number: 1 })).toHaveLength(1);
  expect(fake.requests).toHaveLength(4);
});

it('names a reviewer whom GitLab does not know', async () => {
  const forge = await start(dialectOf('gitlab'));
  const pullRequest = await opened(forge);
  await expect(
    forge.requestReviewers(pullRequest, ['nobody']),
  ).rejects.toMatchObject({
    category: 'not-found',
    message: expect.stringContaining('"nobody"'),
  });
});

it('tells the errors that GraphQL has in an answer of success', async () => {
  const forge = await start(dialectOf('github'));
  const draft = await opened(forge, true);
  await expect(forge.enableAutoMerge(draft, 'squash')).rejects.toMatchObject({
    category: 'refused',
    message: expect.stringContaining('draft state'),
  });
});
