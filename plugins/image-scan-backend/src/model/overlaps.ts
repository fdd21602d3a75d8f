import {
  filesUnder,
  type GitRepoDefinition,
  remoteKey,
} from 'backstage-plugin-image-scan-node';

/** A path that another git repo reads and writes as well. */
export interface Overlap {
  path: string;
  /** Key of the other git repo. */
  other: string;
}

/** Of one git repo; more say nothing new. */
const MOST_OVERLAPS = 10;

/**
 * Finds the git repos that read and write the same files of the same branch: what is
 * decided about one does not bind the other.
 *
 * @param branchOf - what a git repo reads, where that is known; two of which it is not
 *   known read the same
 * @returns the overlaps of each, by its key
 */
export function findOverlaps(
  definitions: readonly GitRepoDefinition[],
  branchOf: (definition: GitRepoDefinition) => string | undefined,
): Map<string, Overlap[]> {
  const byBranch = new Map<string, GitRepoDefinition[]>();
  for (const definition of definitions) {
    const key = remoteKey(definition.repo, branchOf(definition) ?? '');
    const ofBranch = byBranch.get(key) ?? [];
    byBranch.set(key, ofBranch);
    ofBranch.push(definition);
  }
  const found = new Map<string, Overlap[]>();
  const add = (key: string, path: string, other: string) => {
    const overlaps = found.get(key) ?? [];
    found.set(key, overlaps);
    const isKnown = overlaps.some(each => each.path === path);
    if (!isKnown && overlaps.length < MOST_OVERLAPS) {
      overlaps.push({ path, other });
    }
  };
  for (const ofBranch of byBranch.values()) {
    if (ofBranch.length > 1) {
      compareFolders(ofBranch, add);
      comparePatterns(ofBranch, add);
    }
  }
  return found;
}

/** What an overlap means, in a sentence. */
export function describeOverlap(
  path: string,
  other = 'another git repo',
): string {
  return `${path} of this branch belongs to ${other} as well, and what is held in one of them the other still writes; give each paths of its own`;
}

type AddOverlap = (key: string, path: string, other: string) => void;

function compareFolders(
  definitions: readonly GitRepoDefinition[],
  add: AddOverlap,
): void {
  const owners = new Map<string, string[]>();
  for (const { key, paths } of definitions) {
    for (const path of paths) {
      const ofPath = owners.get(path) ?? [];
      owners.set(path, ofPath);
      ofPath.push(key);
    }
  }
  for (const { key, paths } of definitions) {
    for (const path of paths) {
      const same = owners.get(path)?.find(other => other !== key);
      if (same !== undefined) {
        add(key, path, same);
      }
      for (const folder of foldersAbove(path)) {
        for (const other of owners.get(folder) ?? []) {
          if (other !== key) {
            add(key, path, other);
            add(other, path, key);
          }
        }
      }
    }
  }
}

function comparePatterns(
  definitions: readonly GitRepoDefinition[],
  add: AddOverlap,
): void {
  for (const { key, paths } of definitions) {
    const patterns = paths.filter(path => /[*?[]/.test(path));
    if (patterns.length > 0) {
      const isUnder = filesUnder(patterns);
      for (const other of definitions) {
        const path = other.paths.find(each => isUnder(`${each}/file`));
        if (other.key !== key && path !== undefined) {
          add(key, path, other.key);
          add(other.key, path, key);
        }
      }
    }
  }
}

function foldersAbove(path: string): string[] {
  const names = path === '.' ? [] : path.split('/');
  return names.map((_, index) => names.slice(0, index).join('/') || '.');
}
