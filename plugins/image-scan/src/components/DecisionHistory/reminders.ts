import type { Decision } from 'backstage-plugin-image-scan-common';

/** How long a hold without a date may last before somebody is asked, in milliseconds. */
const LONG = 30 * 24 * 60 * 60 * 1000;

/** Whether a decision is a hold that may have been forgotten. */
export function mayBeForgotten(decision: Decision, now: number): boolean {
  return (
    decision.kind === 'hold' &&
    decision.until === undefined &&
    decision.ended === undefined &&
    now - new Date(decision.time).getTime() > LONG
  );
}
