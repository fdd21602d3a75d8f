import { isObject } from '../json';
import { queryOf } from './link';

/** What the body of a page says about the rest of the list. */
export type MoreHint =
  /** A reference to the next page, of which the query is meant. */
  | { kind: 'query'; query: string }
  /** The list goes on, in a way that no client knows; the key says so. */
  | { kind: 'unknown'; key: string };

// `next`, `nextToken`, `next_page`, `hasMore`, `has_next`, `isTruncated`,
// `continuationToken`, `cursor`, `more`, …
const SAYS_MORE =
  /^_?(?:next|(?:is|has)_?(?:more|next|additional|truncated)|more|truncated|continu|cursor|(?:last|page)_?(?:token|key))/i;
const SAYS_COUNT =
  /^(?:total|count|tags?_?count|total_?(?:tags|count|results))$/i;

/**
 * Finds what a body says beside its tags: that the list goes on (public.ecr.aws had a
 * `nextToken` there and no Link). The tags of such a page may not be taken for the
 * whole list.
 */
export function hintOfMore(
  body: Readonly<Record<string, unknown>>,
): MoreHint | undefined {
  for (const [key, value] of Object.entries(body).flatMap(withInner)) {
    if (SAYS_MORE.test(key) && isSaid(value)) {
      const next =
        typeof value === 'string' && /^(?:https?:\/\/|\/|\?)/i.test(value)
          ? queryOf(value)
          : undefined;
      return next?.kind === 'query' ? next : { kind: 'unknown', key };
    }
  }
  return undefined;
}

/** An entry of the body, and what stands in one that is about pages. */
function withInner([key, value]: [string, unknown]): [string, unknown][] {
  return /^_?(?:links?|meta(?:data)?|pag(?:e|es|ing|ination))$/i.test(key) &&
    isObject(value)
    ? Object.entries(value)
    : [[key, value]];
}

/** How many tags the whole list has, where the body says it. */
export function countOf(
  body: Readonly<Record<string, unknown>>,
): number | undefined {
  const counts = Object.entries(body)
    .flatMap(withInner)
    .flatMap(([key, value]) =>
      SAYS_COUNT.test(key) && typeof value === 'number' ? [value] : [],
    );
  return counts.length > 0 ? Math.max(...counts) : undefined;
}

/** Empty values, `false` and their texts mean that nothing follows. */
function isSaid(value: unknown): boolean {
  if (typeof value === 'string') {
    return !/^(?:|null|none|false|0)$/i.test(value.trim());
  }
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).some(isSaid);
  }
  return Boolean(value);
}
