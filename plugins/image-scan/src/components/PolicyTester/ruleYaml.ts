import type { ImagePolicy } from 'backstage-plugin-image-scan-common';

/** A policy as a block of an `imageScans` entry. */
export function policyYaml(policy: ImagePolicy): string {
  const lines = ['policy:'];
  if (policy.semver) {
    // A string of JSON is one of YAML, whatever characters a range has.
    lines.push(
      '  semver:',
      `    range: ${JSON.stringify(policy.semver.range)}`,
      ...(policy.semver.strict ? ['    strict: true'] : []),
    );
  }
  if (policy.alphabetical) {
    lines.push(
      '  alphabetical:',
      `    order: ${policy.alphabetical.order ?? 'desc'}`,
    );
  }
  if (policy.numerical) {
    lines.push('  numerical:', `    order: ${policy.numerical.order ?? 'asc'}`);
  }
  return lines.join('\n');
}
