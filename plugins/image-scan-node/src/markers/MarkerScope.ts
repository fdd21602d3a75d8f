/** A scan that a marker can mean. */
export interface ScopedScan {
  /** Folder of its definition from the root of the repository; `.` is the root. */
  path: string;
  tagName: string;
}

/** An entry that stands in the way: its name or place is known, its result is not. */
export interface ScopeObstacle {
  /** Folder of its file. */
  path: string;
  file: string;
  /** Absent when the whole file cannot be read. */
  tagName?: string;
}

/** The scan that a marker means, or why there is none. @public */
export type MarkerTarget<T> = { scan: T } | { problem: string };

/**
 * Finds the scan that a marker means: the one of its name in the nearest folder
 * at or above its file, else the only one of that name in the git repo.
 *
 * @remarks
 * A definition that cannot be used still stands in the way. Were it passed
 * over, a typo in a team's own block would have another team's image of the
 * same name written into its manifests.
 *
 * @public
 */
export class MarkerScope<T extends ScopedScan> {
  readonly #byName = new Map<string, T[]>();
  readonly #obstacles: readonly ScopeObstacle[];

  constructor(scans: readonly T[], obstacles: readonly ScopeObstacle[]) {
    for (const scan of scans) {
      const list = this.#byName.get(scan.tagName) ?? [];
      list.push(scan);
      this.#byName.set(scan.tagName, list);
    }
    this.#obstacles = obstacles;
  }

  /** @param file - path of the marker's file from the root of the repository */
  resolve(tagName: string, file: string): MarkerTarget<T> {
    const named = this.#byName.get(tagName) ?? [];
    const nearest = deepest(named.filter(scan => isAtOrAbove(scan.path, file)));
    const obstacle = deepest(
      this.#obstacles.filter(
        ({ path, tagName: name }) =>
          (name === undefined || name === tagName) && isAtOrAbove(path, file),
      ),
    );
    if (obstacle && (!nearest || depth(obstacle) >= depth(nearest))) {
      return {
        problem:
          obstacle.tagName === undefined
            ? `${obstacle.file} cannot be read, so it is not known which scan ${tagName} is`
            : `the entry ${tagName} in ${obstacle.file} cannot be used, or has no result as it stands there`,
      };
    }
    if (nearest) {
      return { scan: nearest };
    }
    switch (named.length) {
      case 0:
        return {
          problem: `no scan has the tagName ${tagName}; names are case-sensitive`,
        };
      case 1:
        return { scan: named[0] };
      default: {
        const places = named.map(({ path }) => path).join(', ');
        return {
          problem: `several scans have the tagName ${tagName} and none of them lies at or above this file; they are defined in ${places}`,
        };
      }
    }
  }
}

function isAtOrAbove(folder: string, file: string): boolean {
  return folder === '.' || file.startsWith(`${folder}/`);
}

function depth({ path }: { path: string }): number {
  return path === '.' ? 0 : path.split('/').length;
}

function deepest<T extends { path: string }>(
  candidates: readonly T[],
): T | undefined {
  return candidates.reduce<T | undefined>(
    (best, candidate) =>
      !best || depth(candidate) > depth(best) ? candidate : best,
    undefined,
  );
}
