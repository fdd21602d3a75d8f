import { isError, toError } from '@backstage/errors';
import {
  changeKind,
  compareTags,
  explainStepBack,
  kindOf,
  selectTag,
} from 'backstage-plugin-image-scan-common';
import { evaluateTags, TagOrder } from 'backstage-plugin-image-scan-node';
import { filtersOf } from './filtersOf';
import type { ChoiceNotes, ScanDefinition } from './types';

/** How a scan orders tags. */
export interface ScanOrder
  extends Pick<TagOrder, 'changeKind' | 'explainStepBack'> {
  /** Positive when `a` is better; undefined where one cannot be ordered. */
  compare(a: string, b: string): number | undefined;
  /** Whether the rule would choose a tag if there were no other. */
  admits(tag: string): boolean;
}

/**
 * How a scan orders tags: by their values where it has a filter, by when they appeared
 * where the newest is chosen.
 *
 * @param notes - of the last choice, which know when the tags appeared that matter
 */
export function orderOf(
  definition: ScanDefinition,
  { firstSeen = [] }: Pick<ChoiceNotes, 'firstSeen'> = {},
): ScanOrder {
  const { policy } = definition;
  if (kindOf(policy) === 'newest') {
    return orderByTime(definition, new Map(firstSeen));
  }
  if (!filtersOf(definition)) {
    return {
      changeKind,
      explainStepBack: (from, to) => explainStepBack(policy, from, to),
      compare: (a, b) => compareTags(policy, a, b),
      admits: tag => selectTag(policy, [tag]).selected === tag,
    };
  }
  try {
    const order = new TagOrder(definition);
    return {
      changeKind: (from, to) => order.changeKind(from, to),
      explainStepBack: (from, to) => order.explainStepBack(from, to),
      compare: (a, b) => order.compare(a, b),
      admits: tag => admits(definition, tag),
    };
  } catch (error) {
    // It could be used when it was read. What cannot be compared may be older.
    const { message } = toError(error);
    return {
      changeKind: () => 'other',
      explainStepBack: (from, to) =>
        from === to ? undefined : `which cannot be compared: ${message}`,
      compare: () => undefined,
      admits: () => true,
    };
  }
}

function orderByTime(
  definition: ScanDefinition,
  times: ReadonlyMap<string, number>,
): ScanOrder {
  const compare = (a: string, b: string) => {
    const left = times.get(a);
    const right = times.get(b);
    return left === undefined || right === undefined
      ? undefined
      : Math.sign(left - right);
  };
  return {
    changeKind: (from, to) => (from === to ? 'digest' : 'other'),
    explainStepBack: (from, to) =>
      (compare(from, to) ?? 0) > 0 ? `which appeared after ${to}` : undefined,
    compare,
    admits: tag => admits(definition, tag),
  };
}

function admits(definition: ScanDefinition, tag: string): boolean {
  try {
    return (
      evaluateTags(definition, [tag], { firstSeen: new Map() }).selected === tag
    );
  } catch (error) {
    if (isError(error) && error.name === 'InputError') {
      return true;
    }
    throw error;
  }
}
