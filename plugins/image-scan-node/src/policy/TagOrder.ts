import {
  changeKind,
  compareTags,
  explainStepBack,
  kindOf,
} from 'backstage-plugin-image-scan-common';
import type {
  ChangeKind,
  ImagePolicy,
  TagRule,
} from 'backstage-plugin-image-scan-common';
import { compileRule } from './compileRule';
import type { TagValues } from './TagValues';

/**
 * The order of tags by a rule, compiled once for several comparisons. Ranges and
 * exclusions play no part in it.
 *
 * @public
 */
export class TagOrder {
  readonly #policy: ImagePolicy;
  readonly #values: TagValues;

  /**
   * @throws InputError whose message begins with the field that cannot be used
   */
  constructor({ policy, filterTags }: TagRule) {
    const compiled = compileRule({ policy, filterTags });
    this.#policy = compiled.policy;
    this.#values = compiled.values;
  }

  /**
   * @returns 1 when `a` is better, -1 when `b` is, 0 when neither is, and undefined when
   * one of them cannot be ordered: the filter does not match it, or its value is none
   * that the policy can read
   */
  compare(a: string, b: string): -1 | 0 | 1 | undefined {
    const left = this.#values.valueOf(a);
    const right = this.#values.valueOf(b);
    return left === undefined || right === undefined
      ? undefined
      : compareTags(this.#policy, left, right);
  }

  /** Why a step would go back, as common's `explainStepBack` says it. */
  explainStepBack(from: string, to: string): string | undefined {
    return explainStepBack(this.#policy, from, to, tag =>
      this.#values.valueOf(tag),
    );
  }

  /** How far apart the values of two tags are; numbers are no versions. */
  changeKind(from: string | undefined, to: string): ChangeKind {
    if (from === to) {
      return 'digest';
    }
    const left = from === undefined ? undefined : this.#values.valueOf(from);
    const right = this.#values.valueOf(to);
    const kind = kindOf(this.#policy);
    return left === undefined ||
      right === undefined ||
      left === right ||
      kind === 'numerical' ||
      kind === 'newest'
      ? 'other'
      : changeKind(left, right);
  }
}
