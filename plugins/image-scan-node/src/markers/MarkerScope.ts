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

/** Folders that a message names at most; of one name there may be thousands. */
const MAX_PLACES = 5;

/**
 * Finds the scan that a marker means: the one of its name in the nearest folder
 * at or above its file, else the only one of that name in the git repo.
 *
 * @remarks
 * A definition that cannot be used still stands in the way. Were it passed
 * over, a typo in a team's own block would have another team's image of the
 * same name written into its manifests.
 *
 * A look takes as long as the file lies deep, however many scans there are.
 *
 * @public
 */
export class MarkerScope<T extends ScopedScan> {
  readonly #byName = new Map<string, Map<string, T>>();
  /** By folder, and there by tagName; undefined is a whole file. */
  readonly #obstacles = new Map<
    string,
    Map<string | undefined, { obstacle: ScopeObstacle; index: number }>
  >();
  readonly #counts = new Map<string, number>();
  /** Folders with a definition or an obstacle, and how long their paths are. */
  readonly #places = new Set<string>();
  readonly #lengths = new Set<number>();
  #lastFolder = '.';
  #lastFolders: readonly string[] = ['.'];

  constructor(scans: readonly T[], obstacles: readonly ScopeObstacle[]) {
    for (const scan of scans) {
      const { tagName, path } = scan;
      this.#addPlace(path);
      const named = this.#byName.get(tagName) ?? new Map<string, T>();
      this.#byName.set(tagName, named);
      this.#counts.set(tagName, (this.#counts.get(tagName) ?? 0) + 1);
      if (!named.has(path)) {
        named.set(path, scan);
      }
    }
    obstacles.forEach((obstacle, index) => {
      const { path, tagName } = obstacle;
      this.#addPlace(path);
      const here = this.#obstacles.get(path) ?? new Map();
      this.#obstacles.set(path, here);
      if (!here.has(tagName)) {
        here.set(tagName, { obstacle, index });
      }
    });
  }

  /** @param file - path of the marker's file from the root of the repository */
  resolve(tagName: string, file: string): MarkerTarget<T> {
    const named = this.#byName.get(tagName);
    for (const folder of this.#foldersOf(file)) {
      const obstacle = this.#obstacleAt(folder, tagName);
      if (obstacle) {
        return {
          problem:
            obstacle.tagName === undefined
              ? `${obstacle.file} cannot be read, so it is not known which scan ${tagName} is`
              : `the entry ${tagName} in ${obstacle.file} cannot be used, or has no result as it stands there`,
        };
      }
      const scan = named?.get(folder);
      if (scan) {
        return { scan };
      }
    }
    if (!named) {
      return {
        problem: `no scan has the tagName ${tagName}; names are case-sensitive`,
      };
    }
    const [only] = named.values();
    if (this.#counts.get(tagName) === 1) {
      return { scan: only };
    }
    return {
      problem: `several scans have the tagName ${tagName} and none of them lies at or above this file; they are defined in ${placesOf(
        named,
      )}`,
    };
  }

  /** Of those that mean the name in this folder, the one that was given first. */
  #obstacleAt(folder: string, tagName: string): ScopeObstacle | undefined {
    const here = this.#obstacles.get(folder);
    if (!here) {
      return undefined;
    }
    const named = here.get(tagName);
    const whole = here.get(undefined);
    return named && whole && whole.index < named.index
      ? whole.obstacle
      : (named ?? whole)?.obstacle;
  }

  /** Those that define something, from the folder of the file up to the root. */
  #foldersOf(file: string): readonly string[] {
    const slash = file.lastIndexOf('/');
    const folder = slash < 0 ? '.' : file.slice(0, slash);
    // Markers come file by file, and a folder's paths are long where it lies deep.
    if (folder !== this.#lastFolder) {
      this.#lastFolder = folder;
      this.#lastFolders = this.#placesAbove(folder);
    }
    return this.#lastFolders;
  }

  #addPlace(path: string): void {
    this.#places.add(path);
    this.#lengths.add(path.length);
  }

  #placesAbove(folder: string): string[] {
    const places: string[] = [];
    let end = folder === '.' ? -1 : folder.length;
    while (end > 0) {
      // Most folders are none, and to cut each path out would cost the most.
      if (this.#lengths.has(end)) {
        const above = folder.slice(0, end);
        if (this.#places.has(above)) {
          places.push(above);
        }
      }
      end = folder.lastIndexOf('/', end - 1);
    }
    return [...places, '.'];
  }
}

function placesOf(named: ReadonlyMap<string, unknown>): string {
  const places = [...named.keys()];
  const more = places.length - MAX_PLACES;
  return more > 0
    ? `${places.slice(0, MAX_PLACES).join(', ')} and ${more} more folders`
    : places.join(', ');
}
