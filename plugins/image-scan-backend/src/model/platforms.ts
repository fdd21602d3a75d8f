/** Of the platforms that an image must have, those that it does not have. */
export function missingPlatforms(
  wanted: readonly string[],
  available: readonly string[],
): string[] {
  return wanted.filter(each => !available.some(other => matches(each, other)));
}

/** What an image has in place of what it should have, in a clause. */
export function describePlatforms(available: readonly string[]): string {
  return available.length === 0
    ? 'has no platform that is known'
    : `has ${available.join(', ')} only`;
}

/** A variant that is not given matches any, and that of `arm64` is `v8`. */
function matches(wanted: string, available: string): boolean {
  const [os, architecture, variant] = wanted.split('/');
  const [otherOs, otherArchitecture, otherVariant] = available.split('/');
  return (
    os === otherOs &&
    architecture === otherArchitecture &&
    (variant === undefined ||
      otherVariant === undefined ||
      variant === otherVariant)
  );
}
