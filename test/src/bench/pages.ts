import assert from 'node:assert';
import type { Bench, BenchOptions, BenchResult } from './Bench';
import { formatTime, measure, type Measurement } from './measure';
import { type PagesBackend, SCANS_PER_ENTITY } from './pagesBackend';
import { eachPagesBackend, type FilledBackend } from './pagesBackends';

/** Calls of one run: one alone is too short to be timed well. */
const CALLS = 20;

/** Calls before anything is timed, so that what runs is compiled. */
const WARM_UP_CALLS = 200;

const PEER = "the catalog's own entity call";

/** What an entity page asks for, beside what the catalog answers for it. */
export const pages: Bench = {
  name: 'pages',
  async run(options) {
    const sizes = options.short ? [20, 100] : [100, 1_000, 10_000];
    const measured: Measured[] = [];
    const results = await eachPagesBackend(
      { sizes, withEntities: true },
      async filled => {
        const { backend, scans } = filled;
        const entities = scans / SCANS_PER_ENTITY;
        await checkAnswers(backend, entities);
        const queries = await countQueries(backend, entities);
        const { result, time } = await timeKnown(filled, entities, options);
        measured.push({ ...filled, queries, time });
        const isLargest = scans === sizes[sizes.length - 1];
        return isLargest
          ? [result, await timeNew(filled, entities, options)]
          : [result];
      },
    );
    return [...results, ...growth(measured)];
  },
};

interface Measured extends FilledBackend {
  /** Queries of one call. */
  queries: number;
  /** Of a run, in milliseconds. */
  time: number;
}

/** Entities that somebody looks at: the parts of their pages ask again. */
async function timeKnown(
  { backend, database, scans }: FilledBackend,
  entities: number,
  { rounds }: BenchOptions,
): Promise<{ result: BenchResult; time: number }> {
  const names = Array.from(
    { length: CALLS },
    (_, index) => `app-${(index * 37) % entities}`,
  );
  const ours = { run: () => getAll(backend, names.map(scansPath)) };
  const theirs = { run: () => getAll(backend, names.map(entityPath)) };
  for (let call = 0; call < WARM_UP_CALLS; call += CALLS) {
    await ours.run();
    await theirs.run();
  }
  const measured = await measure(ours, theirs, rounds);
  return {
    time: measured.ours,
    result: {
      ...beside(measured),
      path: `scans of an entity, ${CALLS} calls, ${database}: ${scans} scans, ${entities} entities`,
      target: 'at most 2 ×',
      met: measured.ratio <= 2,
    },
  };
}

/** Entities that nobody has looked at for a while: the catalog is asked as well. */
async function timeNew(
  { backend, database, scans }: FilledBackend,
  entities: number,
  { rounds }: BenchOptions,
): Promise<BenchResult> {
  let next = 0;
  const calls = Math.min(CALLS, Math.floor(entities / (rounds + 1)));
  const take = () =>
    Array.from({ length: calls }, () => {
      next += 1;
      return `app-${entities - (next % entities) - 1}`;
    });
  const measured = await measure(
    { run: () => getAll(backend, take().map(scansPath)) },
    { run: () => getAll(backend, take().map(entityPath)) },
    rounds,
  );
  return {
    ...beside(measured),
    path: `the same, ${calls} entities not asked for before, ${database}: ${scans} scans`,
  };
}

function beside({ ours, theirs, ratio }: Measurement) {
  return {
    figure: formatTime(ours),
    peer: PEER,
    peerFigure: formatTime(theirs),
    ratio,
  };
}

async function getAll(
  backend: PagesBackend,
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) {
    await backend.get(path);
  }
}

/** How time and queries follow the size, per database. */
function growth(measured: readonly Measured[]): BenchResult[] {
  return ['SQLite', 'PostgreSQL'].flatMap(database => {
    const rows = measured.filter(row => row.database === database);
    const [smallest] = rows;
    const largest = rows[rows.length - 1];
    if (!smallest) {
      return [];
    }
    for (const { queries, scans } of rows) {
      assert.strictEqual(
        queries,
        smallest.queries,
        `a call with ${scans} scans needs as many queries as with ${smallest.scans}`,
      );
    }
    const slope =
      Math.log(largest.time / smallest.time) /
      Math.log(largest.scans / smallest.scans);
    return [
      {
        path: `scans of an entity, ${database}: growth from ${smallest.scans} to ${largest.scans} scans`,
        figure: `time as size to the power of ${slope.toFixed(2)}; ${
          smallest.queries
        } queries at each size`,
      },
    ];
  });
}

function scansPath(name: string): string {
  return `/image-scan/image-scans?entityRef=component:default/${name}`;
}

function entityPath(name: string): string {
  return `/catalog/entities/by-name/component/default/${name}`;
}

async function checkAnswers(
  backend: PagesBackend,
  entities: number,
): Promise<void> {
  for (const name of ['app-0', `app-${entities - 1}`]) {
    const list = await backend.client.listImageScans({
      entityRef: `component:default/${name}`,
    });
    assert.strictEqual(list.totalItems, SCANS_PER_ENTITY);
    for (const scan of list.items) {
      assert.strictEqual(scan.path, name);
      assert.strictEqual(scan.latestTag, '1.19.0');
      assert.strictEqual(scan.markers.length, 1);
    }
    assert.match(await backend.get(entityPath(name)), /"kind":"Component"/);
  }
}

/** Queries of one call; what the loops ask meanwhile comes less often. */
async function countQueries(
  backend: PagesBackend,
  entities: number,
): Promise<number> {
  const before = await backend.report();
  for (let call = 0; call < CALLS; call += 1) {
    await backend.get(scansPath(`app-${call % entities}`));
  }
  const after = await backend.report();
  return Object.entries(after.queries)
    .map(([sql, count]) => count - (before.queries[sql] ?? 0))
    .reduce((sum, count) => sum + Math.floor(count / CALLS), 0);
}
