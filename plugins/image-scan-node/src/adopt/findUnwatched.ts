import { posix } from 'node:path';
import type { MarkerForm } from 'backstage-plugin-image-scan-common';
import { runAtOnce } from '../inTurns';
import type { PausingWork } from '../inTurns';
import { mentionsScans } from '../fleet';
import { findMarkersInTurns, mayHoldMarkers } from '../markers';
import { readUnmarkedText } from '../markers/manifestText';
import { parseImageScansInTurns } from '../parseImageScans';
import { DefinitionFolders } from './definitionFolders';
import type { Candidate } from './FoundImages';
import { namesRegistry } from './imageText';
import { LightTree } from './LightTree';
import { isKustomizationFile, ManifestReader } from './ManifestReader';
import type { ManifestFacts } from './ManifestReader';
import { Overrides } from './Overrides';
import { obstacleAt } from './placeMarker';
import { mayHaveRule, suggestRule } from './proposeRule';
import { TagNames } from './TagNames';
import type { ExistingScan, Nameless } from './TagNames';
import { shapeOf } from './tagShape';
import type { UnwatchedImage, UnwatchedReason } from './types';

/** Without one of these a file holds no image, nor anything that says where images are. */
const MAY_MATTER =
  /image|repository|newTag|sha256:|oci:\/\/|kustomize\.toolkit\.fluxcd\.io|skaffold\//i;

/** What is no manifest of anything that runs, by its name. */
const OTHER_FILES =
  /^(?:chart\.(?:ya?ml|lock)|cloudbuild\.ya?ml|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|appveyor\.ya?ml|codefresh\.ya?ml|buildspec\.ya?ml|wercker\.ya?ml|circle\.ya?ml|imagescans\.yaml)$/i;

const VENDORED = /(?:^|\/)(?:upstream|vendor|third_party)\//;

const TEST_FOLDER = /(?:^|\/)(?:tests?|ci|testdata)\//;

/** Shapes that may be no image at all, or not one that runs. */
const UNCERTAIN_SHAPES: ReadonlySet<string> = new Set([
  'env',
  'arg',
  'list',
  'configmap',
]);

/** Images between two pauses. */
const IMAGES_AT_ONCE = 200;

type Found = Omit<UnwatchedImage, 'take' | 'form' | 'tagName' | 'ticked'> & {
  isTag: boolean;
};

/**
 * Finds the images in manifests that no marker watches: in workloads, Compose files,
 * Helm values, kustomizations, and where else the value itself says that it is one.
 *
 * @remarks
 * What it is, is told by where it stands and by its text, never by the key `image` alone.
 * Read with the lexer of the markers, so that Helm templates are read as well. A file that
 * cannot be read holds nothing. Never throws because of what the files hold.
 *
 * @param files - all files of the repository by their path from its root: other files
 * than YAML matter by their names alone, and may be empty
 * @returns file by file, in the order of their lines
 * @public
 */
export function findUnwatched(
  files: ReadonlyMap<string, Buffer>,
): UnwatchedImage[] {
  return runAtOnce(findUnwatchedInTurns(files));
}

/** {@link findUnwatched}, with pauses. @public */
export function* findUnwatchedInTurns(
  files: ReadonlyMap<string, Buffer>,
): PausingWork<UnwatchedImage[]> {
  const found: Found[] = [];
  const kustomizations = new Map<string, ManifestFacts>();
  const artifacts = new Set<string>();
  const fluxPaths: string[] = [];
  const markers: { file: string; tagName: string }[] = [];
  for (const [file, source] of files) {
    yield;
    if (!/\.ya?ml$/i.test(file) && !isKustomizationFile(file)) {
      continue;
    }
    const watched = new Set<number>();
    if (mayHoldMarkers(source)) {
      const { markers: here } = yield* findMarkersInTurns(source);
      for (const { line, tagName } of here) {
        watched.add(line);
        markers.push({ file, tagName });
      }
    }
    const facts = yield* readFile(file, source, found, watched);
    if (facts) {
      facts.artifacts.forEach(image => artifacts.add(image));
      facts.fluxPaths.forEach(path => fluxPaths.push(path));
      if (facts.resources.length + facts.overrides.length > 0) {
        kustomizations.set(file, facts);
      }
    }
  }
  yield* judgeByRepository(
    found,
    new Overrides(kustomizations, files),
    artifacts,
    files,
  );
  const names = new TagNames(yield* existingScans(files), markers);
  const folders = new DefinitionFolders(files.keys(), fluxPaths);
  return yield* nameAll(found, names, folders);
}

/** @returns undefined for a file that holds nothing of interest */
function* readFile(
  file: string,
  source: Buffer,
  found: Found[],
  watched: ReadonlySet<number>,
): PausingWork<ManifestFacts | undefined> {
  if (
    isNoManifest(file) ||
    (!isKustomizationFile(file) && !MAY_MATTER.test(source.toString('latin1')))
  ) {
    return undefined;
  }
  yield;
  const manifest = yield* readUnmarkedText(source);
  if ('code' in manifest) {
    return undefined;
  }
  const reader = new ManifestReader(file, manifest);
  const tree = new LightTree(manifest, reader);
  yield* tree.read();
  const { facts } = reader;
  if (facts.isEncrypted) {
    return { ...facts, candidates: [] };
  }
  const isGenerated = saysGenerated(tree.comments.leading);
  const candidates = facts.candidates.sort(
    (a, b) => a.value.line - b.value.line || a.value.start - b.value.start,
  );
  for (const [index, candidate] of candidates.entries()) {
    if (index % IMAGES_AT_ONCE === 0) {
      yield;
    }
    const { value, document, shape, isTag, image, tag, digest } = candidate;
    if (watched.has(value.line)) {
      continue;
    }
    const asks =
      shape === 'values' &&
      facts.hasRegistryKey &&
      image !== undefined &&
      !namesRegistry(image);
    const reason =
      candidate.reason ??
      (asks ? 'image-unknown' : undefined) ??
      obstacleAt(manifest, document, value);
    found.push({
      file,
      line: value.line,
      shape,
      isTag,
      ...(image !== undefined && { image }),
      ...(tag !== undefined && { tag }),
      ...(digest !== undefined && { digest }),
      ...withReason(candidate, reason, isGenerated),
    });
  }
  return facts;
}

function withReason(
  { isBuiltHere }: Candidate,
  reason: UnwatchedReason | undefined,
  isGenerated: boolean,
): { reason?: UnwatchedReason } {
  if (isBuiltHere && (reason === undefined || reason === 'no-tag')) {
    return { reason: 'built-here' };
  }
  const own = reason ?? (isGenerated ? 'generated' : undefined);
  return own === undefined ? {} : { reason: own };
}

/** Whether the comment at the start says that a program writes the file. */
function saysGenerated(comment: string): boolean {
  return /generated/i.test(comment) && /do not (?:edit|modify)/i.test(comment);
}

/** What is hidden or runs elsewhere. */
function isNoManifest(file: string): boolean {
  const parts = file.split('/');
  return (
    parts.some(part => part.startsWith('.')) ||
    OTHER_FILES.test(parts[parts.length - 1])
  );
}

/** Adds the reasons that other files bring. */
function* judgeByRepository(
  found: Found[],
  overrides: Overrides,
  artifacts: ReadonlySet<string>,
  files: { has(file: string): boolean },
): PausingWork<void> {
  let file: string | undefined;
  let images: ReadonlyMap<string, { file: string; line: number }> = new Map();
  let isForeign = false;
  for (const [index, each] of found.entries()) {
    if (index % IMAGES_AT_ONCE === 0) {
      yield;
    }
    if (each.file !== file) {
      file = each.file;
      images = yield* overrides.imagesOf(file);
      isForeign = isVendored(file, files);
    }
    const { image, reason, shape } = each;
    const canRun =
      shape === 'workload' || shape === 'crd' || shape === 'kustomize';
    const overriddenBy = image && canRun ? images.get(image) : undefined;
    if (image && artifacts.has(image) && (!reason || reason === 'no-tag')) {
      each.reason = 'built-here';
    } else if (
      overriddenBy &&
      (!reason || reason === 'generated' || reason === 'no-tag')
    ) {
      each.reason = 'overridden';
      each.overriddenBy = overriddenBy;
    } else if (!reason && isForeign) {
      each.reason = 'generated';
    } else if (!reason && each.tag !== undefined && !mayHaveRule(each.tag)) {
      each.reason = 'no-policy';
    }
  }
}

/** Whether the next copy from somewhere else would lose a marker. */
function isVendored(
  file: string,
  files: { has(file: string): boolean },
): boolean {
  if (VENDORED.test(file)) {
    return true;
  }
  const parts = file.split('/');
  return parts.some(
    (part, index) =>
      part === 'charts' &&
      index < parts.length - 2 &&
      files.has([...parts.slice(0, index), 'Chart.lock'].join('/')),
  );
}

function* existingScans(
  files: ReadonlyMap<string, Buffer>,
): PausingWork<ExistingScan[]> {
  const scans: ExistingScan[] = [];
  for (const [file, source] of files) {
    const isDefinition = /^(?:imagescans\.yaml|fleet\.ya?ml)$/.test(
      posix.basename(file),
    );
    if (isDefinition && mentionsScans(source)) {
      const path = posix.dirname(file);
      const read = yield* parseImageScansInTurns(source, { file });
      for (const { tagName, image } of read.scans) {
        scans.push({ path, tagName, image });
      }
      for (const { tagName } of read.errors) {
        // A name that is spoken for, whatever is wrong with the entry.
        if (tagName !== undefined) {
          scans.push({ path, tagName, image: '' });
        }
      }
    }
  }
  return scans;
}

function* nameAll(
  found: readonly Found[],
  names: TagNames,
  folders: DefinitionFolders,
): PausingWork<UnwatchedImage[]> {
  const wanted: (Nameless | undefined)[] = [];
  const described = new Map<string, ReturnType<typeof describeTag>>();
  for (const [index, { reason, image, tag, file }] of found.entries()) {
    if (index % IMAGES_AT_ONCE === 0) {
      yield;
    }
    if (reason !== undefined || image === undefined || tag === undefined) {
      wanted.push(undefined);
      continue;
    }
    const known = described.get(tag);
    const description = known ?? describeTag(tag);
    if (!known) {
      described.set(tag, description);
    }
    const folder = folders.folderFor(file) ?? '.';
    wanted.push({ folder, image, ...description });
  }
  yield* names.add(wanted.flatMap(each => each ?? []));
  return found.map(({ isTag, ...each }, index) => {
    const nameless = wanted[index];
    if (!nameless) {
      return { ...each, take: false, ticked: false };
    }
    return {
      ...each,
      take: true,
      form: formFor(each.digest, isTag),
      tagName: names.nameOf(nameless),
      ticked: !UNCERTAIN_SHAPES.has(each.shape) && !TEST_FOLDER.test(each.file),
    };
  });
}

/** A pinned image stays pinned; behind a tag, the form keeps the digest by itself. */
function formFor(digest: string | undefined, isTag: boolean): MarkerForm {
  if (isTag) {
    return 'tag';
  }
  return digest === undefined ? 'image' : 'digest';
}

/** What tells the tags of one image apart, as far as the tag itself says. */
function describeTag(
  tag: string,
): Pick<Nameless, 'rule' | 'variant' | 'version'> {
  const shape = shapeOf(tag);
  const rule = JSON.stringify(suggestRule(tag) ?? tag);
  if (shape?.kind !== 'version') {
    return { rule, variant: '', version: tag };
  }
  return {
    rule,
    variant: shape.suffix
      .map(part => (part.kind === 'text' ? part.text : ''))
      .join(''),
    version: shape.numbers.slice(0, 2).join('.'),
  };
}
