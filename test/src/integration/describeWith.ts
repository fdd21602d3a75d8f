import { findDockerRegistry } from '../servers/DockerRegistry';
import { findProgram } from '../servers/findProgram';

export const noRegistry =
  !findDockerRegistry() && 'docker-registry is not installed';
export const noOpenssl = !findProgram('openssl') && 'openssl is not installed';

/** `describe`, or one that skips and says why. */
export function describeWith(missing: readonly (string | false)[]) {
  const reasons = missing.filter(Boolean);
  if (reasons.length > 0) {
    console.warn(`LEFT OUT: ${reasons.join(', ')}`);
    return describe.skip;
  }
  return describe;
}
