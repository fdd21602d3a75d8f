import type {
  AlphabeticalOrder,
  ImagePolicy,
  NumericalOrder,
  TagRule,
} from 'backstage-plugin-image-scan-common';
import { useMemo, useState } from 'react';

/** The policies to choose from, in the order in which they decide. */
export const KINDS = ['semver', 'alphabetical', 'numerical'] as const;

/** What is typed and chosen in the tester. */
export interface RuleFields {
  kind: (typeof KINDS)[number];
  range: string;
  isStrict: boolean;
  order: AlphabeticalOrder;
  numberOrder: NumericalOrder;
  pattern: string;
  extract: string;
  /** One pattern a line. */
  exclusions: string;
}

/** The fields of a rule, to begin with those of a scan, and the rule that they make. */
export function useRuleFields(initial: TagRule): {
  fields: RuleFields;
  change: (part: Partial<RuleFields>) => void;
  rule: TagRule;
} {
  const [fields, setFields] = useState(() => fieldsOf(initial));
  const rule = useMemo(() => ruleOf(fields), [fields]);
  return {
    fields,
    change: part => setFields(old => ({ ...old, ...part })),
    rule,
  };
}

function fieldsOf({ policy, filterTags, exclusionList }: TagRule): RuleFields {
  return {
    kind: KINDS.find(kind => policy[kind] !== undefined) ?? 'semver',
    range: policy.semver?.range ?? '*',
    isStrict: policy.semver?.strict ?? false,
    order: policy.alphabetical?.order ?? 'desc',
    numberOrder: policy.numerical?.order ?? 'asc',
    pattern: filterTags?.pattern ?? '',
    extract: filterTags?.extract ?? '',
    exclusions: exclusionList?.join('\n') ?? '',
  };
}

function ruleOf(fields: RuleFields): TagRule {
  const { pattern, extract } = fields;
  const exclusionList = fields.exclusions
    .split('\n')
    .filter(line => line.trim() !== '');
  return {
    policy: policyOf(fields),
    ...((pattern || extract) && {
      filterTags: { ...(pattern && { pattern }), ...(extract && { extract }) },
    }),
    ...(exclusionList.length > 0 && { exclusionList }),
  };
}

function policyOf(fields: RuleFields): ImagePolicy {
  const { kind, range, isStrict, order, numberOrder } = fields;
  switch (kind) {
    case 'alphabetical':
      return { alphabetical: { order } };
    case 'numerical':
      return { numerical: { order: numberOrder } };
    default:
      return { semver: { range, ...(isStrict && { strict: true }) } };
  }
}
