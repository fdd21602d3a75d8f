import type { PausingWork } from '../inTurns';
import { isFlowScalar, TokenReader } from './TokenReader';

/** Tokens between two pauses. */
const TOKENS_AT_ONCE = 500;

/** Bytes of a token that is read in a turn of its own. */
const MAX_BYTES_AT_ONCE = 64 * 1024;

/** A scalar to replace. */
export interface Edit {
  /** Offset of its first byte, quotes included. */
  start: number;
  end: number;
  /** What stands there afterwards, quotes included. */
  text: string;
}

/**
 * Checks that a text reads as it did before, token for token, but for the edits.
 *
 * @param before - the text that was edited
 * @param after - the same with the edits applied
 * @param edits - in order, each one whole scalar
 */
export function* changesOnlyEdits(
  before: string,
  after: string,
  edits: readonly Edit[],
): PausingWork<boolean> {
  const old = new TokenReader(before);
  const now = new TokenReader(after);
  let index = 0;
  let shift = 0;
  for (let seen = 1; old.next(); seen += 1) {
    if (
      seen % TOKENS_AT_ONCE === 0 ||
      old.kind === 'block-scalar' ||
      old.end - old.start > MAX_BYTES_AT_ONCE
    ) {
      yield;
    }
    if (!now.next() || now.start !== old.start + shift) {
      return false;
    }
    const edit = edits[index];
    if (edit && edit.start === old.start && edit.end === old.end) {
      if (!isFlowScalar(now.kind)) {
        return false;
      }
      shift += edit.text.length - (edit.end - edit.start);
      index += 1;
    } else if (now.kind !== old.kind) {
      return false;
    }
    if (now.end !== old.end + shift) {
      return false;
    }
  }
  return index === edits.length && !now.next();
}
