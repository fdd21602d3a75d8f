import { createHash } from 'node:crypto';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  BranchMovedError,
  type Forge,
  ForgeError,
  type ForgePullRequest,
  forgeCapabilities,
} from 'backstage-plugin-image-scan-node';
import { openStores } from '../__testUtils__/stores';
import { DatabasePullRequestStore } from '../database/DatabasePullRequestStore';
import type { ProposedValue } from '../model/pullRequestLife';
import { PullRequestKeeper, type PullRequestTask } from './PullRequestKeeper';

jest.setTimeout(120_000);

const BRANCH = 'image-scan/repo';
const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

class Crash extends Error {}

/** A forge, a git repository and people, in memory; each call may be the last. */
class World {
  base = 'main';
  baseTag = '1.0';
  blob = 'blob-1';
  tag = '1.1';
  isWindowOpen = true;
  head?: string;
  pulls: ForgePullRequest[] = [];
  comments: string[] = [];
  declined: string[] = [];
  released: string[] = [];
  problems: string[] = [];
  commits = new Set<string>();
  pushes = 0;
  calls = 0;
  /** The call after which everything ends. */
  crashAfter = Infinity;
  /** Whether that call still does what it is for. */
  crashesLate = false;
  failing?: keyof Forge;
  autoMerge: boolean = false;

  get pull(): ForgePullRequest {
    return this.pulls[this.pulls.length - 1];
  }

  value(to: string): ProposedValue {
    return {
      scanId: 'redis',
      file: 'redis.yaml',
      form: 'tag',
      from: this.baseTag,
      to,
    };
  }

  /** Does something outside, and may crash before or after it. */
  async act<T>(work: () => T): Promise<T> {
    this.calls += 1;
    const crashes = this.calls >= this.crashAfter;
    if (crashes && !this.crashesLate) {
      throw new Crash();
    }
    const result = work();
    if (crashes) {
      throw new Crash();
    }
    return result;
  }

  task(): PullRequestTask {
    const wanted = () =>
      this.tag === this.baseTag || this.declined.includes(this.tag)
        ? []
        : [this.value(this.tag)];
    return {
      gitRepo: 'repo',
      branch: BRANCH,
      wishes: {
        labels: ['image'],
        reviewers: ['ada'],
        autoMerge: 'squash',
        draft: false,
      },
      forge: this.#forge(),
      remote: {
        branchHead: async () => this.head,
        deleteBranch: async (_, expected) =>
          this.act(() => {
            if (this.head !== undefined && this.head !== expected) {
              throw new BranchMovedError('remote', BRANCH);
            }
            this.head = undefined;
          }),
      },
      look: async () => ({
        base: this.base,
        wanted: wanted(),
        blobOf: () => this.blob,
        baseOf: ({ to }) => (to === this.baseTag ? 'same' : 'old'),
        isForbidden: ({ to }) => this.declined.includes(to),
        isWindowOpen: this.isWindowOpen,
      }),
      build: async values => {
        const commit = createHash('sha1')
          .update(JSON.stringify([values, this.blob, this.base]))
          .digest('hex');
        return {
          commit,
          blobs: new Map([['redis.yaml', this.blob]]),
          push: expected =>
            this.act(() => {
              if (this.head !== expected && this.head !== commit) {
                throw new BranchMovedError('remote', BRANCH);
              }
              this.pushes += 1;
              this.head = commit;
              this.commits.add(commit);
            }),
        };
      },
      textOf: ([value]) => ({
        title: `Update to ${value?.to}`,
        body: `| ${value?.to} |`,
      }),
      decline: values =>
        this.act(() => {
          this.declined.push(...values.map(({ to }) => to));
        }),
      release: values =>
        this.act(() => {
          const tags = values.map(({ to }) => to);
          this.released.push(...tags);
          this.declined = this.declined.filter(tag => !tags.includes(tag));
        }),
      onProblem: message => this.problems.push(message),
    };
  }

  #forge(): Forge {
    const call =
      <T>(name: keyof Forge, work: () => T) =>
      async (): Promise<T> =>
        this.act(() => {
          if (this.failing === name) {
            throw new ForgeError('forbidden', `${name} is forbidden`);
          }
          return work();
        });
    const edit = (number: number, change: Partial<ForgePullRequest>) => {
      this.pulls = this.pulls.map(pull =>
        pull.number === number ? { ...pull, ...change } : pull,
      );
    };
    return {
      capabilities: forgeCapabilities('github'),
      find: async ({ base }) =>
        this.pulls.filter(pull => pull.base === base).reverse(),
      create: ({ title, body, base }) =>
        call('create', () => {
          if (this.pulls.some(({ state }) => state === 'open')) {
            throw new ForgeError('exists', 'one is open');
          }
          const number = this.pulls.length + 1;
          const pull: ForgePullRequest = {
            ...{ number, title, body, base },
            url: `https://forge.example/${number}`,
            state: 'open',
            isDraft: false,
          };
          this.pulls.push(pull);
          return pull;
        })(),
      update: ({ number }, text) => call('update', () => edit(number, text))(),
      close: ({ number }) =>
        call('close', () => edit(number, { state: 'closed' }))(),
      comment: (_, text) =>
        call('comment', () => {
          this.comments.push(text);
        })(),
      addLabels: () => call('addLabels', () => {})(),
      requestReviewers: () => call('requestReviewers', () => {})(),
      enableAutoMerge: () =>
        call('enableAutoMerge', () => {
          this.autoMerge = true;
        })(),
      cancelAutoMerge: () =>
        call('cancelAutoMerge', () => {
          this.autoMerge = false;
        })(),
    };
  }
}

async function start() {
  const { knex } = await openStores(databases, 'SQLITE_3');
  const store = new DatabasePullRequestStore(knex);
  const world = new World();
  const keep = () => new PullRequestKeeper({ store }).keep(world.task());
  const current = () => store.current('repo', BRANCH);
  return { world, keep, current };
}

it('opens one, leaves it alone, and updates it where a newer tag comes', async () => {
  const { world, keep, current } = await start();
  const { step, pullRequest } = await keep();
  expect(step).toEqual({ do: 'nothing', because: 'up-to-date' });
  expect(pullRequest).toMatchObject({ state: 'open', number: 1 });
  expect(world.pull).toMatchObject({ title: 'Update to 1.1', state: 'open' });
  expect(world.autoMerge).toBe(true);
  const { calls } = world;
  await keep();
  expect(world.calls).toBe(calls);

  world.tag = '1.2';
  await keep();
  expect(world.pulls).toHaveLength(1);
  expect(world.pull.title).toBe('Update to 1.2');
  expect(world.pushes).toBe(2);
  world.blob = 'blob-2';
  await keep();
  expect(world.pushes).toBe(3);
  expect((await current())?.values).toEqual([world.value('1.2')]);
});

it('leaves a title that a person edited', async () => {
  const { world, keep } = await start();
  await keep();
  world.pulls[0] = { ...world.pull, title: 'Mine' };
  world.tag = '1.2';
  await keep();
  expect(world.pull).toMatchObject({ title: 'Mine', body: '| 1.2 |' });
});

it('declines what a person closed, and proposes a newer one', async () => {
  const { world, keep } = await start();
  await keep();
  world.pulls[0] = { ...world.pull, state: 'closed', closedBy: 'ada' };
  expect((await keep()).step).toEqual({
    do: 'nothing',
    because: 'nothing-wanted',
  });
  expect(world.declined).toEqual(['1.1']);
  expect(world.pulls).toHaveLength(1);
  world.tag = '1.2';
  await keep();
  expect(world.pulls.map(({ state }) => state)).toEqual(['closed', 'open']);
  expect(world.declined).toEqual(['1.1']);
});

it('proposes again what a person opened again', async () => {
  const { world, keep } = await start();
  await keep();
  world.pulls[0] = { ...world.pull, state: 'closed' };
  await keep();
  world.pulls[0] = { ...world.pull, state: 'open' };
  await keep();
  expect(world.released).toEqual(['1.1']);
  expect(world.pulls).toHaveLength(1);
  expect(world.pull.state).toBe('open');
});

it('records a merge, deletes the branch, and begins anew', async () => {
  const { world, keep, current } = await start();
  await keep();
  world.pulls[0] = { ...world.pull, state: 'merged', mergeCommit: 'm' };
  world.baseTag = '1.1';
  await keep();
  expect(world.head).toBeUndefined();
  expect(world.declined).toEqual([]);
  expect(await current()).toMatchObject({ state: 'merged', mergeCommit: 'm' });
  world.tag = '1.2';
  await keep();
  expect(world.pulls.map(({ state }) => state)).toEqual(['merged', 'open']);
});

it('closes what is superseded, with a word', async () => {
  const { world, keep, current } = await start();
  await keep();
  world.baseTag = '1.1';
  await keep();
  expect(world.pull.state).toBe('closed');
  expect(world.comments).toEqual([expect.stringContaining('Superseded')]);
  expect(world.declined).toEqual([]);
  expect(world.head).toBeUndefined();
  expect(await current()).toMatchObject({ state: 'closed' });
});

it('never touches what a person committed, and tells of a newer tag once', async () => {
  const { world, keep } = await start();
  await keep();
  world.head = 'theirs';
  world.tag = '1.2';
  for (let round = 0; round < 3; round += 1) {
    expect((await keep()).step).toMatchObject({ do: 'leave' });
  }
  expect(world.head).toBe('theirs');
  expect(world.comments).toEqual([expect.stringContaining('`1.2`')]);
});

it('stops the merge of what others edited where it is held', async () => {
  const { world, keep } = await start();
  await keep();
  world.head = 'theirs';
  world.declined = ['1.1'];
  await keep();
  expect(world.autoMerge).toBe(false);
  const { calls } = world;
  await keep();
  expect(world.calls).toBe(calls);
});

it('opens one although labels, reviewers or auto-merge are refused', async () => {
  for (const failing of [
    'addLabels',
    'requestReviewers',
    'enableAutoMerge',
  ] as const) {
    const { world, keep } = await start();
    world.failing = failing;
    expect((await keep()).pullRequest).toMatchObject({ state: 'open' });
    expect(world.problems).toEqual([`${failing} is forbidden`]);
  }
});

it('tells that it may open none, and opens it when it may', async () => {
  const { world, keep, current } = await start();
  world.failing = 'create';
  await expect(keep()).rejects.toThrow('create is forbidden');
  expect(await current()).toMatchObject({ state: 'pushed' });
  world.failing = undefined;
  await keep();
  expect(world.pulls).toHaveLength(1);
  expect(world.pushes).toBe(1);
});

it('closes and begins anew where another base is written', async () => {
  const { world, keep } = await start();
  await keep();
  world.base = 'release';
  await keep();
  expect(world.pulls.map(({ base, state }) => [base, state])).toEqual([
    ['main', 'closed'],
    ['release', 'open'],
  ]);
});

describe('a crash', () => {
  /** One life: opened, updated, superseded. */
  const life = async (
    { world, keep }: Awaited<ReturnType<typeof start>>,
    crashAt: number,
  ) => {
    const survive = async () => {
      try {
        await keep();
      } catch (error) {
        if (!(error instanceof Crash)) {
          throw error;
        }
        world.crashAfter = Infinity;
        await keep();
      }
    };
    world.crashAfter = crashAt;
    await survive();
    world.tag = '1.2';
    await survive();
    expect(world.pulls).toHaveLength(1);
    expect(world.pull).toMatchObject({ state: 'open', title: 'Update to 1.2' });
    expect(world.commits.size).toBe(2);
    world.baseTag = '1.2';
    await survive();
    expect(world.pulls).toHaveLength(1);
    expect(world.pull.state).toBe('closed');
    expect(world.declined).toEqual([]);
    expect(world.head).toBeUndefined();
  };

  it('at any call leaves one branch, one pull request and one commit for each', async () => {
    const whole = await start();
    await life(whole, Infinity);
    const { calls } = whole.world;
    expect(calls).toBeGreaterThan(8);
    for (const crashesLate of [false, true]) {
      for (let crashAt = 1; crashAt <= calls; crashAt += 1) {
        const one = await start();
        one.world.crashesLate = crashesLate;
        await life(one, crashAt);
      }
    }
  });
});
