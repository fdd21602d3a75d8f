import { isDeepStrictEqual } from 'node:util';
import { InputError } from '@backstage/errors';
import { posix } from 'node:path';
import type { TagRule } from 'backstage-plugin-image-scan-common';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { readUnmarkedText } from '../markers/manifestText';
import { writeScalar } from '../markers/scalarText';
import { parseImageScansInTurns } from '../parseImageScans';
import { appendEntries, readListStyle } from './appendEntries';
import { DefinitionFolders } from './definitionFolders';
import { insertMarkersInTurns } from './insertMarkers';
import { LightTree } from './LightTree';
import { FLUX_KUSTOMIZE, ManifestReader } from './ManifestReader';
import type { MarkerToInsert } from './types';

/** An image that is taken into care: its marker, and the scan that it means. @public */
export interface ImageToTake extends MarkerToInsert {
  /** Without tag and digest. */
  image: string;
  rule: TagRule;
}

/** A scan to be defined. */
interface NewScan extends ImageToTake {
  folder: string;
}

/**
 * Takes images into care: markers behind their values, and an entry for each in the
 * `imagescans.yaml` of its app.
 *
 * @remarks
 * Several images can share a scan: they then have the same tagName, image and rule, and
 * lie in one app. A scan of that name and image that is defined there already is used as
 * it is. The files to be written are read back before they count.
 *
 * @param files - all files of the repository; see {@link findUnwatched}
 * @returns the files that change or are new
 * @throws InputError naming file and line where that is not possible; then nothing is to
 * be written
 * @public
 */
export function planAdoption(
  files: ReadonlyMap<string, Buffer>,
  images: readonly ImageToTake[],
): Map<string, Buffer> {
  return runAtOnce(planAdoptionInTurns(files, images));
}

/** {@link planAdoption}, with pauses. @public */
export function* planAdoptionInTurns(
  files: ReadonlyMap<string, Buffer>,
  images: readonly ImageToTake[],
): PausingWork<Map<string, Buffer>> {
  const folders = yield* readFolders(files);
  const scans = new Map<string, Map<string, NewScan>>();
  for (const each of images) {
    const folder = folders.folderFor(each.file);
    if (folder === undefined) {
      throw new InputError(
        `${each.file}:${each.line}: there is no folder for its imagescans.yaml, because Flux reads every YAML file from the root of the repository on and would fail on it. Name imagescans.yaml in .sourceignore, or write a kustomization.yaml.`,
      );
    }
    const here = scans.get(folder) ?? new Map<string, NewScan>();
    scans.set(folder, here);
    const twin = here.get(each.tagName);
    if (
      twin &&
      !(twin.image === each.image && isDeepStrictEqual(twin.rule, each.rule))
    ) {
      throw new InputError(
        `${each.file}:${each.line}: the tagName ${each.tagName} is also that of ${twin.file}:${twin.line}, which has another image or rule; take another name.`,
      );
    }
    here.set(each.tagName, twin ?? { ...each, folder });
  }
  const changed = yield* insertMarkersInTurns(files, images);
  for (const [folder, here] of scans) {
    const file = posix.join(folder, 'imagescans.yaml');
    const source = files.get(file) ?? Buffer.alloc(0);
    const output = yield* define(file, source, [...here.values()]);
    if (output !== source) {
      changed.set(file, output);
    }
  }
  return changed;
}

/** The folders for definitions, by what Flux reads of the repository. */
function* readFolders(
  files: ReadonlyMap<string, Buffer>,
): PausingWork<DefinitionFolders> {
  const fluxPaths: string[] = [];
  for (const [file, source] of files) {
    yield;
    if (/\.ya?ml$/i.test(file) && source.includes(FLUX_KUSTOMIZE)) {
      const manifest = yield* readUnmarkedText(source);
      if (!('code' in manifest)) {
        const reader = new ManifestReader(file, manifest);
        yield* new LightTree(manifest, reader).read();
        reader.facts.fluxPaths.forEach(path => fluxPaths.push(path));
      }
    }
  }
  return new DefinitionFolders(files.keys(), fluxPaths);
}

/** @returns the very `source` where all of them are defined */
function* define(
  file: string,
  source: Buffer,
  scans: readonly NewScan[],
): PausingWork<Buffer> {
  const before = yield* parseImageScansInTurns(source, { file });
  const missing: NewScan[] = [];
  for (const scan of scans) {
    const defined = before.scans.find(
      ({ tagName }) => tagName === scan.tagName,
    );
    if (defined && defined.image !== scan.image) {
      throw new InputError(
        `${file}: the tagName ${scan.tagName} is that of a scan of ${defined.image}; take another name for ${scan.image}.`,
      );
    }
    if (!defined) {
      missing.push(scan);
    }
  }
  if (missing.length === 0) {
    return source;
  }
  const isNew = source.toString('latin1').trim() === '';
  const style = isNew
    ? { indent: '', feed: '\n' }
    : yield* readListStyle(source);
  const entries =
    style &&
    Buffer.from(missing.map(scan => textOf(scan, style.indent)).join(''));
  const text = entries && `${entries}`.replaceAll('\n', style.feed);
  const output = isNew
    ? text && Buffer.from(`imageScans:\n${text}`)
    : text && (yield* appendEntries(source, Buffer.from(text)));
  if (!output) {
    throw new InputError(
      `${file}: no entries can be added to it, because imageScans is not a list with a dash on a line of its own for each entry. Write it so.`,
    );
  }
  const after = yield* parseImageScansInTurns(output, { file });
  const [error] = after.errors.slice(before.errors.length);
  if (error) {
    throw new InputError(error.message);
  }
  if (after.scans.length !== before.scans.length + missing.length) {
    throw new InputError(
      `${file}: with new entries it would be read in another way, so none was added. Check that it is valid YAML.`,
    );
  }
  return output;
}

function textOf({ tagName, image, rule }: NewScan, indent: string): string {
  const { filterTags, exclusionList, policy } = rule;
  const { semver, alphabetical, numerical, newest } = policy;
  const lines = [
    `- tagName: ${writeScalar(tagName, 'plain')}`,
    `  image: ${writeScalar(image, 'plain')}`,
    ...(filterTags ? ['  filterTags:'] : []),
    ...fieldOf('    pattern', filterTags?.pattern),
    ...fieldOf('    extract', filterTags?.extract),
    ...(exclusionList?.length ? ['  exclusionList:'] : []),
    ...(exclusionList ?? []).map(pattern => `    - ${quoted(pattern)}`),
    '  policy:',
    ...(semver ? ['    semver:'] : []),
    ...fieldOf('      range', semver?.range),
    ...(semver?.strict ? ['      strict: true'] : []),
    ...(alphabetical ? [`    alphabetical: ${orderOf(alphabetical)}`] : []),
    ...(numerical ? [`    numerical: ${orderOf(numerical)}`] : []),
    ...(newest ? ['    newest: {}'] : []),
  ];
  return lines.map(line => `${indent}${line}\n`).join('');
}

function orderOf({ order }: { order?: string }): string {
  return order === undefined ? '{}' : `{ order: ${order} }`;
}

function fieldOf(key: string, text: string | undefined): string[] {
  return text === undefined ? [] : [`${key}: ${quoted(text)}`];
}

/** In quotes that read a backslash as it stands. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
