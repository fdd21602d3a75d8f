import { isDeepStrictEqual } from 'node:util';
import { posix } from 'node:path';
import { mentionsScans } from '../fleet';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { parseImageScansInTurns } from '../parseImageScans';
import { appendEntries, readBlock } from './appendEntries';
import type { Refusal, TopLevelBlock } from './topLevel';

const OWN = 'imagescans.yaml';

/** Why the scans of a folder were not moved. @public */
export type MoveRefusal =
  | Refusal
  | 'nothing-to-move'
  | 'several-files'
  | 'imagescans-exists'
  | 'reads-differently';

/** What became of the files, or why nothing did. @public */
export type MovedImageScans =
  /** Those that change, and the new one. */
  | { files: Map<string, Buffer> }
  /** The code, and a sentence with file and line. */
  | { refused: MoveRefusal; message: string };

const WHY: Record<MoveRefusal, string> = {
  'anchor-outside':
    'an alias in imageScans refers to an anchor outside of it. Write the value out in its place',
  'anchor-used-outside':
    'an alias outside of imageScans refers to an anchor in it. Write the value out in its place',
  'flow-root':
    'the file is one map in braces. Write its keys on lines of their own',
  'second-document':
    'imageScans stands in a second document of the file, which Fleet does not read. Move it by hand',
  twice: 'imageScans is there twice. Write one list',
  unreadable: 'the file cannot be read',
  'nothing-to-move': 'no file has the key imageScans at its top',
  'several-files':
    'several files of the folder have imageScans. Move them by hand',
  'imagescans-exists':
    'there is an imagescans.yaml that the entries cannot be appended to: both have to be lists of the same indentation and line ends, without anchors and with different tagNames. Move them by hand',
  'reads-differently':
    'in a file of their own the entries would be read in another way. Check that the file is valid YAML',
};

/**
 * Moves the `imageScans` of a folder from Fleet's file to `imagescans.yaml` beside it.
 *
 * @remarks
 * Byte for byte: the block, its comments and line ends, and everything that stays. Comment
 * lines right above the key go along, those in the first column behind the block stay. A
 * file that holds nothing else is left empty, as it makes the folder a bundle. Never
 * throws because of what the files hold.
 *
 * @param files - of one folder: `fleet.yaml`, `fleet.yml` or options files, and
 * `imagescans.yaml` where there is one; others stay as they are
 * @public
 */
export function moveImageScans(
  files: ReadonlyMap<string, Buffer>,
): MovedImageScans {
  return runAtOnce(moveImageScansInTurns(files));
}

/** {@link moveImageScans}, with pauses. @public */
export function* moveImageScansInTurns(
  files: ReadonlyMap<string, Buffer>,
): PausingWork<MovedImageScans> {
  const found: { file: string; block: TopLevelBlock }[] = [];
  const names = new Set(Array.from(files.keys(), file => posix.basename(file)));
  for (const [file, source] of files) {
    const name = posix.basename(file);
    // Nobody reads it beside a fleet.yaml.
    const isPassedOver = name === 'fleet.yml' && names.has('fleet.yaml');
    if (name !== OWN && !isPassedOver && mentionsScans(source)) {
      const read = yield* readBlock(source);
      if ('refused' in read) {
        return refusal(read.refused, file, read.line);
      }
      if (read.block) {
        found.push({ file, block: read.block });
      }
    }
  }
  const [first, second] = found;
  if (!first) {
    return refusal('nothing-to-move');
  }
  return second
    ? refusal('several-files', second.file, second.block.line)
    : yield* moveBlock(files, first.file, first.block);
}

function* moveBlock(
  files: ReadonlyMap<string, Buffer>,
  file: string,
  { start, end, line, hasAnchors, keyLineEnd, keyLine }: TopLevelBlock,
): PausingWork<MovedImageScans> {
  const source = files.get(file) ?? Buffer.alloc(0);
  const own = posix.join(posix.dirname(file), OWN);
  const block = source.subarray(start, end);
  const rest = Buffer.concat([source.subarray(0, start), source.subarray(end)]);
  const existing = files.get(own);
  let moved: Buffer | undefined = block;
  if (existing !== undefined && existing.length > 0) {
    const entries = Buffer.concat([
      source.subarray(start, keyLine),
      source.subarray(keyLineEnd, end),
    ]);
    const isBare = /^["']?imageScans["']?[ \t]*:[ \t\r\n]*$/.test(
      source.toString('latin1', keyLine, keyLineEnd),
    );
    moved =
      isBare && !hasAnchors
        ? yield* appendEntries(existing, entries)
        : undefined;
  }
  if (!moved) {
    return refusal('imagescans-exists', file, line);
  }
  const before = [
    ...(existing ? yield* scansOf(existing) : []),
    ...(yield* scansOf(source)),
  ];
  const isSame =
    isDeepStrictEqual(before, yield* scansOf(moved)) &&
    (yield* scansOf(rest)).length === 0;
  if (!isSame) {
    return refusal(
      existing?.length ? 'imagescans-exists' : 'reads-differently',
      file,
      line,
    );
  }
  return {
    files: new Map([
      [file, rest],
      [own, moved],
    ]),
  };
}

/** What a file defines, wherever in it. */
function* scansOf(source: Buffer): PausingWork<unknown[]> {
  const { scans, errors } = yield* parseImageScansInTurns(source);
  return [
    ...scans.map(({ line, entry, warnings, ...scan }) => scan),
    ...errors.map(({ tagName, field }) => ({ tagName, field })),
  ];
}

function refusal(
  refused: MoveRefusal,
  file?: string,
  line?: number,
): MovedImageScans {
  const place = file === undefined ? '' : `${file}:${line}: `;
  return {
    refused,
    message: `${place}imageScans were not moved, because ${WHY[refused]}.`,
  };
}
