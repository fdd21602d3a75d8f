import { createHash } from 'node:crypto';
import type { HostileCase, Outcome } from './case';

const MANIFEST = '{"schemaVersion":2,"manifests":[]}';
const digest = `sha256:${createHash('sha256').update(MANIFEST).digest('hex')}`;

const rateLimited =
  (retryAfter?: number): (() => Outcome) =>
  () => ({
    error: 'rate-limited',
    status: 429,
    message: /answered 429 \(too many requests\)/,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });

/** A row that answers 429 for good, with a Retry-After. */
const limited = (
  name: string,
  retryAfter: string | undefined,
  outcome: () => Outcome,
  requests: number,
): HostileCase => ({
  number: 49,
  name: `429 with ${name}`,
  registry: () => exchange =>
    exchange.answer(
      429,
      retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    ),
  outcome,
  requests,
});

const QUARTER_HOUR = 15 * 60_000;

/** A row about the digest of a tag that only a pull can tell. */
const pulls = (
  name: string,
  headers: Record<string, string>,
  outcome: () => Outcome,
  requests: number,
): HostileCase => ({
  number: 50,
  name,
  ask: 'digest',
  registry: () => exchange => exchange.answer(200, headers, MANIFEST),
  outcome,
  requests,
});

const saved =
  (retryAfter: number): (() => Outcome) =>
  () => ({
    error: 'rate-limited',
    message:
      /hardly any pulls are left at the registry, and the digest of tag v1 cannot be had without one$/,
    retryAfter,
  });
const pulled = (): Outcome => ({ digest });

/** Cases 49 to 51: registries that want to be left alone. */
export const pauseCases: HostileCase[] = [
  limited('no Retry-After', undefined, rateLimited(), 3),
  limited('seconds', '60', rateLimited(60_000), 1),
  limited('a past date', 'Sun, 06 Nov 1994 08:49:37 GMT', rateLimited(), 3),
  limited(
    'a date in a thousand years',
    'Sun, 06 Nov 2994 08:49:37 GMT',
    rateLimited(QUARTER_HOUR),
    1,
  ),
  limited('garbage', 'soon; very', rateLimited(), 3),
  limited('a billion seconds', '1000000000', rateLimited(QUARTER_HOUR), 1),
  limited(
    'more seconds than a number holds',
    '9'.repeat(400),
    rateLimited(QUARTER_HOUR),
    1,
  ),
  limited('negative seconds', '-60', rateLimited(), 3),
  limited('a fraction', '0.5', rateLimited(), 3),
  {
    number: 49,
    name: '429 once, with a second to wait',
    registry: () => exchange =>
      exchange.index === 0
        ? exchange.answer(429, { 'retry-after': '1' })
        : exchange.json({ tags: ['a'] }),
    outcome: () => ({ tags: ['a'] }),
    requests: 2,
  },
  pulls(
    'no pulls left',
    { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' },
    saved(QUARTER_HOUR),
    1,
  ),
  pulls(
    'a tenth of the pulls left',
    { 'ratelimit-limit': '100;w=300', 'ratelimit-remaining': '10;w=300' },
    saved(300_000),
    1,
  ),
  pulls(
    'no pulls left, of nobody knows how many',
    { 'ratelimit-remaining': '0' },
    saved(QUARTER_HOUR),
    1,
  ),
  pulls(
    'more than a tenth left',
    { 'ratelimit-limit': '100;w=300', 'ratelimit-remaining': '11;w=300' },
    pulled,
    2,
  ),
  ...['', 'none', '-1', '0;0', '1e9', '0x0', 'NaN', '9'.repeat(400)].map(text =>
    pulls(
      `a remainder of ${JSON.stringify(text.slice(0, 20))}`,
      { 'ratelimit-limit': '100', 'ratelimit-remaining': text },
      pulled,
      2,
    ),
  ),
  pulls(
    'no pulls left, where none is needed',
    { 'ratelimit-remaining': '0', 'docker-content-digest': digest },
    pulled,
    1,
  ),
  {
    number: 50,
    name: 'no pulls left, where only tags are listed',
    registry: () => exchange =>
      exchange.json({ tags: ['a'] }, { 'ratelimit-remaining': '0;w=21600' }),
    outcome: () => ({ tags: ['a'] }),
    requests: 1,
  },
  {
    number: 51,
    name: '503 every other time',
    registry: () => exchange => {
      const page = Math.floor(exchange.index / 2);
      return exchange.index % 2 === 0
        ? exchange.answer(503)
        : exchange.json(
            { tags: [`t${page}`] },
            page < 9 ? { link: `<?last=${page}>; rel="next"` } : {},
          );
    },
    outcome: () => ({ tags: 10 }),
    requests: 20,
  },
  {
    number: 51,
    name: '503 every time',
    registry: () => exchange => exchange.answer(503, {}, 'down'),
    outcome: () => ({
      error: 'server-error',
      status: 503,
      message: /answered 503: down$/,
    }),
    requests: 3,
  },
  {
    number: 51,
    name: '503 that is long',
    registry: () => exchange => exchange.answer(503, { 'retry-after': '120' }),
    outcome: () => ({
      error: 'server-error',
      status: 503,
      message: /answered 503$/,
      retryAfter: 120_000,
    }),
    requests: 1,
  },
  {
    number: 51,
    name: '404 with 64 KB that are made to be read slowly',
    registry: () => exchange =>
      exchange.answer(
        404,
        { 'content-type': 'text/plain' },
        'http://'.repeat(9300),
      ),
    outcome: () => ({ error: 'not-found', status: 404, message: /…$/ }),
    times: 20,
    requests: 20,
    seconds: 8,
  },
];
