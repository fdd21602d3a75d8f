import type { Behaviour } from '../../servers/MisbehavingRegistry';
import type { HostileCase, Hosts, Outcome } from './case';
import { basic, BEARER_TOKEN, unexpected } from './case';

interface Page {
  tags?: unknown;
  link?: string | string[];
}

/** Pages by the `last` of the query; the first has none. */
function pages(all: Record<string, Page>): Behaviour {
  return exchange => {
    const page = all[exchange.request.query.get('last') ?? ''];
    if (!page) {
      return exchange.answer(418);
    }
    const { tags, link } = page;
    return exchange.json({ name: 'org/app', tags }, link ? { link } : {});
  };
}

const next = (last: string) => `<?last=${last}>; rel="next"`;

const fails =
  (message: RegExp): (() => Outcome) =>
  () => ({ error: 'invalid-response', message });
const tooLarge =
  (message: RegExp): (() => Outcome) =>
  () => ({ error: 'too-large', message });
const lists =
  (...tags: string[]): (() => Outcome) =>
  () => ({ tags });

/** A row of two pages that differ only in how the first leads to the second. */
function linked(
  number: number,
  name: string,
  link: string | string[] | ((hosts: Hosts) => string),
  outcome: 'follows' | 'ends' | 'fails',
): HostileCase {
  return {
    number,
    name,
    registry: hosts =>
      pages({
        '': {
          tags: ['a', 'b'],
          link: typeof link === 'function' ? link(hosts) : link,
        },
        b: { tags: ['b', 'c'] },
      }),
    outcome: {
      follows: lists('a', 'b', 'c'),
      ends: lists('a', 'b'),
      fails: fails(/the list of tags goes on at a Link that cannot be read$/),
    }[outcome],
    requests: outcome === 'follows' ? 2 : 1,
  };
}

/** Answers the seventh page in its own way before it gives it. */
function seventh(answer: (nth: number) => Behaviour | undefined): Behaviour {
  let asked = 0;
  return exchange => {
    const page = Number(exchange.request.query.get('last') ?? 0);
    if (page === 6) {
      asked += 1;
      const special = answer(asked);
      if (special) {
        return special(exchange);
      }
    }
    return exchange.json(
      { tags: [`t${page}`] },
      page < 7 ? { link: next(`${page + 1}`) } : {},
    );
  };
}

const eight = Array.from({ length: 8 }, (_, page) => `t${page}`);

/** What only a signed-in client gets; a token serves as often as is said. */
function signedIn(uses: number, hosts: Hosts, then: Behaviour): Behaviour {
  let left = 0;
  return exchange => {
    const { authorization } = exchange.request.headers;
    if (authorization === `Bearer ${BEARER_TOKEN}` && left > 0) {
      left -= 1;
      return then(exchange);
    }
    left = uses;
    return exchange.json(
      { errors: [{ code: 'UNAUTHORIZED' }] },
      { 'www-authenticate': `Bearer realm="${hosts.tokens.url}/token"` },
      401,
    );
  };
}

/** Cases 1 to 13: lists in pages. */
export const pageCases: HostileCase[] = [
  {
    number: 1,
    name: 'a Link to the same page',
    registry: () =>
      pages({ '': { tags: ['a'], link: '<?n=1000>; rel="next"' } }),
    outcome: fails(/leads back to a page that was already read$/),
    requests: 1,
  },
  {
    number: 1,
    name: 'a Link to the same page in other words, without end',
    registry: () => exchange =>
      exchange.json(
        { tags: ['a'] },
        { link: `<?n=1000&x=${exchange.index}>; rel="next"` },
      ),
    outcome: fails(/goes on with a page that has no new tag$/),
    requests: 2,
  },
  {
    number: 2,
    name: 'a cycle of two pages',
    registry: () =>
      pages({
        '': { tags: ['a'], link: next('a') },
        a: { tags: ['b'], link: '<?n=1000>; rel="next"' },
      }),
    outcome: fails(/leads back to a page that was already read$/),
    requests: 2,
  },
  {
    number: 3,
    name: 'pages with new tags without end',
    registry: () => exchange =>
      exchange.json(
        { tags: [`t${exchange.index}`] },
        { link: next(`${exchange.index}`) },
      ),
    outcome: tooLarge(/the list of tags has more than 1000 pages$/),
    requests: 1000,
    seconds: 60,
  },
  {
    number: 3,
    name: 'more tags than the cap, in large pages',
    registry: () => exchange => {
      const base = exchange.index * 200_000;
      const tags = Array.from({ length: 200_000 }, (_, at) => `${base + at}`);
      exchange.json({ tags }, { link: next(`${exchange.index}`) });
    },
    outcome: tooLarge(/the list of tags has more than 500000 tags$/),
    requests: 3,
    mebibytes: 400,
    seconds: 60,
  },
  {
    number: 3,
    name: 'more bytes than the cap, in pages that are each small enough',
    registry: () => exchange =>
      exchange.json(
        { tags: [`t${exchange.index}`], filler: 'x'.repeat(15 << 20) },
        { link: next(`${exchange.index}`) },
      ),
    outcome: tooLarge(/the list of tags has more than 67108864 bytes$/),
    requests: 5,
    mebibytes: 600,
    seconds: 60,
  },
  linked(
    4,
    'a relative Link',
    '</v2/org/app/tags/list?last=b>; rel=next',
    'follows',
  ),
  linked(4, 'a Link that is a query', '<?last=b>; rel="next"', 'follows'),
  linked(
    4,
    'an absolute Link to itself',
    ({ registry }) =>
      `<${registry.url}/v2/org/app/tags/list?last=b>; rel="next"`,
    'follows',
  ),
  // Only the query of a Link is taken, so none of these leaves the registry.
  linked(
    5,
    'a Link to another host and port',
    ({ stranger }) => `<${stranger.url}/v2/org/app/tags/list?last=b>; rel=next`,
    'follows',
  ),
  linked(
    5,
    'a Link to a host that is not listed',
    ({ forbidden }) => `<//${forbidden.host}/?last=b>; rel="next"`,
    'follows',
  ),
  linked(
    5,
    'a Link to decimal loopback',
    ({ forbidden }) =>
      `<http://2130706433:${forbidden.port}/?last=b>; rel="next"`,
    'follows',
  ),
  linked(
    5,
    'a Link to a file',
    '<file:///etc/passwd?last=b>; rel=next',
    'follows',
  ),
  linked(
    5,
    'a Link with userinfo',
    ({ forbidden }) => `<http://a:b@${forbidden.host}/?last=b>; rel="next"`,
    'follows',
  ),
  linked(
    5,
    'a Link to a file without a query',
    '<file:///etc/passwd>; rel=next',
    'fails',
  ),
  linked(
    6,
    'several links in one header',
    '<?x=1>; rel="prev", <?last=b>; rel="next", <?y=1>; rel=last',
    'follows',
  ),
  linked(
    6,
    'several Link headers',
    ['<?x=1>; rel="prev"', '<?last=b>; rel="next"'],
    'follows',
  ),
  linked(6, 'only rel=prev', '<?last=b>; rel="prev"', 'ends'),
  linked(6, 'no rel at all', '<?last=b>', 'ends'),
  linked(6, 'several relations', '<?last=b>; rel="prev next"', 'follows'),
  linked(6, 'upper case', '<?last=b>; REL="NEXT"', 'follows'),
  linked(
    6,
    'more parameters',
    '<?last=b>; title="a, b; c"; rel="next"; x',
    'follows',
  ),
  linked(
    6,
    'a comma inside the target',
    '<?x=1,2&last=b>; rel="next"',
    'follows',
  ),
  linked(6, 'a target that does not end', '<?last=b; rel="next"', 'fails'),
  linked(6, 'an empty target', '<>; rel="next"', 'fails'),
  linked(6, 'an empty header', ' ', 'ends'),
  linked(6, 'words', 'next page please', 'fails'),
  linked(6, 'a quote that does not end', '<?last=b>; rel="next', 'fails'),
  linked(
    6,
    '15 KB of brackets',
    `${'<'.repeat(15_000)}?last=b>; rel=next`,
    'fails',
  ),
  linked(
    6,
    '15 KB of semicolons',
    `<?last=b>${';'.repeat(15_000)};rel=next`,
    'follows',
  ),
  linked(
    7,
    'a Link of Artifactory, without its prefix',
    '</v2/app/tags/list?last=b>; rel="next"',
    'follows',
  ),
  linked(
    7,
    'a Link of Nexus, with one more prefix',
    '</repository/docker/v2/org/app/tags/list?last=b>; rel="next"',
    'follows',
  ),
  {
    number: 8,
    name: 'empty pages in between',
    registry: () =>
      pages({
        '': { tags: ['a'], link: next('1') },
        1: { tags: [], link: next('2') },
        2: { tags: null, link: next('3') },
        3: { tags: ['b'] },
      }),
    outcome: lists('a', 'b'),
    requests: 4,
  },
  {
    number: 8,
    name: 'empty pages without end',
    registry: () => exchange =>
      exchange.json({ tags: [] }, { link: next(`${exchange.index}`) }),
    limits: { pages: 50 },
    outcome: tooLarge(/the list of tags has more than 50 pages$/),
    requests: 50,
  },
  {
    number: 9,
    name: 'pages that overlap',
    registry: () =>
      pages({
        '': { tags: ['a', 'b', 'b'], link: next('b') },
        b: { tags: ['b', 'a', 'c'], link: next('c') },
        c: { tags: ['c', 'd'] },
      }),
    outcome: lists('a', 'b', 'c', 'd'),
    requests: 3,
  },
  ...[400, 405].map(
    (status): HostileCase => ({
      number: 10,
      name: `n refused with ${status}`,
      registry: () => exchange =>
        exchange.request.query.has('n')
          ? exchange.json({ errors: [{ code: 'UNSUPPORTED' }] }, {}, status)
          : exchange.json({ tags: ['a'] }),
      outcome: lists('a'),
      requests: 2,
    }),
  ),
  {
    number: 10,
    name: 'any list refused with 400',
    registry: () => exchange =>
      exchange.json({ errors: [{ code: 'NOPE', message: 'no' }] }, {}, 400),
    outcome: () => ({
      error: 'invalid-response',
      status: 400,
      message: /answered 400: NOPE: no$/,
    }),
    requests: 2,
  },
  {
    number: 11,
    name: 'a full page without a Link, and more behind it',
    limits: { pageSize: 2 },
    registry: () =>
      pages({ '': { tags: ['a', 'b'] }, b: { tags: ['c'] }, c: {} }),
    outcome: lists('a', 'b', 'c'),
    requests: 2,
  },
  {
    number: 11,
    name: 'a full page without a Link that ignores where to go on',
    limits: { pageSize: 2 },
    registry: () => exchange => exchange.json({ tags: ['a', 'b'] }),
    outcome: lists('a', 'b'),
    requests: 2,
  },
  {
    number: 11,
    name: 'a full page without a Link, and a failure behind it',
    limits: { pageSize: 2 },
    registry: () => exchange =>
      exchange.request.query.has('last')
        ? exchange.answer(500)
        : exchange.json({ tags: ['a', 'b'] }),
    outcome: () => ({
      error: 'server-error',
      status: 500,
      message: /answered 500$/,
    }),
    requests: 4,
  },
  {
    number: 12,
    name: '401 on page 7, where the token has run out',
    credentials: basic,
    registry: hosts =>
      signedIn(
        6,
        hosts,
        seventh(() => undefined),
      ),
    tokens: () => exchange => exchange.json({ token: BEARER_TOKEN }),
    outcome: lists(...eight),
    requests: 8 + 2 + 2,
  },
  {
    number: 12,
    name: '401 on page 7 whatever the token',
    credentials: basic,
    registry: hosts => {
      const unauthorized: Behaviour = exchange =>
        exchange.json(
          { errors: [{ code: 'UNAUTHORIZED' }] },
          { 'www-authenticate': `Bearer realm="${hosts.tokens.url}/token"` },
          401,
        );
      return signedIn(
        100,
        hosts,
        seventh(() => unauthorized),
      );
    },
    tokens: () => exchange => exchange.json({ token: BEARER_TOKEN }),
    outcome: () => ({
      error: 'unauthorized',
      status: 401,
      message: /answered 401 \(sign-in needed or refused\): UNAUTHORIZED$/,
    }),
    requests: 6 + 4 + 2,
  },
  ...[429, 500, 502, 503, 504].map(
    (status): HostileCase => ({
      number: 12,
      name: `${status} on page 7, twice`,
      registry: () =>
        seventh(nth =>
          nth <= 2 ? exchange => exchange.answer(status) : undefined,
        ),
      outcome: lists(...eight),
      requests: 10,
    }),
  ),
  ...[400, 403, 404, 410, 500].map(
    (status): HostileCase => ({
      number: 12,
      name: `${status} on page 7 for good`,
      registry: () => seventh(() => exchange => exchange.answer(status)),
      outcome: () => ({
        error:
          ({ 403: 'denied', 404: 'not-found', 500: 'server-error' } as const)[
            status
          ] ?? 'invalid-response',
        status,
        message: new RegExp(`answered ${status}`),
      }),
      requests: status === 500 ? 9 : 7,
    }),
  ),
  {
    number: 12,
    name: 'a reset in the middle of page 7, for good',
    registry: () =>
      seventh(
        () => exchange =>
          exchange.reset(
            'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"tags":[',
          ),
      ),
    outcome: () => ({
      error: 'unreachable',
      message: /could not be reached: (aborted|read ECONNRESET|socket hang up)/,
    }),
    requests: 6 + 6,
  },
  {
    number: 13,
    name: 'a tag that is added and one that is deleted between two pages',
    registry: () =>
      pages({
        '': { tags: ['a', 'b'], link: next('b') },
        b: { tags: ['bb', 'd'], link: next('deleted') },
        deleted: { tags: [] },
      }),
    outcome: lists('a', 'b', 'bb', 'd'),
    requests: 3,
  },
  {
    number: 13,
    name: 'a repository that is deleted between two pages',
    registry: () => exchange =>
      exchange.request.query.has('last')
        ? exchange.json({ errors: [{ code: 'NAME_UNKNOWN' }] }, {}, 404)
        : exchange.json({ tags: ['a'] }, { link: next('a') }),
    tokens: () => unexpected,
    outcome: () => ({
      error: 'not-found',
      status: 404,
      message: /answered 404 \(not found\): NAME_UNKNOWN$/,
    }),
    requests: 2,
  },
];
