import { posix } from 'node:path';
import type { PausingWork } from '../inTurns';
import { isKustomizationFile } from './ManifestReader';
import type { ManifestFacts } from './ManifestReader';

/** Steps from manifests to the kustomizations above them, in one repository. */
const MAX_STEPS = 1_000_000;

/** Steps between two pauses. */
const STEPS_AT_ONCE = 5_000;

type KustomizationFacts = Pick<ManifestFacts, 'resources' | 'overrides'>;

/** Knows which images of a manifest a kustomization sets another tag for. */
export class Overrides {
  readonly #kustomizations: ReadonlyMap<string, KustomizationFacts>;
  /** Kustomizations that build on a file. */
  readonly #parents = new Map<string, string[]>();
  #stepsLeft = MAX_STEPS;

  /**
   * @param kustomizations - by file
   * @param files - paths of all files of the repository
   */
  constructor(
    kustomizations: ReadonlyMap<string, KustomizationFacts>,
    files: { has(file: string): boolean },
  ) {
    this.#kustomizations = kustomizations;
    const byFolder = new Map<string, string>();
    for (const file of kustomizations.keys()) {
      if (isKustomizationFile(file)) {
        byFolder.set(posix.dirname(file), file);
      }
    }
    for (const [file, { resources }] of kustomizations) {
      for (const resource of new Set(resources)) {
        const path = posix
          .join(posix.dirname(file), resource)
          .replace(/\/$/, '');
        const target = files.has(path) ? path : byFolder.get(path);
        if (target !== undefined && target !== file) {
          const parents = this.#parents.get(target) ?? [];
          parents.push(file);
          this.#parents.set(target, parents);
        }
      }
    }
  }

  /** Images of a file that a kustomization sets that reaches it, and where. */
  *imagesOf(
    file: string,
  ): PausingWork<ReadonlyMap<string, { file: string; line: number }>> {
    const images = new Map<string, { file: string; line: number }>();
    const seen = new Set([file]);
    const open = [file];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const parent of this.#parents.get(next) ?? []) {
        this.#stepsLeft -= 1;
        if (this.#stepsLeft < 0) {
          return images;
        }
        if (this.#stepsLeft % STEPS_AT_ONCE === 0) {
          yield;
        }
        if (!seen.has(parent)) {
          seen.add(parent);
          open.push(parent);
          const { overrides = [] } = this.#kustomizations.get(parent) ?? {};
          overrides.forEach(({ image, line }) =>
            images.set(image, { file: parent, line }),
          );
        }
      }
    }
    return images;
  }
}
