import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import { DecisionModel, tagOf } from '../__testUtils__/DecisionModel';
import { aDefinition, anUpdate, contentsOf } from '../__testUtils__/builders';
import { marked, repositoryOf } from '../__testUtils__/repositoryOf';
import { NOW, openStores } from '../__testUtils__/stores';
import type { StoredUpdate } from '../model/types';
import { planUpdate } from './planUpdate';

jest.setTimeout(120_000);

const ADA = 'user:default/ada';
const MARKERS = 2;

/** No step of a history leads below 0. */
const FIRST = 100;

/** As the fuzzing of everything else: short by itself, and anew in each long run. */
const isLong = process.env.IMAGE_SCAN_GUARANTEES === 'full';
const SECONDS = isLong ? 8 : 2;
const seed = isLong && !process.env.CI ? {} : { seed: 1 };

type Stores = Awaited<ReturnType<typeof openStores>>;

type PlainEvent =
  | 'publish'
  | 'look'
  | 'update'
  | 'die'
  | 'hold'
  | 'skip'
  | 'typo';

/** What happens in a history, one after the other. */
type Event =
  | { what: PlainEvent }
  | { what: 'rename'; marker: number }
  | { what: 'release'; which: number }
  | { what: 'write'; marker: number; step: number };

const marker = fc.nat({ max: MARKERS - 1 });
/** What happens without more words, the more common ones more often. */
const plain = fc.constantFrom<PlainEvent>(
  ...(['publish', 'publish', 'publish', 'look', 'update', 'update'] as const),
  ...(['update', 'die', 'hold', 'skip', 'typo'] as const),
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: plain }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('rename' as const), marker }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('release' as const),
      which: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('write' as const),
      marker,
      step: fc.integer({ min: -2, max: 2 }),
    }),
  },
);

/** A git repo of one scan, each marker in a file of its own. */
class Life {
  readonly model = new DecisionModel(new Array(MARKERS).fill(FIRST));
  readonly #stores: Stores;
  readonly #key: string;
  readonly #app;
  readonly #files: string[];
  #now = NOW;
  #count = 0;
  /** Pushed before the automation died, which does not know that it arrived. */
  #left?: { update: StoredUpdate; markers: number[]; version: number };
  /** The file of the definition says nothing that can be used. */
  #isBroken = false;

  constructor(stores: Stores, key: string) {
    this.#stores = stores;
    this.#key = key;
    this.#app = aDefinition('app', { gitRepo: key });
    this.#files = this.model.markers.map((_, index) => `${index}.yaml`);
  }

  async begin(): Promise<void> {
    const { gitRepos } = this.#stores;
    const definitionHash = 'configured';
    await gitRepos.configure([{ key: this.#key, definitionHash }], NOW);
    await this.#look();
    await this.#scan();
  }

  async meet(happens: Event): Promise<void> {
    this.#count += 1;
    this.#now += 1_000;
    const { decisions } = this.#stores;
    const about = { scanId: this.#app.id };
    switch (happens.what) {
      case 'publish':
        this.model.newest += 1;
        return this.#scan();
      case 'look':
        return this.#look();
      case 'update':
        return this.#update(false);
      case 'die':
        return this.#update(true);
      case 'hold': {
        const [{ id }] = await decisions.decide(
          [{ kind: 'hold', about, by: ADA }],
          this.#now,
        );
        // A second one replaces the first.
        this.model.holds.clear();
        this.model.holds.add(id);
        return undefined;
      }
      case 'skip': {
        const version = this.model.choose();
        const [{ id }] = await decisions.decide(
          [{ kind: 'skip', about, tag: tagOf(version), by: ADA }],
          this.#now,
        );
        this.model.skips.set(id, version);
        return this.#scan();
      }
      case 'typo':
        this.#isBroken = true;
        await this.#settle();
        return this.#store({
          ...contentsOf([], {
            unusable: [{ path: '.', file: 'fleet.yaml', tagName: 'app' }],
          }),
        });
      case 'rename':
        // With a change of its value between two looks, nobody can tell.
        await this.#look();
        this.#files[happens.marker] = `${happens.marker}-${this.#count}.yaml`;
        return this.#look();
      case 'release': {
        const binding = await decisions.binding(this.#key, this.#now);
        if (binding.length === 0) {
          return undefined;
        }
        const { id, kind } = binding[happens.which % binding.length];
        await decisions.release(id, { by: ADA }, this.#now);
        this.model.released(id, kind);
        return this.#scan();
      }
      default:
        this.model.markers[happens.marker].value += happens.step;
        return undefined;
    }
  }

  /** What binds is what the model says: none is forgotten, and none is made up. */
  async check(): Promise<void> {
    const binding = await this.#stores.decisions.binding(this.#key, this.#now);
    const ofKind = (wanted: string) =>
      binding.flatMap(({ id, kind }) => (kind === wanted ? [id] : [])).sort();
    const found = {
      holds: ofKind('hold'),
      skips: ofKind('skip'),
      rollbacks: ofKind('rollback').length,
    };
    const expected = {
      holds: [...this.model.holds].sort(),
      skips: [...this.model.skips.keys()].sort(),
      rollbacks: this.model.isRolledBack ? 1 : 0,
    };
    if (JSON.stringify(found) !== JSON.stringify(expected)) {
      throw new Error(
        `${JSON.stringify(found)} binds, and not ${JSON.stringify(expected)}`,
      );
    }
  }

  async #scan(): Promise<void> {
    if (this.#isBroken) {
      await this.#look();
    }
    const version = this.model.choose();
    await this.#stores.scan(this.#app.id, tagOf(version), this.#now);
    this.model.scanned(version);
  }

  async #look(): Promise<void> {
    this.#isBroken = false;
    await this.#settle();
    await this.#store(this.#repository().contents);
    this.model.read();
  }

  #repository() {
    const repository = repositoryOf(
      [this.#app],
      Object.fromEntries(
        this.model.markers.map(({ value }, index) => [
          this.#files[index],
          marked(tagOf(value), 'app', 'tag'),
        ]),
      ),
    );
    return {
      ...repository,
      contents: { ...repository.contents, ...this.#place() },
    };
  }

  #place() {
    const headCommit = `${this.#count}`.padStart(40, '0');
    return { remote: `https://git.example.com/org/${this.#key}`, headCommit };
  }

  #store(contents: ReturnType<typeof contentsOf>): Promise<void> {
    const read = { ...contents, ...this.#place() };
    return this.#stores.sync(read, this.#now, this.#key);
  }

  /** Writes what may be written, as the automation does; it may die before it knows. */
  async #update(dies: boolean): Promise<void> {
    const { decisions, imageScans, updates } = this.#stores;
    await this.#look();
    const { changes } = planUpdate(
      this.#repository(),
      await imageScans.ofGitRepo(this.#key),
      {
        allowDowngrade: false,
        decisions: await decisions.binding(this.#key, this.#now),
      },
    );
    if (changes.length === 0) {
      return;
    }
    const version = this.model.choose();
    const values = [...new Set(changes.map(({ to }) => to))];
    if (!this.model.mayWrite(version) || `${values}` !== tagOf(version)) {
      throw new Error(`${values} would be written`);
    }
    const update = anUpdate(`${this.#key}-${this.#count}`, [], {
      gitRepo: this.#key,
      changes,
      createdAt: this.#now,
    });
    await updates.announce(update);
    const markers = changes.map(({ file }) => this.#files.indexOf(file));
    for (const index of markers) {
      this.model.markers[index].value = version;
    }
    this.#left = { update, markers, version };
    if (!dies) {
      await this.#look();
    }
  }

  /** What was pushed is in the branch, whatever came upon it. */
  async #settle(): Promise<void> {
    if (this.#left) {
      const { update, markers, version } = this.#left;
      await this.#stores.updates.confirm(update);
      this.model.wrote(markers, version);
      this.#left = undefined;
    }
  }
}

describe('random histories of what people decide', () => {
  const databases = TestDatabases.create();

  it.each(databases.eachSupportedId())(
    'write nothing that is forbidden, and forget and make up nothing, on %s',
    async id => {
      const stores = await openStores(databases, id);
      let count = 0;
      const property = fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 40, size: 'max' }),
        async events => {
          count += 1;
          const life = new Life(stores, `repo-${count}`);
          await life.begin();
          for (const happens of events) {
            await life.meet(happens);
            await life.check();
          }
        },
      );
      await fc.assert(property, {
        ...seed,
        numRuns: 1_000_000,
        interruptAfterTimeLimit: SECONDS * 1_000,
      });
      expect(count).toBeGreaterThan(0);
    },
  );
});
