/**
 * What a Link header says about the next page: its query, none, or a text that
 * cannot be read (which is no reason to take the list for complete).
 */
export type NextPage =
  | { kind: 'query'; query: string }
  | { kind: 'none' }
  | { kind: 'malformed' };

const target = /[\s,]*<([^<>]*)>/y;
const parameter =
  /\s*;\s*([!#$%&'*+.^_`|~0-9A-Za-z-]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?/sy;

/**
 * The query of the first link with `rel=next` (RFC 8288).
 *
 * Only the query is taken: the caller keeps its own scheme, host and path. So a
 * link cannot lead anywhere else, and the wrong paths that Artifactory and Nexus
 * put into their links do no harm.
 */
export function parseNextPage(header: string | undefined): NextPage {
  const text = header?.trim() ?? '';
  let position = 0;
  while (position < text.length) {
    if (/^[\s,]*$/.test(text.slice(position))) {
      break;
    }
    target.lastIndex = position;
    const link = target.exec(text);
    if (!link) {
      return { kind: 'malformed' };
    }
    position = target.lastIndex;
    let relations: string | undefined;
    for (;;) {
      parameter.lastIndex = position;
      const match = parameter.exec(text);
      if (!match) {
        break;
      }
      position = parameter.lastIndex;
      if (match[1].toLowerCase() === 'rel') {
        relations ??= match[2] ?? match[3] ?? '';
      }
    }
    if (relations?.toLowerCase().split(/\s+/).includes('next')) {
      return queryOf(link[1]);
    }
    if (!/^\s*(?:,|$)/.test(text.slice(position))) {
      return { kind: 'malformed' };
    }
  }
  return { kind: 'none' };
}

function queryOf(reference: string): NextPage {
  const query = /^[^?#]*\?([^#]+)/.exec(reference)?.[1];
  return query ? { kind: 'query', query } : { kind: 'malformed' };
}
