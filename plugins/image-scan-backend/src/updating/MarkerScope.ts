import { ScanDefinition } from '../types';

/** A definition that cannot be used but whose place or name is known. */
export interface UnusableDefinition {
  /** Folder of its file. */
  path: string;
  file: string;
  /** Absent when the whole file cannot be read. */
  tagName?: string;
}

/** The scan that a marker means, or why there is none. */
export type MarkerTarget = { definition: ScanDefinition } | { problem: string };

/**
 * Finds the scan that a marker means: the one of its name in the nearest folder
 * at or above its file, else the only one of that name in the git repo.
 *
 * @remarks
 * A definition that cannot be used still stands in the way. Were it passed
 * over, a typo in a team's own block would have another team's image of the
 * same name written into its manifests.
 */
export class MarkerScope {
  readonly #byName = new Map<string, ScanDefinition[]>();
  readonly #unusable: readonly UnusableDefinition[];

  constructor(
    definitions: readonly ScanDefinition[],
    unusable: readonly UnusableDefinition[],
  ) {
    for (const definition of definitions) {
      const list = this.#byName.get(definition.tagName) ?? [];
      list.push(definition);
      this.#byName.set(definition.tagName, list);
    }
    this.#unusable = unusable;
  }

  resolve(tagName: string, file: string): MarkerTarget {
    const named = this.#byName.get(tagName) ?? [];
    const above = named.filter(({ path }) => isAtOrAbove(path, file));
    const nearest = deepest(above);
    const obstacle = deepest(
      this.#unusable.filter(
        ({ path, tagName: name }) =>
          (name === undefined || name === tagName) && isAtOrAbove(path, file),
      ),
    );
    if (obstacle && (!nearest || depth(obstacle) >= depth(nearest))) {
      return {
        problem:
          obstacle.tagName === undefined
            ? `${obstacle.file} cannot be read, so it is not known which scan ${tagName} is`
            : `the entry ${tagName} in ${obstacle.file} cannot be used`,
      };
    }
    if (nearest) {
      return { definition: nearest };
    }
    switch (named.length) {
      case 0:
        return {
          problem: `no scan has the tagName ${tagName}; names are case-sensitive`,
        };
      case 1:
        return { definition: named[0] };
      default: {
        const places = named.map(definition => definition.file).join(', ');
        return {
          problem: `several scans have the tagName ${tagName} and none of them lies at or above this file: ${places}`,
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
