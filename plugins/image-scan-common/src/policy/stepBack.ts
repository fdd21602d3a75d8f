import type { ImagePolicy } from '../types';
import { compareAsRead, explainText } from './naturalOrder';
import { compareTags } from './selectTag';

/**
 * Says why a step from one tag to another would go back: the one rule for everybody who
 * writes.
 *
 * @remarks
 * It goes back where the policy orders `from` above `to`, and where the policy compares
 * digits as text and people would not: from `1.1.1-rc10` to `1.1.1-rc9`.
 *
 * @param valueOf - what of a tag is compared; undefined for a tag that has none, which
 * cannot be ordered
 * @returns a clause about `from`, such as "which the policy orders above 1.4.2";
 * undefined where nothing speaks against the step
 * @public
 */
export function explainStepBack(
  policy: ImagePolicy,
  from: string,
  to: string,
  valueOf: (tag: string) => string | undefined = tag => tag,
): string | undefined {
  const left = valueOf(from);
  const right = valueOf(to);
  if (left === undefined || right === undefined) {
    return undefined;
  }
  const order = compareTags(policy, left, right) ?? 0;
  if (order > 0) {
    const values =
      left === from && right === to ? '' : `: ${left} and ${right}`;
    return `which the policy orders above ${to}${values}`;
  }
  // What the policy cannot order at all, it cannot take for older either.
  return order < 0 && compareAsRead(policy, left, right) === 1
    ? `which reads as newer than ${to} though the policy orders it below, as ${explainText(
        policy,
        left,
        right,
      )}`
    : undefined;
}
