import assert from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchOptions, BenchResult } from './Bench';
import { formatTime, medianOf } from './measure';
import type { PagesBackend } from './pagesBackend';
import { eachPagesBackend } from './pagesBackends';

/** Calls of the API while nothing is due, per round. */
const IDLE_CALLS = 40;

/** Calls while scans are due, per round at most. */
const BUSY_CALLS = 200;

const SCAN_LIMIT_MS = 600_000;

/** What scans cost the database, and the people who ask for pages meanwhile. */
export const store: Bench = {
  name: 'store',
  async run(options) {
    const sizes = options.short ? [100] : [100, 1_000, 10_000];
    return eachPagesBackend(
      { sizes, withEntities: false },
      async ({ backend, database, scans }) => {
        const { written, statements } = await countWrites(backend, scans);
        return [
          {
            path: `a scan that finds nothing new, ${database}: ${scans} scans`,
            figure: `${written.toFixed(2)} rows written, ${statements.toFixed(
              1,
            )} statements`,
            target: 'at most 1 row',
            met: written <= 1,
          },
          await timeCalls(
            backend,
            `${scans} scans due at once, ${database}`,
            options,
          ),
        ];
      },
    );
  },
};

/** Scans everything again and says what each scan cost. */
async function countWrites(
  backend: PagesBackend,
  scans: number,
): Promise<{ written: number; statements: number }> {
  const since = Date.now();
  await backend.makeAllDue();
  const before = await backend.report();
  await untilNothingIsDue(backend);
  const after = await backend.report();
  const { counts, items } = await backend.client.listImageScans({
    orderBy: { field: 'lastScanTime', order: 'asc' },
    limit: 1,
  });
  assert.strictEqual(counts['up-to-date'], scans);
  assert.ok(Date.parse(items[0].lastScanTime ?? '') >= since);
  return {
    written: (after.rowsWritten - before.rowsWritten) / scans,
    statements: (after.statements - before.statements) / scans,
  };
}

async function timeCalls(
  backend: PagesBackend,
  path: string,
  { rounds }: BenchOptions,
): Promise<BenchResult> {
  const idle: number[] = [];
  const busy: number[] = [];
  for (let call = 0; call < IDLE_CALLS; call += 1) {
    await timeCall(backend);
  }
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    for (let call = 0; call < IDLE_CALLS; call += 1) {
      idle.push(await timeCall(backend));
    }
    await backend.makeAllDue();
    for (let call = 0; call < BUSY_CALLS; call += 1) {
      if (call % 10 === 0 && (await backend.due()) === 0) {
        break;
      }
      busy.push(await timeCall(backend));
    }
    await untilNothingIsDue(backend);
  }
  const ratio = medianOf(busy) / medianOf(idle);
  return {
    path: `a page of 50 scans with ${path}`,
    figure: formatTime(medianOf(busy)),
    peer: 'the same while nothing is due',
    peerFigure: formatTime(medianOf(idle)),
    ratio,
    target: 'at most 2 ×',
    met: ratio <= 2,
  };
}

async function timeCall(backend: PagesBackend): Promise<number> {
  const started = performance.now();
  await backend.get('/image-scan/image-scans?gitRepo=bench&limit=50');
  return performance.now() - started;
}

async function untilNothingIsDue(backend: PagesBackend): Promise<void> {
  const deadline = Date.now() + SCAN_LIMIT_MS;
  while ((await backend.due()) > 0) {
    assert.ok(Date.now() < deadline, 'every scan ends in time');
    await sleep(50);
  }
}
