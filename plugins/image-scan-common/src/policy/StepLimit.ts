import type { ImagePolicy, SemverStep } from '../types';
import { changeKind } from './changeKind';
import { compareNumbers, parseVersion, type Version } from './version';

/** How many numbers must be the same. */
const SAME_NUMBERS = { patch: 2, minor: 1 } as const;

/** How far versions may be from those in git: a range that moves along with them. */
export class StepLimit {
  readonly #step: keyof typeof SAME_NUMBERS;
  readonly #from: readonly Version[];

  private constructor(
    step: keyof typeof SAME_NUMBERS,
    from: readonly Version[],
  ) {
    this.#step = step;
    this.#from = from;
  }

  /**
   * @param from - what is in git; what is no version there limits nothing
   * @returns undefined where any step is allowed
   */
  static of(
    { semver }: ImagePolicy,
    from: readonly string[],
  ): StepLimit | undefined {
    const step: SemverStep = semver?.maxStep ?? 'major';
    const versions = from.flatMap(text => parseVersion(text) ?? []);
    return step === 'major' || versions.length === 0
      ? undefined
      : new StepLimit(step, versions);
  }

  allows(version: Version): boolean {
    return this.#tooFar(version) === undefined;
  }

  /** Why a version is too far, such as `a major step from 1.4.2; minor is allowed`. */
  explain(version: Version): string | undefined {
    const from = this.#tooFar(version);
    return (
      from &&
      `a ${changeKind(from.text, version.text)} step from ${from.text}; ${
        this.#step
      } is allowed`
    );
  }

  #tooFar(version: Version): Version | undefined {
    return this.#from.find(
      from => compareNumbers(from, version, SAME_NUMBERS[this.#step]) !== 0,
    );
  }
}
