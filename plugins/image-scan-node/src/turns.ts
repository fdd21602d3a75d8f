import { runInTurns } from './inTurns';
import type { PausingWork } from './inTurns';

/** A place where long asynchronous work may be interrupted. @public */
export function pause(): Promise<void> {
  return runInTurns(onePause());
}

function* onePause(): PausingWork<void> {
  yield;
}
