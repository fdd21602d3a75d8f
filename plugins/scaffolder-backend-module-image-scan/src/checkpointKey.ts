import { createHash } from 'node:crypto';

/**
 * Names a checkpoint after what its work depends on, so that the turns of a step with
 * `each` do not share one. A hash, because keys are stored and shown.
 */
export function checkpointKey(name: string, input: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(input));
  return `image-scan.${name}.${hash.digest('hex').slice(0, 16)}`;
}
