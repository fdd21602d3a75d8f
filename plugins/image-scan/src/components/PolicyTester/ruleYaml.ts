import type { TagRule } from 'backstage-plugin-image-scan-common';

/** What chooses a tag, as keys of an `imageScans` entry. */
export function ruleYaml({
  policy,
  filterTags,
  exclusionList = [],
}: TagRule): string {
  const lines = ['policy:'];
  if (policy.semver) {
    lines.push(
      '  semver:',
      `    range: ${quoted(policy.semver.range)}`,
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
  if (filterTags) {
    lines.push('filterTags:');
    for (const [key, text] of Object.entries(filterTags)) {
      lines.push(`  ${key}: ${quoted(text)}`);
    }
  }
  if (exclusionList.length > 0) {
    lines.push('exclusionList:');
    lines.push(...exclusionList.map(pattern => `  - ${quoted(pattern)}`));
  }
  return lines.join('\n');
}

/** Whether a Fleet that reads the block would not know all of it. */
export function isUnknownToFleet(rule: TagRule): boolean {
  const { policy, filterTags, exclusionList = [] } = rule;
  return (
    policy.semver?.strict === true ||
    policy.numerical !== undefined ||
    filterTags !== undefined ||
    exclusionList.length > 0
  );
}

/** A string of JSON is one of YAML, whatever characters it has. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
