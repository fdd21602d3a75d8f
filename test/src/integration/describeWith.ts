/**
 * `describe`, or one that skips and says why.
 *
 * @param missing - what is not there, such as `noRegistry` of `servers/DockerRegistry`
 */
export function describeWith(missing: readonly (string | false)[]) {
  const reasons = missing.filter(Boolean);
  if (reasons.length > 0) {
    console.warn(`LEFT OUT: ${reasons.join(', ')}`);
    return describe.skip;
  }
  return describe;
}
