import { registryError, type RegistryError } from './errors';
import type { ImageReference } from './imageReference';
import { readJsonObject } from '../json';
import { isValidTag } from './grammar';
import type { RegistryLimits } from './limits';
import { parseNextPage } from './link';
import { countOf, hintOfMore } from './moreHints';
import type { MoreHint } from './moreHints';
import { isNameOf, repositoryOf } from './repositoryName';
import type { RegistrySession, SessionContext } from './RegistrySession';

/** A list that has more pages makes way for other hosts between them. */
const PAGES_AT_ONCE = 10;

interface TagPage {
  /** Valid tags, in the registry's order. */
  tags: string[];
  /** All elements of the list, the skipped ones included. */
  length: number;
  bytes: number;
  /** On the monotonic clock, before it was parsed. */
  receivedAt: number;
  /** The query of the next page, where a Link or the body names one. */
  next?: string;
  /** What the body says about how many tags the whole list has. */
  count?: number;
}

/**
 * Reads the whole list of tags of a repository, in the registry's order and each
 * tag once, or throws a `RegistryError`: never a part of it.
 */
export async function collectTags(
  session: RegistrySession,
  { limits, debug }: Pick<SessionContext, 'limits' | 'debug'>,
): Promise<string[]> {
  const { image } = session;
  const fail = (reason: string) =>
    registryError(image, 'invalid-response', `the list of tags ${reason}`);
  const tooLarge = (what: string) =>
    registryError(image, 'too-large', `the list of tags has more than ${what}`);
  const tags = new Set<string>();
  const asked = new Set<string>();
  let bytes = 0;
  let skipped = 0;
  let listed = 0;
  let count = 0;
  let query: string | undefined = `n=${limits.pageSize}`;
  let isProbe = false;
  while (query !== undefined) {
    if (asked.has(query)) {
      throw fail('leads back to a page that was already read');
    }
    if (asked.size >= limits.pages) {
      throw tooLarge(`${limits.pages} pages`);
    }
    const page: TagPage | undefined = await readPage(session, limits, {
      query,
      isFirst: asked.size === 0,
      isProbe,
    });
    asked.add(query);
    if (!page) {
      break;
    }
    bytes += page.bytes;
    if (bytes > limits.totalBytes) {
      throw tooLarge(`${limits.totalBytes} bytes`);
    }
    skipped += page.length - page.tags.length;
    listed += page.length;
    count = Math.max(count, page.count ?? 0);
    const before = tags.size;
    page.tags.forEach(tag => tags.add(tag));
    if (tags.size > limits.tags) {
      throw tooLarge(`${limits.tags} tags`);
    }
    if (asked.size > PAGES_AT_ONCE) {
      await session.makeWay(performance.now() - page.receivedAt);
    }
    const isNew = tags.size > before;
    if (page.next !== undefined && page.tags.length > 0 && !isNew) {
      throw fail('goes on with a page that has no new tag');
    }
    // Some registries cut a list at the page size and give no Link (Nexus
    // groups), so a full page is only the end once nothing new follows it.
    const mayGoOn = page.length === limits.pageSize && isNew;
    isProbe = page.next === undefined;
    query = page.next ?? (mayGoOn ? probeQuery(page, limits) : undefined);
  }
  if (count > listed) {
    throw fail(
      `has ${listed} tags and says that there are ${count}, but not where the others are`,
    );
  }
  if (skipped > 0) {
    debug(`${image.canonicalName} lists what are no tags`, { skipped });
  }
  return [...tags];
}

function probeQuery(page: TagPage, limits: RegistryLimits): string {
  const last = page.tags[page.tags.length - 1];
  return `n=${limits.pageSize}&last=${encodeURIComponent(last)}`;
}

/** Undefined for a probe that the registry does not understand. */
async function readPage(
  session: RegistrySession,
  limits: RegistryLimits,
  page: { query: string; isFirst: boolean; isProbe: boolean },
): Promise<TagPage | undefined> {
  const request = {
    method: 'GET',
    path: 'tags/list',
    accept: 'application/json',
    maxBytes: limits.pageBytes,
  } as const;
  const mayRefuse = page.isFirst || page.isProbe;
  let answer = await session.send({
    ...request,
    query: page.query,
    accepted: mayRefuse ? [400, 405] : [],
  });
  if (answer.status !== 200) {
    if (!page.isFirst) {
      return undefined;
    }
    answer = await session.send(request); // a registry that knows no `n`
  }
  const receivedAt = performance.now();
  const next = parseNextPage(answer.headers.link);
  if (next.kind === 'malformed') {
    throw registryError(
      session.image,
      'invalid-response',
      'the list of tags goes on at a Link that cannot be read',
    );
  }
  const { more, ...parsed } = parseTagPage(
    session.image,
    answer.body,
    repositoryOf(answer.url),
  );
  const query =
    next.kind === 'query' ? next.query : more?.kind === 'query' && more.query;
  if (!query && more?.kind === 'unknown') {
    throw registryError(
      session.image,
      'invalid-response',
      `the list of tags says with ${JSON.stringify(
        more.key.slice(0, 40),
      )} that it goes on, but has no Link to the rest; a part of it is not used`,
    );
  }
  return {
    ...parsed,
    bytes: answer.body.length,
    receivedAt,
    ...(query ? { next: query } : {}),
  };
}

/**
 * The tags of one page. `null` or no `tags` is an empty page; elements that are
 * no valid tags (Nexus has nulls in its lists) are skipped.
 *
 * @param redirected - the repository where a redirect led
 */
function parseTagPage(
  image: ImageReference,
  body: Buffer,
  redirected?: string,
): Pick<TagPage, 'tags' | 'length' | 'count'> & { more?: MoreHint } {
  const fail = (reason: string): RegistryError =>
    registryError(image, 'invalid-response', `the list of tags ${reason}`);
  const answer = readJsonObject(body);
  if ('problem' in answer) {
    throw fail(answer.problem);
  }
  const { object } = answer;
  const name = object.name ?? image.repository;
  if (typeof name !== 'string' || !isNameOf(name, image, redirected)) {
    throw fail('is that of another repository');
  }
  const list = object.tags ?? [];
  if (!Array.isArray(list)) {
    throw fail('is not an array');
  }
  const tags = list.filter(
    (tag): tag is string => typeof tag === 'string' && isValidTag(tag),
  );
  return {
    tags,
    length: list.length,
    count: countOf(object),
    more: hintOfMore(object),
  };
}
