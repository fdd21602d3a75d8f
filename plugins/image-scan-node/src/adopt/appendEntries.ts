import type { PausingWork } from '../inTurns';
import { readUnmarkedText } from '../markers/manifestText';
import { readTopLevel } from './topLevel';
import type { Refusal, TopLevelBlock } from './topLevel';

/** Finds the `imageScans` at the top of a file. */
export function* readBlock(
  source: Buffer,
): PausingWork<{ block?: TopLevelBlock } | { refused: Refusal; line: number }> {
  const manifest = yield* readUnmarkedText(source);
  return 'code' in manifest
    ? { refused: 'unreadable', line: manifest.line }
    : yield* readTopLevel(manifest, 'imageScans');
}

/**
 * How the entries of an `imageScans` list are indented, and how its lines end.
 *
 * @returns undefined where it is no list of entries with dashes
 */
export function* readListStyle(
  source: Buffer,
): PausingWork<{ indent: string; feed: string } | undefined> {
  const read = yield* readBlock(source);
  if (!('block' in read) || !read.block) {
    return undefined;
  }
  const { keyLineEnd, end } = read.block;
  const indent = indentOf(source.toString('latin1', keyLineEnd, end));
  const feed = source.includes('\r\n') ? '\r\n' : '\n';
  return indent === undefined ? undefined : { indent, feed };
}

/**
 * Puts entries behind those of an `imageScans` list.
 *
 * @returns undefined where the entries do not go with those that are there
 */
export function* appendEntries(
  existing: Buffer,
  entries: Buffer,
): PausingWork<Buffer | undefined> {
  const read = yield* readBlock(existing);
  const block = 'block' in read ? read.block : undefined;
  if (!block || block.hasAnchors) {
    return undefined;
  }
  const head = existing.subarray(0, block.end);
  const feeds = new Set(
    [head, entries].flatMap(text =>
      Array.from(text.toString('latin1').matchAll(/\r?\n/g), ([feed]) => feed),
    ),
  );
  const [feed = '\n'] = feeds;
  const indents = [
    existing.toString('latin1', block.keyLineEnd, block.end),
    entries.toString('latin1'),
  ].map(indentOf);
  if (feeds.size > 1 || indents[0] === undefined || indents[0] !== indents[1]) {
    return undefined;
  }
  const endsLine = head.length === 0 || head[head.length - 1] === 0x0a;
  return Buffer.concat([
    head,
    Buffer.from(endsLine ? '' : feed),
    entries,
    existing.subarray(block.end),
  ]);
}

function indentOf(entries: string): string | undefined {
  return /^( *)- /m.exec(entries)?.[1];
}
