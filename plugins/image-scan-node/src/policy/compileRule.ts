import { InputError } from '@backstage/errors';
import {
  explainUnfiltered,
  SemverRange,
} from 'backstage-plugin-image-scan-common';
import type { ImagePolicy, TagRule } from 'backstage-plugin-image-scan-common';
import { inField } from './inField';
import { TagValues } from './TagValues';

/** A rule that can be used. */
export interface CompiledRule {
  /** With its words in small letters. */
  policy: ImagePolicy;
  values: TagValues;
}

/**
 * Checks a rule and compiles its patterns.
 *
 * @throws InputError whose message begins with the field that cannot be used
 */
export function compileRule(rule: TagRule): CompiledRule {
  return { policy: readPolicy(rule.policy), values: new TagValues(rule) };
}

/**
 * As {@link compileRule}, for a rule that is to choose: `newest` needs something that
 * keeps `latest` and the like out.
 *
 * @throws InputError as {@link compileRule} does
 */
export function compileChoice(rule: TagRule): CompiledRule {
  const compiled = compileRule(rule);
  const problem = explainUnfiltered(rule);
  if (problem !== undefined) {
    throw new InputError(`policy.newest: ${problem}`);
  }
  return compiled;
}

function readPolicy(policy: ImagePolicy): ImagePolicy {
  const { semver, alphabetical, numerical } = policy;
  if (semver) {
    inField('policy.semver.range', () => SemverRange.parse(semver.range));
  }
  return {
    ...policy,
    ...(alphabetical?.order && {
      alphabetical: {
        order: readOrder('alphabetical', alphabetical.order, 'tag', 'desc'),
      },
    }),
    ...(numerical?.order && {
      numerical: {
        order: readOrder('numerical', numerical.order, 'number', 'asc'),
      },
    }),
  };
}

/**
 * Reads a word for an order, in capitals or not.
 *
 * @param what - is ordered
 * @param largest - the word that takes the largest, which Fleet and Flux disagree about
 * @throws InputError that begins with the field and says what each word takes
 */
function readOrder(
  policy: 'alphabetical' | 'numerical',
  text: string,
  what: string,
  largest: 'asc' | 'desc',
): 'asc' | 'desc' {
  const order = text.toLowerCase();
  if (order === 'asc' || order === 'desc') {
    return order;
  }
  const smallest = largest === 'asc' ? 'desc' : 'asc';
  throw new InputError(
    `policy.${policy}.order: ${JSON.stringify(
      text,
    )} is not allowed; write ${largest} for the largest ${what} or ${smallest} for the smallest`,
  );
}
