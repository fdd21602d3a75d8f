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
 * @returns a clause about `from`, such as "which the policy orders above 1.4.2";
 * undefined where nothing speaks against the step
 * @public
 */
export function explainStepBack(
  policy: ImagePolicy,
  from: string,
  to: string,
): string | undefined {
  const order = compareTags(policy, from, to) ?? 0;
  if (order > 0) {
    return `which the policy orders above ${to}`;
  }
  // What the policy cannot order at all, it cannot take for older either.
  return order < 0 && compareAsRead(policy, from, to) === 1
    ? `which reads as newer than ${to} though the policy orders it below, as ${explainText(
        policy,
        from,
        to,
      )}`
    : undefined;
}
