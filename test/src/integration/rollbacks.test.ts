import { TestDatabases } from '@backstage/backend-test-utils';
import { GitServer } from '../servers/GitServer';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import { BackendDatabase } from './BackendDatabase';
import { BackendProcess } from './BackendProcess';
import { RollbackPlay, type RollbackStage } from './RollbackPlay';
import { firstFiles, freeHistories, heldHistories } from './rollbackHistories';

jest.setTimeout(240_000);

const databases = TestDatabases.create();

/** Published when a history has been played; nothing shall be above it. */
const NEXT = '1.9.0';

/** Each history has a git repo, a repository and an image of this name. */
const histories = [...heldHistories, ...freeHistories].map(
  (history, index) => ({ name: `history-${index}`, history }),
);

function nameOf(does: string): string {
  const found = histories.find(({ history }) => history.does === does);
  if (!found) {
    throw new Error(`There is no history of ${does}`);
  }
  return found.name;
}

describe.each(databases.eachSupportedId())(
  'what people take back, on %s',
  id => {
    let registry: MemoryRegistry;
    let git: GitServer;
    let database: BackendDatabase;
    let backend: BackendProcess;
    let stage: RollbackStage;
    let play: RollbackPlay | undefined;

    beforeAll(async () => {
      registry = await MemoryRegistry.start();
      git = await GitServer.start();
      for (const { name, history } of histories) {
        registry.pushTags(name, ['1.0.0', '1.1.0']);
        const image = `${registry.host}/${name}`;
        await git.createRepository(name, firstFiles(history, image));
        for (const files of 'past' in history ? history.past ?? [] : []) {
          await git.commitFiles(name, files, 'Past');
        }
      }
      database = await BackendDatabase.create(id);
      backend = await BackendProcess.create({
        database: () => database.config,
        imageScan: {
          gitRepos: histories.map(({ name }) => ({
            metadata: { name },
            // Looks and writes are asked for.
            spec: { repo: git.url(name), imageScanInterval: '1h' },
          })),
          registries: [{ host: registry.host, insecure: true, concurrency: 8 }],
        },
      });
      await backend.start();
      stage = {
        git,
        registry,
        client: () => backend.client,
        kill: async () => {
          await backend.kill('SIGKILL');
          await endLeases();
        },
        restart: () => backend.start(),
      };
    });

    afterEach(async () => {
      await play?.copy.remove();
      play = undefined;
    });

    afterAll(async () => {
      await backend?.remove();
      await database?.remove();
      await git?.stop();
      await registry?.stop();
    });

    /** As time does, once the backend that held them is gone. */
    async function endLeases(): Promise<void> {
      const knex = database.connect();
      try {
        for (const table of ['git_repos', 'image_scans', 'branch_locks']) {
          await knex(table)
            .whereNotNull('lease_until')
            .update({ lease_until: 0 });
        }
      } finally {
        await knex.destroy();
      }
    }

    async function begin(does: string): Promise<RollbackPlay> {
      play = await RollbackPlay.begin(stage, nameOf(does));
      return play;
    }

    it.each(heldHistories)('holds after $does', async history => {
      const on = await begin(history.does);
      await history.play(on);
      await on.look();
      const [rollback, ...more] = await on.decisions(true);
      expect(more).toEqual([]);
      expect(rollback).toMatchObject({ kind: 'rollback', by: 'git' });

      await on.writeAll();
      await on.publish(NEXT);
      await on.look();
      await on.writeAll();
      expect(await on.values()).toEqual(history.values);
      expect(await on.scan()).toMatchObject({
        state: 'held',
        held: { decision: { id: rollback.id } },
      });

      await (history.undo?.(on) ?? on.undo());
      await on.look();
      expect(await on.decisions(true)).toEqual([]);
      expect(await on.decisions()).toMatchObject([
        { id: rollback.id, ended: { by: 'git', how: 'in-git' } },
      ]);
      await on.writeAll();
      const values = await on.values();
      expect(new Set(values.map(value => value.replace('app:', '')))).toEqual(
        new Set([NEXT]),
      );
      expect((await on.scan()).state).toBe('up-to-date');
    });

    it.each(freeHistories)('goes on after $does', async history => {
      const { values, next = NEXT, wasHeld = false } = history;
      const on = await begin(history.does);
      await history.play(on);
      await on.look();
      await on.writeAll();
      expect(await on.values()).toEqual(values);
      expect(await on.decisions(true)).toEqual([]);

      const before = await on.commits();
      await on.publish(next);
      await on.look();
      await on.writeAll();
      expect(await on.values()).toEqual(values.map(() => next));
      // Once, and not a second time by the look.
      expect(await on.commits()).toBe(before + 1);
      expect((await on.scan()).state).toBe('up-to-date');
      expect(await on.decisions()).toMatchObject(
        wasHeld ? [{ kind: 'rollback', ended: { how: 'in-git' } }] : [],
      );
    });
  },
);
