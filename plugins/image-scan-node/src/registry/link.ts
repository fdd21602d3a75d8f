/**
 * What a Link header says about the next page: its query, none, or a text that
 * cannot be read (which is no reason to take the list for complete).
 */
export type NextPage =
  | { kind: 'query'; query: string }
  | { kind: 'none' }
  | { kind: 'malformed' };

const BRACKETED = /[\s,]*<([^<>]*)>/y;
// Cloudflare's registry forgets the brackets. Only what is plainly a URL or a path
// counts without them, up to the parameters or to the next link.
const BARE = /[\s,]*<?((?:https?:\/\/|\/)(?:[^\s<>;",]|,(?!\s|$))*)/iy;
const PARAMETER =
  /\s*;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?/sy;

/**
 * The query of the first link with `rel=next` (RFC 8288), or of one to a list of
 * tags that has no `rel`: the usual clients follow it, and a list that goes on
 * may not be taken for whole.
 *
 * Only the query is taken: the caller keeps its own scheme, host and path. So a
 * link cannot lead anywhere else, and the wrong paths that Artifactory and Nexus
 * put into their links do no harm.
 */
export function parseNextPage(header: string | undefined): NextPage {
  const text = header?.trim() ?? '';
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    position = match ? pattern.lastIndex : position;
    return match ?? undefined;
  };
  while (position < text.length) {
    if (/^[\s,]*$/.test(text.slice(position))) {
      break;
    }
    const link = take(BRACKETED) ?? take(BARE);
    if (!link) {
      return { kind: 'malformed' };
    }
    let relations: string | undefined;
    for (let match = take(PARAMETER); match; match = take(PARAMETER)) {
      if (match[1].toLowerCase() === 'rel') {
        relations ??= match[2] ?? match[3]?.replace(/^'|'$/g, '') ?? '';
      }
    }
    const isNext =
      relations === undefined
        ? /^[^?#]*\/tags\/list\?/.test(link[1])
        : relations.toLowerCase().split(/\s+/).includes('next');
    if (isNext) {
      return queryOf(link[1]);
    }
    if (!/^\s*(?:,|$)/.test(text.slice(position))) {
      return { kind: 'malformed' };
    }
  }
  return { kind: 'none' };
}

/** The query of a URL reference that leads to the next page. */
export function queryOf(reference: string): NextPage {
  const query = /^[^?#]*\?([^#]+)/.exec(reference)?.[1];
  return query ? { kind: 'query', query } : { kind: 'malformed' };
}
