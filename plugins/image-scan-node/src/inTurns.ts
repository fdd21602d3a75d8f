import { setImmediate } from 'node:timers/promises';

/** How long other work waits at most, give or take what lies between two pauses. */
const TURN_MS = 10;

/**
 * Long work that says where it may be interrupted, by `yield`, and what comes of it.
 *
 * @remarks
 * It pauses often, every millisecond or so; who drives it decides what a pause is good
 * for. The same work can so be done at once or in turns, and is written once.
 *
 * @public
 */
export type PausingWork<T> = Generator<void, T, void>;

/** Does the work without a pause. @public */
export function runAtOnce<T>(work: PausingWork<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
  }
}

// Of the whole process: many short works one after the other are long work too, and
// works that wait at the same time must not come to their turns in one piece.
let turnEnd = 0;
let line: Promise<unknown> = Promise.resolve();

/**
 * Does the work and lets everything else in every few milliseconds, so that neither its
 * length nor what is in it, which strangers decide, keeps the process from answering.
 *
 * @throws what the work throws
 * @public
 */
export async function runInTurns<T>(work: PausingWork<T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) {
      return step.value;
    }
    if (performance.now() > turnEnd) {
      await nextTurn();
    }
  }
}

/** Waits for the next round of the event loop that no other work has its turn in. */
async function nextTurn(): Promise<void> {
  line = line.then(() => setImmediate());
  await line;
  turnEnd = performance.now() + TURN_MS;
}
