import { isObject } from '../json';

/** How deep words lie in the answers that are known. */
const MOST_DEPTH = 4;

/** The keys under which forges say what is wrong, in the order in which they are told. */
const KEYS = [
  'message',
  'error',
  'error_description',
  'detail',
  'exceptionName',
  'typeKey',
  'field',
  'code',
  'fields',
  'errors',
  'reviewerErrors',
  'context',
];

/**
 * The words with which a forge refuses something, from any of the shapes that are in
 * use: a text, a list, fields with their lists, or objects with a message.
 */
export function forgeWords(body: unknown): string {
  return [...new Set(collect(body, 0))].join('; ');
}

function collect(value: unknown, depth: number): string[] {
  if (typeof value === 'string') {
    return value.trim() ? [value.trim()] : [];
  }
  if (depth > MOST_DEPTH) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap(item => collect(item, depth + 1));
  }
  if (!isObject(value)) {
    return [];
  }
  const known = KEYS.filter(key => Object.hasOwn(value, key));
  if (known.length > 0) {
    return known.flatMap(key => collect(value[key], depth + 1));
  }
  // GitLab and Bitbucket Cloud name fields, each with what is wrong with it.
  return Object.entries(value).flatMap(([field, inner]) =>
    collect(inner, depth + 1).map(words => `${field} ${words}`),
  );
}
