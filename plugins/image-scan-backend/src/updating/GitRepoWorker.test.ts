import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  BranchMovedError,
  BranchNotFoundError,
  GitUnreachableError,
  PushRefusedError,
  type GitBetween,
  type GitCommit,
  type GitHead,
  type GitRemote,
  type GitSnapshot,
} from 'backstage-plugin-image-scan-node';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { DIGEST, openStores } from '../__testUtils__/stores';
import { LEASE_RENEWAL_MS } from '../database/leases';
import { GitRepoWorker } from './GitRepoWorker';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const definition = aGitRepo('repo');
const oid = (digit: number) => `${digit}`.repeat(40);

/** A repository in memory whose head tests move. */
class FakeRemote implements GitRemote {
  readonly pushLimit = 600_000;
  at: GitHead = { branch: 'main', commit: oid(1) };
  tag = '1.0.0';
  opens = 0;
  pushes = 0;
  /** What becomes of a push. */
  onPush: () => Promise<void> = async () => {};
  readonly contained = new Set<string>();

  head = async () => ({ ...this.at });

  /** What came between any two commits. */
  between: GitBetween = { isBehind: true, commits: [] };

  commitsBetween = async (_before: string, _after: string) => this.between;

  contains = async (commit: string) => this.contained.has(commit);

  branchHead = async () => undefined;

  deleteBranch = async () => {};

  open = async (): Promise<GitSnapshot> => {
    this.opens += 1;
    const head = { ...this.at };
    const files = [
      [
        'imagescans.yaml',
        'imageScans:\n- {tagName: web, image: reg.example.com/web}\n',
      ],
      ['web.yaml', `v: ${this.tag} # {"$imagescan": "web:tag"}\n`],
    ].map(([path, content], index) => ({
      path,
      oid: oid(index),
      executable: false,
      content: Buffer.from(content),
    }));
    return {
      head,
      files: async () => files,
      read: async file => files.find(each => each.path === file.path)!.content,
      find: async () => files,
      commit: async (): Promise<GitCommit> => ({
        oid: oid(this.pushes + 5),
        parent: head.commit,
        branch: head.branch,
        changedPaths: ['web.yaml'],
      }),
      push: async commit => {
        this.pushes += 1;
        await this.onPush();
        this.at = { branch: 'main', commit: commit.oid };
      },
      pushTo: async () => {},
      close: async () => {},
    };
  };
}

async function start(spec: Record<string, unknown> = {}) {
  const configured = aGitRepo('repo', spec);
  const stores = await openStores(databases, 'SQLITE_3');
  await stores.configure('repo');
  const remote = new FakeRemote();
  const logger = mockServices.logger.mock();
  const worker = new GitRepoWorker({
    ...stores,
    definitions: new Map([['repo', configured]]),
    remotes: new Map([['repo', remote]]),
    credentialKeyOf: () => 'key',
    auditor: mockServices.auditor.mock({
      createEvent: jest.fn().mockResolvedValue({
        success: jest.fn().mockResolvedValue(undefined),
        fail: jest.fn().mockResolvedValue(undefined),
      }),
    }),
    logger,
    onSynced: () => {},
  });
  await worker.sync(configured);
  const [{ id }] = await stores.knex('image_scans');
  const found = async (tag: string) => {
    const now = Date.now();
    await stores.scan(id, tag, now);
  };
  const run = async () => {
    const claim = await stores.claim('repo', Date.now());
    await worker.run(claim, new AbortController().signal);
  };
  return { ...stores, worker, remote, logger, found, run };
}

describe('GitRepoWorker', () => {
  it('opens nothing where all that could be written is held', async () => {
    const { knex, remote, found, run } = await start();
    await found('0.9.0');
    const row = await knex('image_scans').first();
    expect(row).toMatchObject({ state: 'held', latest_digest: DIGEST });
    await knex('git_repos').update({ update_requested_at: Date.now() });
    const { opens } = remote;
    await run();
    expect(remote.opens).toBe(opens);
    expect((await knex('git_repos').first()).update_requested_at).toBeNull();
  });

  it('redoes a lost race at once, and keeps the one that was written', async () => {
    const { remote, found, run, updates } = await start();
    await found('1.1.0');
    remote.onPush = async () => {
      if (remote.pushes < 3) {
        remote.at = { branch: 'main', commit: oid(remote.pushes + 1) };
        throw new BranchMovedError('remote', 'main');
      }
    };
    await run();
    expect(remote.pushes).toBe(3);
    expect(await updates.announced('repo')).toEqual([]);
    const listed = await updates.list(
      { gitRepos: ['repo'] },
      { limit: 9, offset: 0 },
    );
    expect(listed.items.map(({ commit }) => commit)).toEqual([oid(7)]);
  });

  it('settles a push of its own that came first before it looks again', async () => {
    const { knex, remote, found, run, updates } = await start();
    await found('1.1.0');
    remote.onPush = async () => {
      throw new GitUnreachableError('broken off');
    };
    await run();
    const [late] = await updates.announced('repo');
    const { open, contains } = remote;
    const openAtEachLook: number[] = [];
    remote.open = async () => {
      openAtEachLook.push((await updates.announced('repo')).length);
      return open();
    };
    remote.contains = async commit => {
      await sleep(100);
      return contains(commit);
    };
    remote.onPush = async () => {
      remote.contained.add(late.commit);
      remote.at = { branch: 'main', commit: late.commit };
      remote.tag = '1.1.0';
      throw new BranchMovedError('remote', 'main');
    };
    const { pushes } = remote;
    await knex('git_repos').update({ update_not_before: null });
    await run();
    expect(remote.pushes).toBe(pushes + 1);
    expect(openAtEachLook).toEqual([1, 0]);
    const listed = await updates.list(
      { gitRepos: ['repo'] },
      { limit: 9, offset: 0 },
    );
    expect(listed.items.map(({ commit }) => commit)).toEqual([late.commit]);
  });

  it('waits as after any failure where the branch has not moved', async () => {
    const { knex, remote, found, run, updates } = await start();
    await found('1.1.0');
    remote.onPush = async () => {
      throw new BranchMovedError('remote', 'main');
    };
    await run();
    expect(remote.pushes).toBe(1);
    const row = await knex('git_repos').first();
    expect(row.update_error).toContain('as if the branch had moved');
    expect(row.update_not_before).toBeGreaterThan(Date.now() + 10_000);
    expect(await updates.announced('repo')).toEqual([]);
    expect(await knex('branch_locks')).toEqual([]);
  });

  it('waits for the window, which binds no person', async () => {
    const imageScanWindow = { timeZone: 'UTC', deny: ['mon-sun'] };
    const { worker, remote, found, run, gitRepos } = await start({
      imageScanWindow,
    });
    await found('1.1.0');
    await run();
    expect(remote.pushes).toBe(0);
    const waiting = await gitRepos.get('repo');
    expect(waiting?.updateRequestedAt).toBeDefined();
    expect(waiting?.updateNotBefore).toBeGreaterThan(Date.now() + 60_000);
    // Not looked at again and again meanwhile.
    expect(await worker.claim({ limit: 1, running: [] })).toEqual([]);
    const ada = { initiator: 'user:default/ada' };
    await worker.update(aGitRepo('repo', { imageScanWindow }), ada);
    expect(remote.pushes).toBe(1);
  });

  it('names the person who asked in the commit', async () => {
    const { worker, found } = await start();
    await found('1.1.0');
    const ada = 'user:default/ada';
    const request = { initiator: ada, person: ada, message: 'go {{ count }}' };
    const { message, planHash } = await worker.preview(definition, request);
    expect(message).toBe('go 1\n\nRequested-by: user:default/ada');
    // As a dialog sends it, where it was edited.
    const edited = { ...request, message, plan: planHash };
    const { update } = await worker.update(definition, edited);
    expect(update).toMatchObject({ message, initiator: ada });
  });

  it('renews the lock of the branch while a push takes long', async () => {
    const { knex, remote, found, worker, gitRepos } = await start();
    await found('1.1.0');
    const renewBranch = jest.spyOn(gitRepos, 'renewBranch');
    // The clock of everything else goes on.
    const intervals = jest.spyOn(global, 'setInterval');
    remote.onPush = async () => {
      const renewals = intervals.mock.calls.filter(
        ([, time]) => time === LEASE_RENEWAL_MS,
      );
      // One for the git repo, one for the branch.
      expect(renewals).toHaveLength(2);
      renewals.forEach(([renew]) => renew());
      await sleep(100);
    };
    const { update } = await worker.update(definition, { initiator: 'user' });
    intervals.mockRestore();
    expect(update?.commit).toBe(oid(5));
    expect(renewBranch).toHaveBeenCalledTimes(1);
    await expect(renewBranch.mock.results[0].value).resolves.toBe(true);
    expect(await knex('branch_locks')).toEqual([]);
    expect(await knex('git_repos').whereNotNull('lease_token')).toEqual([]);
  });

  it('ends a write whose branch was taken over, and leaves its note', async () => {
    const { knex, remote, found, worker, gitRepos } = await start();
    await found('1.1.0');
    jest.spyOn(gitRepos, 'renewBranch').mockResolvedValue(false);
    const intervals = jest.spyOn(global, 'setInterval');
    remote.onPush = async () => {
      intervals.mock.calls
        .filter(([, time]) => time === LEASE_RENEWAL_MS)
        .forEach(([renew]) => renew());
      await sleep(100);
      throw new Error('interrupted');
    };
    await expect(
      worker.update(definition, { initiator: 'user' }),
    ).rejects.toThrow('Another replica has taken this work over');
    intervals.mockRestore();
    expect(await knex('branch_locks')).toEqual([]);
    expect(await knex('updates').pluck('status')).toEqual(['announced']);
  });

  describe('decisions', () => {
    /** 1.1.0 was written and 1.2.0 was found since. */
    const waiting = async () => {
      const started = await start();
      await started.found('1.1.0');
      started.remote.onPush = async () => {
        started.remote.tag = '1.1.0';
      };
      await started.run();
      expect(started.remote.pushes).toBe(1);
      started.remote.onPush = async () => {};
      await started.knex('git_repos').update({ update_not_before: null });
      await started.found('1.2.0');
      return started;
    };
    const wentBack = (remote: FakeRemote) => {
      remote.tag = '1.0.0';
      remote.at = { branch: 'main', commit: oid(9) };
    };

    it('leave what went back in git while an update waited', async () => {
      const { remote, run, decisions } = await waiting();
      wentBack(remote);
      await run();
      expect(remote.pushes).toBe(1);
      const now = Date.now();
      expect(await decisions.binding('repo', now)).toMatchObject([
        { kind: 'rollback', rollback: { headAfter: oid(9) } },
      ]);
    });

    describe('name who went back', () => {
      const note = (digit: number, author: string, reverts: string[] = []) => ({
        oid: oid(digit),
        author,
        subject: 'Back to 1.0.0',
        reverts,
      });
      const ada = {
        commit: oid(9),
        author: 'Ada',
        subject: 'Back to 1.0.0',
      };

      it.each<[string, (update: string) => GitBetween, object]>([
        [
          'the only commit',
          () => ({ isBehind: true, commits: [note(9, 'Ada')] }),
          ada,
        ],
        [
          'the only commit beside an update',
          update => ({
            isBehind: true,
            commits: [note(9, 'Ada'), { ...note(8, 'Bot'), oid: update }],
          }),
          ada,
        ],
        [
          'the one that reverts an update',
          update => ({
            isBehind: true,
            commits: [
              note(8, 'Grace', [oid(7)]),
              note(9, 'Ada', [update]),
              note(7, 'Bob'),
            ],
          }),
          ada,
        ],
        [
          'nobody among several',
          () => ({ isBehind: true, commits: [note(8, 'Ada'), note(9, '')] }),
          {},
        ],
        ['nobody too far away', () => ({ commits: [] }), {}],
        [
          'nobody where the branch was moved',
          () => ({ isBehind: false, commits: [] }),
          { isBranchMoved: true },
        ],
      ])('%s', async (_, between, expected) => {
        const { remote, run, decisions, updates } = await waiting();
        const [update] = (
          await updates.list({ gitRepos: ['repo'] }, { limit: 9, offset: 0 })
        ).items;
        const before = remote.at.commit;
        const asked = jest.spyOn(remote, 'commitsBetween');
        remote.between = between(update.commit);
        wentBack(remote);
        await run();
        expect(asked.mock.calls).toMatchObject([[before, oid(9), {}]]);
        const [made] = await decisions.binding('repo', Date.now());
        const { places, headBefore, headAfter, ...maker } = made.rollback!;
        expect({ places, headBefore, headAfter }).toMatchObject({
          places: [{ before: '1.1.0', after: '1.0.0' }],
          headBefore: before,
          headAfter: oid(9),
        });
        expect(maker).toEqual(expected);
      });

      it('while a push was under way', async () => {
        const { remote, run, decisions } = await waiting();
        remote.between = { isBehind: true, commits: [note(9, 'Ada')] };
        remote.onPush = async () => {
          wentBack(remote);
          throw new BranchMovedError('remote', 'main');
        };
        await run();
        expect(await decisions.binding('repo', Date.now())).toMatchObject([
          { rollback: ada },
        ]);
      });

      it('or leave it open where git does not tell', async () => {
        const { remote, run, decisions, logger, gitRepos } = await waiting();
        remote.commitsBetween = async () => {
          throw new GitUnreachableError('no route');
        };
        wentBack(remote);
        await run();
        expect(logger.warn).toHaveBeenCalledWith(
          expect.stringMatching(
            /^Failed to find out who rolled back in git repo repo, .*: no route$/,
          ),
        );
        expect((await gitRepos.get('repo'))?.syncFailure).toBeUndefined();
        const [made] = await decisions.binding('repo', Date.now());
        expect(made.rollback).toMatchObject({ headAfter: oid(9) });
        expect(made.rollback).not.toHaveProperty('commit');
      });
    });

    it('leave what went back while a push was under way', async () => {
      const { remote, run, decisions, updates } = await waiting();
      remote.onPush = async () => {
        wentBack(remote);
        throw new BranchMovedError('remote', 'main');
      };
      await run();
      expect(remote.pushes).toBe(2);
      expect(remote.tag).toBe('1.0.0');
      expect(await updates.announced('repo')).toEqual([]);
      expect(await decisions.binding('repo', Date.now())).toHaveLength(1);
    });

    it('bind a person, who sees them before they are stored', async () => {
      const { remote, worker, decisions } = await waiting();
      wentBack(remote);
      const ada = { initiator: 'user:default/ada' };
      const { plan } = await worker.preview(definition, ada);
      expect(plan.changes).toEqual([]);
      expect(plan.problems).toMatchObject([
        { message: expect.stringMatching('rolled back in git from 1.1.0 to') },
      ]);
      expect(await decisions.binding('repo', Date.now())).toEqual([]);
      const downgrade = { ...ada, allowDowngrade: true };
      const { update } = await worker.update(definition, downgrade);
      expect(update).toBeUndefined();
      expect(await decisions.binding('repo', Date.now())).toHaveLength(1);
    });

    it('are released with the commit that they would forbid', async () => {
      const { remote, run, worker, decisions } = await waiting();
      wentBack(remote);
      await run();
      const [{ id }] = await decisions.binding('repo', Date.now());
      const release = { initiator: 'user:default/ada', release: [id] };
      const { planHash, plan } = await worker.preview(definition, release);
      expect(plan.changes).toMatchObject([{ from: '1.0.0', to: '1.2.0' }]);
      expect(await decisions.binding('repo', Date.now())).toHaveLength(1);
      await worker.update(definition, { ...release, plan: planHash });
      expect(remote.pushes).toBe(2);
      expect(await decisions.get(id)).toMatchObject({
        ended: { how: 'released', by: 'user:default/ada' },
      });
      await expect(worker.update(definition, release)).rejects.toThrow(
        `release: nothing on git repo repo or its scans is held by the decision ${id}`,
      );
    });

    it('are released only with an update of the scan that they are about', async () => {
      const { remote, run, worker, decisions, imageScans } = await waiting();
      wentBack(remote);
      await run();
      const [{ id }] = await decisions.binding('repo', Date.now());
      const [scan] = await imageScans.ofGitRepo('repo');
      const release = { initiator: 'user:default/ada', release: [id] };
      const without = { ...release, imageScanIds: [] };
      await expect(worker.preview(definition, without)).rejects.toThrow(
        `release: the update leaves out the scan that is held by the decision ${id}`,
      );
      const unknown = { ...release, imageScanIds: ['x'] };
      await expect(worker.preview(definition, unknown)).rejects.toThrow(
        'imageScanIds: git repo repo has no scan with the id x',
      );
      const imageScanIds = [scan.definition.id];
      const { plan } = await worker.preview(definition, {
        ...release,
        imageScanIds,
      });
      expect(plan.scans).toMatchObject([{ to: '1.2.0', values: 1 }]);
    });

    /** A tag that a person names, as the service gives it on. */
    const use = async (
      { imageScans }: Awaited<ReturnType<typeof waiting>>,
      tag: string,
    ) => {
      const [{ definition: scan }] = await imageScans.ofGitRepo('repo');
      return {
        initiator: 'user:default/ada',
        person: 'user:default/ada',
        reason: 'breaks checkout',
        chosen: new Map([[scan.id, { tag, listKey: scan.listKey }]]),
      };
    };

    it('come of a tag that a person names, from its announcement on', async () => {
      const started = await waiting();
      const { remote, run, worker, decisions, imageScans, knex } = started;
      const request = await use(started, '1.0.0');
      let during: unknown;
      remote.onPush = async () => {
        during = await decisions.binding('repo', Date.now());
        remote.tag = '1.0.0';
      };
      const { planHash, plan } = await worker.preview(definition, request);
      expect(plan.scans).toMatchObject([
        { to: '1.0.0', holdsAfterwards: true },
      ]);
      expect(await decisions.binding('repo', Date.now())).toEqual([]);
      await worker.update(definition, { ...request, plan: planHash });
      const chosen = {
        kind: 'chosen',
        tag: '1.0.0',
        by: 'user:default/ada',
        reason: 'breaks checkout',
        place: { branch: 'main', path: '.', tagName: 'web' },
      };
      expect(during).toMatchObject([chosen]);
      const [made, ...more] = await decisions.binding('repo', Date.now());
      expect([made, more]).toMatchObject([chosen, []]);
      expect(await imageScans.ofGitRepo('repo')).toMatchObject([
        {
          state: 'held',
          currentTag: '1.0.0',
          held: { decision: { id: made.id } },
        },
      ]);
      await knex('git_repos').update({ update_not_before: null });
      await started.found('1.3.0');
      await run();
      expect(remote.tag).toBe('1.0.0');

      // Another one takes its place, and one that nothing would write over holds nothing.
      remote.onPush = async () => {
        remote.tag = '1.3.0';
      };
      await worker.update(definition, await use(started, '1.3.0'));
      expect(await decisions.binding('repo', Date.now())).toEqual([]);
      expect(await decisions.get(made.id)).toMatchObject({
        ended: { how: 'replaced', by: 'user:default/ada' },
      });
    });

    it('do not come of a push that was refused', async () => {
      const started = await waiting();
      const { remote, worker, decisions, imageScans } = started;
      remote.onPush = async () => {
        throw new PushRefusedError('remote', 'main', 'the branch is protected');
      };
      const request = await use(started, '1.0.0');
      await expect(worker.update(definition, request)).rejects.toThrow(
        'the branch is protected',
      );
      expect(await decisions.binding('repo', Date.now())).toEqual([]);
      expect(await imageScans.ofGitRepo('repo')).toMatchObject([
        { state: 'update-available' },
      ]);
    });

    it('come of an update that is written back, as far as it is still there', async () => {
      const started = await waiting();
      const { remote, worker, decisions, updates } = started;
      const { items } = await updates.list(
        { gitRepos: ['repo'] },
        { limit: 1, offset: 0 },
      );
      const [revert] = items;
      expect(await updates.get(revert.id)).toEqual(revert);
      remote.onPush = async () => {
        remote.tag = '1.0.0';
      };
      const request = { initiator: 'user:default/ada', revert };
      const elsewhere = { ...request, revert: { ...revert, branch: 'old' } };
      await expect(worker.preview(definition, elsewhere)).rejects.toThrow(
        'revert: the update was written to the branch old',
      );
      const { update } = await worker.update(definition, request);
      expect(update?.changes).toMatchObject([{ from: '1.1.0', to: '1.0.0' }]);
      expect(await decisions.binding('repo', Date.now())).toMatchObject([
        { kind: 'chosen', tag: '1.0.0' },
      ]);
      const again = await worker.preview(definition, request);
      expect(again.plan.scans).toMatchObject([
        { notWritten: { cause: 'changed' } },
      ]);
    });

    it('count once they have answered, however far an update is', async () => {
      const { remote, run, decisions, updates, imageScans } = await waiting();
      const [scan] = await imageScans.ofGitRepo('repo');
      const announce = updates.announce.bind(updates);
      jest.spyOn(updates, 'announce').mockImplementationOnce(async update => {
        await decisions.decide(
          [
            {
              kind: 'hold',
              about: { scanId: scan.definition.id },
              by: 'user:default/ada',
            },
          ],
          Date.now(),
        );
        await announce(update);
      });
      await run();
      expect(remote.pushes).toBe(1);
      expect(await imageScans.ofGitRepo('repo')).toMatchObject([
        { state: 'held', held: { decision: { kind: 'hold' } } },
      ]);
    });

    it('come from no branch that was deleted meanwhile', async () => {
      const { remote, run, decisions, knex } = await waiting();
      const { head } = remote;
      remote.head = async () => {
        throw new BranchNotFoundError('remote has no branch main');
      };
      await knex('git_repos').update({ next_sync_at: 0 });
      await run();
      remote.head = head;
      wentBack(remote);
      await run();
      expect(await decisions.binding('repo', Date.now())).toEqual([]);
    });

    it('let go when their date passes', async () => {
      const { remote, run, decisions, worker } = await waiting();
      const now = Date.now();
      const about = { gitRepo: 'repo' };
      await decisions.decide(
        [{ kind: 'hold', about, by: 'user:default/ada', until: now + 500 }],
        now,
      );
      await run();
      expect(remote.pushes).toBe(1);
      await sleep(600);
      const [due] = await worker.claim({ limit: 1, running: [] });
      await worker.run(due, new AbortController().signal);
      expect(remote.pushes).toBe(2);
    });

    it('are not forgotten by a crash between the push and its note', async () => {
      const { remote, run, decisions, updates } = await waiting();
      jest
        .spyOn(updates, 'confirm')
        .mockRejectedValueOnce(new Error('the process ended'));
      remote.onPush = async () => {
        remote.tag = '1.2.0';
      };
      await run();
      expect(await updates.announced('repo')).toHaveLength(1);
      remote.contained.add(remote.at.commit);
      remote.tag = '1.1.0';
      remote.at = { branch: 'main', commit: oid(9) };
      await run();
      expect(await decisions.binding('repo', Date.now())).toMatchObject([
        { rollback: { places: [{ before: '1.2.0', after: '1.1.0' }] } },
      ]);
      expect(remote.pushes).toBe(2);
    });
  });
});
