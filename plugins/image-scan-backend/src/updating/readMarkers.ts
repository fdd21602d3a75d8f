import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  findMarkersInTurns,
  formatLimit,
  type FoundMarkers,
  type MarkerScope,
  type MarkerTarget,
  type MeasuredMarkers,
  type PausingWork,
  type RepositoryLimits,
  TokenBudget,
} from 'backstage-plugin-image-scan-node';
import type { RepositoryContents } from '../database/GitRepoStore';
import type { ScanDefinition, ScanMarker } from '../model/types';
import { clip, type ProblemList } from './ProblemList';

/** A file that holds something that looks like a marker. */
export interface Manifest {
  file: string;
  source: Buffer;
}

/** What markers are read with. */
export interface MarkerContext {
  scope: MarkerScope<ScanDefinition>;
  /** A definition file that was not read; any name may be defined in it. */
  unreadFile?: string;
  limits: Readonly<RepositoryLimits>;
}

/** The markers of a repository, and the manifests that they are in. */
export type ReadMarkers = Pick<
  RepositoryContents,
  'markers' | 'scanProblems'
> & {
  /** Without those that have too many markers. */
  manifests: Manifest[];
};

/** Of a content that need not be searched again; more would be kept for too long. */
const KEPT_MARKERS = 5_000;

// By the bytes that a git remote keeps: what did not change between two commits, or
// lies under many names, is searched once.
const searched = new WeakMap<Buffer, MeasuredMarkers>();

/** How many problems are looked at one by one, by the number that is listed. */
const EXAMINED_PER_LISTED = 10;

/** Problems of scans, a few of each. */
class ScanProblems {
  readonly #limits: Readonly<RepositoryLimits>;
  readonly #byScan = new Map<string, { listed: Problem[]; more: number }>();
  #total = 0;

  constructor(limits: Readonly<RepositoryLimits>) {
    this.#limits = limits;
  }

  add(scanId: string, problem: Problem): void {
    const ofScan = this.#byScan.get(scanId) ?? { listed: [], more: 0 };
    this.#byScan.set(scanId, ofScan);
    const { problems, problemsOfScan } = this.#limits;
    if (ofScan.listed.length < problemsOfScan && this.#total < problems) {
      ofScan.listed.push(clip(problem));
      this.#total += 1;
    } else {
      ofScan.more += 1;
      if (ofScan.more === 1) {
        ofScan.listed.push({ file: problem.file, message: '' });
      }
    }
  }

  toMap(): Map<string, Problem[]> {
    const map = new Map<string, Problem[]>();
    for (const [scanId, { listed, more }] of this.#byScan) {
      const last = listed[listed.length - 1];
      map.set(
        scanId,
        more > 0
          ? [...listed.slice(0, -1), { ...last, message: moreOf(more) }]
          : listed,
      );
    }
    return map;
  }
}

/** Searches contents, each once, as far as their tokens have room. */
class SearchedContents {
  readonly #budget: TokenBudget;
  /** Undefined is one that has too many. */
  readonly #found = new Map<Buffer, FoundMarkers | undefined>();

  constructor({ markerTokens, fileTokens }: Readonly<RepositoryLimits>) {
    this.#budget = new TokenBudget(markerTokens, fileTokens);
  }

  /** @returns undefined where there are too many tokens */
  *search(source: Buffer): PausingWork<FoundMarkers | undefined> {
    if (this.#found.has(source)) {
      return this.#found.get(source);
    }
    const maxTokens = this.#budget.allowed;
    const found =
      searched.get(source) ??
      (yield* findMarkersInTurns(source, { careful: true, maxTokens }));
    this.#budget.spend(Math.min(found.tokens, maxTokens));
    const isWhole = !found.hasTooMany && found.tokens <= maxTokens;
    this.#found.set(source, isWhole ? found : undefined);
    if (
      isWhole &&
      found.markers.length + found.problems.length <= KEPT_MARKERS
    ) {
      searched.set(source, found);
    }
    return this.#found.get(source);
  }
}

function moreOf(count: number): string {
  return `${count} more problems of this scan are not listed, the first of them in this file`;
}

/**
 * Finds the markers of manifests and the scans that they mean.
 *
 * @param problems - gets those of markers
 */
export function* readMarkers(
  manifests: readonly Manifest[],
  { scope, unreadFile, limits }: MarkerContext,
  problems: ProblemList,
): PausingWork<ReadMarkers> {
  const read: Manifest[] = [];
  const markers: ScanMarker[] = [];
  const ofScans = new ScanProblems(limits);
  const contents = new SearchedContents(limits);
  let count = 0;
  let bytes = 0;
  let examined = 0;
  for (const manifest of manifests) {
    const { file, source } = manifest;
    const found = yield* contents.search(source);
    if (!found) {
      problems.add(tooLong(file, limits));
      continue;
    }
    const more = bytesOf(file, found);
    if (
      count + found.markers.length > limits.markers ||
      bytes + more > limits.markerBytes
    ) {
      problems.add(tooMany(file, found.markers.length, limits));
      continue;
    }
    count += found.markers.length;
    bytes += more;
    read.push(manifest);
    for (const { line, tagName, form, current } of found.markers) {
      yield;
      const target = resolve(scope, tagName, file, unreadFile);
      if ('problem' in target) {
        problems.add({ file, line, tagName, message: target.problem });
      } else {
        const scanId = target.scan.id;
        markers.push({ scanId, file, line, form, current: storable(current) });
      }
    }
    examined += found.problems.length;
    if (examined > EXAMINED_PER_LISTED * limits.problems) {
      problems.count(file, found.problems.length);
      continue;
    }
    for (const { line, tagName, message } of found.problems) {
      yield;
      const problem = { file, line, tagName, message };
      problems.add(problem);
      const target =
        tagName === undefined
          ? undefined
          : resolve(scope, tagName, file, unreadFile);
      if (target && 'scan' in target) {
        ofScans.add(target.scan.id, problem);
      }
    }
  }
  return { manifests: read, markers, scanProblems: ofScans.toMap() };
}

/** What the rows of a file's markers hold, roughly. */
function bytesOf(file: string, { markers }: FoundMarkers): number {
  return markers.reduce(
    (sum, { current }) => sum + file.length + current.length,
    0,
  );
}

/** The scan of a marker; none where a file that was not read may define another. */
function resolve(
  scope: MarkerScope<ScanDefinition>,
  tagName: string,
  file: string,
  unreadFile: string | undefined,
): MarkerTarget<ScanDefinition> {
  const target = scope.resolve(tagName, file);
  if (unreadFile === undefined || 'problem' in target) {
    return target;
  }
  const { path } = target.scan;
  return path === '.' || file.startsWith(`${path}/`)
    ? target
    : {
        problem: `${unreadFile} is not read, so it is not known whether ${tagName} is defined only in ${path}`,
      };
}

function tooMany(
  file: string,
  count: number,
  limits: Readonly<RepositoryLimits>,
): Problem {
  return {
    file,
    message: `${file}: none of its ${count} markers is read, because a git repo can have ${formatLimit(
      'markers',
      limits,
    )} with ${formatLimit(
      'markerBytes',
      limits,
    )} of paths and values (limit markers) and those of the files before are counted too; narrow spec.paths or divide the git repo`,
  };
}

function tooLong(file: string, limits: Readonly<RepositoryLimits>): Problem {
  return {
    file,
    message: `${file}: none of its markers is read, because it has too many tokens of YAML (names, values, signs and line ends): in a git repo, ${formatLimit(
      'markerTokens',
      limits,
    )} are read beyond ${formatLimit(
      'fileTokens',
      limits,
    )} of each file with markers (limit markerTokens); divide the file, or narrow spec.paths`,
  };
}

/** PostgreSQL's text holds no NUL, which an escape in quotes can bring. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
