import { setImmediate } from 'node:timers/promises';
import { runAtOnce, runInTurns } from './inTurns';
import type { PausingWork } from './inTurns';

function* busyFor(milliseconds: number): PausingWork<string> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    yield;
  }
  return 'done';
}

/** How often the event loop came round meanwhile. */
async function countRounds(work: Promise<unknown>): Promise<number> {
  let rounds = 0;
  let busy = true;
  const end = () => {
    busy = false;
  };
  work.then(end, end);
  while (busy) {
    await setImmediate();
    rounds += 1;
  }
  return rounds;
}

describe('runAtOnce', () => {
  it('gives what comes of the work', () => {
    expect(runAtOnce(busyFor(1))).toBe('done');
  });
});

describe('runInTurns', () => {
  it('gives what comes of the work', async () => {
    await expect(runInTurns(busyFor(1))).resolves.toBe('done');
  });

  it('throws what the work throws', async () => {
    const broken = (function* breaks(): PausingWork<void> {
      yield;
      throw new Error('broken');
    })();
    await expect(runInTurns(broken)).rejects.toThrow('broken');
  });

  it('lets other work in', async () => {
    expect(await countRounds(runInTurns(busyFor(150)))).toBeGreaterThan(5);
  });

  it('lets other work in between works that are short each', async () => {
    const many = async () => {
      for (let index = 0; index < 300; index += 1) {
        await runInTurns(busyFor(0.5));
      }
    };
    expect(await countRounds(many())).toBeGreaterThan(5);
  });

  it('gives works that run at the same time their turns one by one', async () => {
    const seen = new Set<number>();
    function* watched(index: number): PausingWork<void> {
      const work = busyFor(60);
      while (!work.next().done) {
        seen.add(index);
        yield;
      }
    }
    let busy = true;
    const all = Promise.all(
      [1, 2, 3, 4].map(index => runInTurns(watched(index))),
    ).finally(() => {
      busy = false;
    });
    const inRound: number[] = [];
    while (busy) {
      await setImmediate();
      inRound.push(seen.size);
      seen.clear();
    }
    await all;
    // In the first round each begins.
    expect(Math.max(...inRound.slice(1))).toBe(1);
  });
});
