import { posix } from 'node:path';
import {
  filesUnder,
  folderMayHold,
  formatLimit,
  type GitFoundFile,
  type GitLeftOutFile,
  type GitRepoDefinition,
  type GitSearch,
  type GitSnapshot,
  MarkerScope,
  mayDefineScans,
  mayHoldMarkers,
  mentionsScans,
  REPOSITORY_LIMITS,
  type RepositoryLimits,
  runInTurns,
  type PausingWork,
  type ScopeObstacle,
  sortDefinitionFiles,
} from 'backstage-plugin-image-scan-node';
import type { Problem } from 'backstage-plugin-image-scan-common';
import type { RepositoryContents } from '../database/GitRepoStore';
import type { ScanDefinition } from '../model/types';
import { ProblemList } from './ProblemList';
import {
  type DefinitionContext,
  DefinitionParser,
  type DefinitionSource,
  readBundle,
} from './readBundle';
import { type Manifest, readMarkers } from './readMarkers';

/** Longer folders do not fit into an index of the database. */
const MAX_PATH_BYTES = 1024;

/** Entries that are gone through, broken ones and their errors included. */
const SEEN_PER_DEFINITION = 5;

/** As a key, in YAML or JSON. */
const MENTIONS_SCANS = /^[\s{]*["']?imageScans["']?\s*:/m;

/** A git repo as it is at one commit. */
export interface Repository {
  contents: RepositoryContents;
  /** Only files with the marker's token; few, whatever the repository's size. */
  manifests: readonly Manifest[];
  scope: MarkerScope<ScanDefinition>;
  /** Problems of definitions; those of markers are in the contents as well. */
  entryProblems: readonly Problem[];
  /** A definition file that was not read, because of a limit. */
  unreadFile?: string;
  /** Default {@link REPOSITORY_LIMITS}. */
  limits?: Readonly<RepositoryLimits>;
}

/** What reading needs beside the files. */
export interface ReadContext extends DefinitionContext {
  /** Default {@link REPOSITORY_LIMITS}. */
  limits?: Readonly<RepositoryLimits>;
}

/**
 * Reads definitions and markers under the git repo's paths. What is over a limit is a
 * problem that names it, and all else is read; a marker whose scan may be defined in
 * what is not read means none.
 */
export async function readRepository(
  snapshot: GitSnapshot,
  context: ReadContext,
): Promise<Repository> {
  const leftOut: GitLeftOutFile[] = [];
  const files = await snapshot.find(searchUnder(context.definition), file => {
    leftOut.push(file);
  });
  return runInTurns(readFiles(files, leftOut, snapshot.head, context));
}

function* readFiles(
  files: readonly GitFoundFile[],
  leftOut: readonly GitLeftOutFile[],
  head: GitSnapshot['head'],
  context: ReadContext,
): PausingWork<Repository> {
  const { definition, limits = REPOSITORY_LIMITS } = context;
  const problems = new ProblemList(limits);
  const mayDefine = mayDefineScans(definition);
  const manifests: Manifest[] = [];
  /** Without bytes where they cannot be read. */
  const candidates = new Map<string, Buffer | undefined>();

  for (const { path, reason } of leftOut) {
    yield;
    problems.add({ file: path, message: `${path} ${reason}` });
    if (mayDefine(path)) {
      candidates.set(path, undefined);
    }
  }
  const marked = new Map<Buffer, boolean>();
  for (const { path, content: source } of files) {
    yield;
    const isTooDeep = Buffer.byteLength(path) > MAX_PATH_BYTES;
    if (isTooDeep) {
      problems.add(tooDeep(path));
    } else if (isYaml(path)) {
      // One content may lie under many names.
      const isMarked = marked.get(source) ?? mayHoldMarkers(source);
      marked.set(source, isMarked);
      if (isMarked) {
        manifests.push({ file: path, source });
      }
    }
    if (mayDefine(path)) {
      candidates.set(path, isTooDeep ? undefined : source);
    }
  }

  const read = yield* readDefinitions(candidates, problems, context);
  yield;
  const scope = new MarkerScope(read.definitions, read.unusable);
  yield;
  const entryProblems = problems.toArray();
  const { unreadFile } = read;
  const found = yield* readMarkers(
    manifests,
    { scope, unreadFile, limits },
    problems,
  );
  return {
    manifests: found.manifests,
    scope,
    entryProblems,
    unreadFile,
    limits,
    contents: {
      remote: definition.repo,
      branch: head.branch,
      headCommit: head.commit,
      definitions: read.definitions,
      unusable: read.unusable,
      markers: found.markers,
      scanProblems: found.scanProblems,
      problems: problems.toArray(),
    },
  };
}

/** What the contents are once some manifests have other bytes. */
export async function withManifests(
  repository: Repository,
  headCommit: string,
  outputs: ReadonlyMap<string, Buffer>,
): Promise<RepositoryContents> {
  const { contents, manifests, scope, entryProblems, unreadFile } = repository;
  const { limits = REPOSITORY_LIMITS } = repository;
  const written = manifests.map(({ file, source }) => ({
    file,
    source: outputs.get(file) ?? source,
  }));
  const problems = new ProblemList(limits);
  problems.addAll(entryProblems);
  const { markers, scanProblems } = await runInTurns(
    readMarkers(written, { scope, unreadFile, limits }, problems),
  );
  return {
    ...contents,
    headCommit,
    markers,
    scanProblems,
    problems: problems.toArray(),
  };
}

/** The definitions of all folders that have room. */
function* readDefinitions(
  candidates: ReadonlyMap<string, Buffer | undefined>,
  problems: ProblemList,
  context: ReadContext,
): PausingWork<{
  definitions: ScanDefinition[];
  unusable: ScopeObstacle[];
  unreadFile?: string;
}> {
  const { definition, limits = REPOSITORY_LIMITS } = context;
  const definitions: ScanDefinition[] = [];
  const unusable: ScopeObstacle[] = [];
  let unreadFile: string | undefined;
  const leaveUnread = (path: string, file: string) => {
    unusable.push({ path, file });
    unreadFile ??= file;
  };

  const sorted = sortDefinitionFiles(candidates.keys(), definition);
  yield;
  problems.addAll(sorted.missing);
  for (const message of sorted.passedOver) {
    yield;
    const source = candidates.get(message.file);
    if (source && MENTIONS_SCANS.test(`${source}`)) {
      problems.add(message);
    }
  }
  const bundles = new Map<string, DefinitionSource[]>();
  for (const { file, folder } of sorted.read) {
    yield;
    const source = candidates.get(file);
    // That of a bundle, which need not lie above its file.
    const isTooDeep = Buffer.byteLength(folder) > MAX_PATH_BYTES;
    if (source && isTooDeep) {
      problems.add(tooDeep(folder));
    }
    if (source && !isTooDeep) {
      const bundle = bundles.get(folder) ?? [];
      bundles.set(folder, bundle);
      bundle.push({ file, source });
    } else if (candidates.has(file)) {
      leaveUnread(folder, file);
    }
  }

  const parser = new DefinitionParser(context, limits);
  const room = {
    entries: limits.definitions,
    seen: SEEN_PER_DEFINITION * limits.definitions,
  };
  for (const [path, bundle] of bundles) {
    const [{ file }] = bundle;
    const read = yield* readBundle(path, bundle, parser, room);
    if (typeof read === 'number') {
      leaveUnread(path, file);
      problems.add(tooManyDefinitions(file, read, limits));
      continue;
    }
    room.seen -= read.seen;
    room.entries -= read.definitions.length;
    definitions.push(...read.definitions);
    unusable.push(...read.unusable);
    problems.addAll(read.problems);
  }
  return { definitions, unusable, unreadFile };
}

// The same object for each reading: by it a remote knows what it has read before.
const searches = new WeakMap<GitRepoDefinition, GitSearch>();

/** Looks for definitions, and for files that hold something like a marker. */
function searchUnder(definition: GitRepoDefinition): GitSearch {
  const known = searches.get(definition);
  if (known) {
    return known;
  }
  const mayDefine = mayDefineScans(definition);
  const isUnder = filesUnder(definition.paths);
  const search: GitSearch = {
    enters: folderMayHold(definition.paths),
    includes: path => (isYaml(path) || mayDefine(path)) && isUnder(path),
    always: mayDefine,
    tells: mentionsScans,
    matches: mayHoldMarkers,
  };
  searches.set(definition, search);
  return search;
}

function tooDeep(path: string): Problem {
  const file = `${path.slice(0, 200)}…`;
  return {
    file,
    message: `${file}: the path is longer than ${MAX_PATH_BYTES} bytes, so the file is not read`,
  };
}

function tooManyDefinitions(
  file: string,
  count: number,
  limits: Readonly<RepositoryLimits>,
): Problem {
  return {
    file,
    message: `${file}: none of the ${count} entries of ${posix.dirname(
      file,
    )} is read, because a git repo can have ${formatLimit(
      'definitions',
      limits,
    )} (limit definitions) and those of the folders before are counted too; narrow spec.paths or divide the git repo`,
  };
}

function isYaml(path: string): boolean {
  return path.endsWith('.yaml') || path.endsWith('.yml');
}
