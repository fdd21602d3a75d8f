import { createHash } from 'node:crypto';
import { toError } from '@backstage/errors';
import { Problem } from 'backstage-plugin-image-scan-common';
import {
  filesUnder,
  findMarkers,
  GitRepoDefinition,
  GitSearch,
  GitSnapshot,
  ImageScanDefinition,
  MarkerScope,
  mayDefineScans,
  mayHoldMarkers,
  parseImageReference,
  parseImageScans,
  ScopeObstacle,
  sortDefinitionFiles,
} from 'backstage-plugin-image-scan-node';
import { RepositoryContents } from '../database/GitRepoStore';
import { CredentialRequest } from '../scanning/RegistryCredentialResolver';
import { ScanDefinition, ScanMarker } from '../types';

/** Longer folders do not fit into an index of the database. */
const MAX_PATH_BYTES = 1024;

/** As a key, in YAML or JSON. */
const MENTIONS_SCANS = /^[\s{]*["']?imageScans["']?\s*:/m;

/** A file that holds something that looks like a marker. */
export interface Manifest {
  file: string;
  source: Buffer;
}

/** A git repo as it is at one commit. */
export interface Repository {
  contents: RepositoryContents;
  /** Only files with the marker's token; few, whatever the repository's size. */
  manifests: readonly Manifest[];
  scope: MarkerScope<ScanDefinition>;
  /** Problems of definitions; those of markers are in the contents as well. */
  entryProblems: readonly Problem[];
}

/** What reading needs beside the files. */
export interface ReadContext {
  definition: GitRepoDefinition;
  /** Names the credentials of a scan, so that scans can share lists of tags. */
  credentialKeyOf: (request: CredentialRequest) => string;
}

/** Reads definitions and markers under the git repo's paths. */
export async function readRepository(
  snapshot: GitSnapshot,
  context: ReadContext,
): Promise<Repository> {
  const files = await snapshot.find(searchUnder(context.definition));
  const definitions: ScanDefinition[] = [];
  const unusable: ScopeObstacle[] = [];
  const problems: Problem[] = [];
  const manifests: Manifest[] = [];

  const mayDefine = mayDefineScans(context.definition);
  const candidates = new Map<string, Buffer>();
  for (const { path, content: source } of files) {
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      problems.push(tooDeep(path));
      continue;
    }
    if (isYaml(path) && mayHoldMarkers(source)) {
      manifests.push({ file: path, source });
    }
    if (mayDefine(path)) {
      candidates.set(path, source);
    }
  }
  const sorted = sortDefinitionFiles(candidates.keys(), context.definition);
  problems.push(
    ...sorted.missing,
    ...sorted.passedOver.filter(({ file }) =>
      MENTIONS_SCANS.test(`${candidates.get(file)}`),
    ),
  );
  const bundles = new Map<string, { file: string; source: Buffer }[]>();
  for (const { file, folder } of sorted.read) {
    const bundle = bundles.get(folder) ?? [];
    bundles.set(folder, bundle);
    const source = candidates.get(file);
    if (source) {
      bundle.push({ file, source });
    }
  }
  for (const [path, bundle] of bundles) {
    const read = readBundle(path, bundle, context);
    definitions.push(...read.definitions);
    unusable.push(...read.unusable);
    problems.push(...read.problems);
  }

  const scope = new MarkerScope(definitions, unusable);
  return {
    manifests,
    scope,
    entryProblems: problems,
    contents: {
      branch: snapshot.head.branch,
      headCommit: snapshot.head.commit,
      definitions,
      ...readMarkers(manifests, scope, problems),
    },
  };
}

/** What the contents are once some manifests have other bytes. */
export function withManifests(
  repository: Repository,
  headCommit: string,
  outputs: ReadonlyMap<string, Buffer>,
): RepositoryContents {
  const { contents, manifests, scope, entryProblems } = repository;
  const written = manifests.map(({ file, source }) => ({
    file,
    source: outputs.get(file) ?? source,
  }));
  return {
    ...contents,
    headCommit,
    ...readMarkers(written, scope, entryProblems),
  };
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
    includes: path => (isYaml(path) || mayDefine(path)) && isUnder(path),
    always: mayDefine,
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

function isYaml(path: string): boolean {
  return path.endsWith('.yaml') || path.endsWith('.yml');
}

function readBundle(
  path: string,
  files: readonly { file: string; source: Buffer }[],
  context: ReadContext,
): {
  definitions: ScanDefinition[];
  unusable: ScopeObstacle[];
  problems: Problem[];
} {
  const unusable: ScopeObstacle[] = [];
  const problems: Problem[] = [];
  const found: { file: string; entry: ImageScanDefinition }[] = [];
  for (const { file, source } of files) {
    const { scans, errors, warnings } = parseImageScans(source, { file });
    problems.push(...warnings.map(message => ({ file, message })));
    found.push(...scans.map(entry => ({ file, entry })));
    for (const { entry, tagName, line, message } of errors) {
      problems.push({ file, line, tagName, message });
      if (entry === undefined || tagName !== undefined) {
        unusable.push({ path, file, tagName });
      }
    }
  }

  const definitions: ScanDefinition[] = [];
  for (const { file, entry: scan } of found) {
    const reject = (field: string, reason: string) => {
      const { entry, line, tagName } = scan;
      const message = `${file}: imageScans[${entry}] (${tagName}) on line ${line}, ${field}: ${reason}`;
      problems.push({ file, line, tagName, message });
      unusable.push({ path, file, tagName });
    };
    const twin = found.find(
      other => other.entry !== scan && other.entry.tagName === scan.tagName,
    );
    if (twin) {
      reject(
        'tagName',
        `${twin.file} has an entry of this name too, on line ${twin.entry.line}; each entry of a folder needs its own`,
      );
      continue;
    }
    try {
      definitions.push(toDefinition(path, file, scan, context));
    } catch (error) {
      reject('image', toError(error).message);
    }
  }
  return { definitions, unusable, problems };
}

function toDefinition(
  path: string,
  file: string,
  entry: ImageScanDefinition,
  { definition, credentialKeyOf }: ReadContext,
): ScanDefinition {
  const gitRepo = definition.key;
  const { image, policy, tagName, secretRef } = entry;
  const reference = parseImageReference(image);
  const credentialKey = credentialKeyOf({
    gitRepo,
    reference,
    secretRef: secretRef?.name,
  });
  return {
    id: hash([gitRepo, path, tagName]).slice(0, 24),
    gitRepo,
    path,
    tagName,
    image: reference.name,
    policy,
    interval: entry.interval,
    suspend: entry.suspend,
    secretRef: secretRef?.name,
    file,
    line: entry.line,
    warnings: entry.warnings,
    hash: hash([reference.canonicalName, policy]),
    listKey: hash([reference.canonicalName, credentialKey]),
    registryHost: reference.apiHost,
  };
}

function readMarkers(
  manifests: readonly Manifest[],
  scope: MarkerScope<ScanDefinition>,
  problemsBefore: readonly Problem[],
): Pick<RepositoryContents, 'markers' | 'problems' | 'scanProblems'> {
  const markers: ScanMarker[] = [];
  const problems: Problem[] = [...problemsBefore];
  const scanProblems = new Map<string, Problem[]>();
  for (const { file, source } of manifests) {
    const found = findMarkers(source, { careful: true });
    for (const { line, tagName, form, current } of found.markers) {
      const target = scope.resolve(tagName, file);
      if ('problem' in target) {
        problems.push({ file, line, tagName, message: target.problem });
      } else {
        const scanId = target.scan.id;
        markers.push({ scanId, file, line, form, current: storable(current) });
      }
    }
    for (const { line, tagName, message } of found.problems) {
      const problem = { file, line, tagName, message };
      problems.push(problem);
      const target =
        tagName === undefined ? undefined : scope.resolve(tagName, file);
      if (target && 'scan' in target) {
        const list = scanProblems.get(target.scan.id) ?? [];
        list.push(problem);
        scanProblems.set(target.scan.id, list);
      }
    }
  }
  return { markers, problems, scanProblems };
}

/** PostgreSQL's text holds no NUL, which an escape in quotes can bring. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
