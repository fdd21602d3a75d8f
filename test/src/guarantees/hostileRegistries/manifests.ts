import { createHash } from 'node:crypto';
import type { Behaviour } from '../../servers/MisbehavingRegistry';
import type { HostileCase, Outcome } from './case';

const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [],
});
const digestOf = (text: string, algorithm = 'sha256') =>
  `${algorithm}:${createHash(algorithm).update(text).digest('hex')}`;
const digest = digestOf(index);
const other = digestOf('something else');

interface Answer {
  status?: number;
  digest?: string | string[];
  type?: string;
  body?: string;
  headers?: Record<string, string>;
}

const answers =
  ({
    status = 200,
    digest: said,
    type,
    body = '',
    headers = {},
  }: Answer): Behaviour =>
  exchange =>
    exchange.answer(
      status,
      {
        ...(said === undefined ? {} : { 'docker-content-digest': said }),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      body,
    );

const invalid =
  (message: RegExp, status?: number): (() => Outcome) =>
  () => ({ error: 'invalid-response', message, status });

/** A row of the answer to HEAD and, where that is asked too, to GET. */
const row = (
  number: number,
  name: string,
  head: Answer | Behaviour,
  get: Answer | Behaviour | undefined,
  outcome: string | (() => Outcome),
  more: Partial<HostileCase> = {},
): HostileCase => ({
  number,
  name,
  ask: 'digest',
  registry: () => exchange => {
    const answer =
      exchange.request.method === 'HEAD' ? head : get ?? { status: 418 };
    return (typeof answer === 'function' ? answer : answers(answer))(exchange);
  },
  outcome: typeof outcome === 'string' ? () => ({ digest: outcome }) : outcome,
  requests: get ? 2 : 1,
  ...more,
});

const whole: Answer = { body: index };
const SCHEMA1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** A body that is a digest's only when it is read as it is. */
const indexOf = (...manifests: object[]) =>
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });

const hashed = (number: number, name: string, body: string) =>
  row(number, name, {}, { body, type: OCI_INDEX }, digestOf(body));

/** Cases 23 to 32: the digest of a tag. */
export const manifestCases: HostileCase[] = [
  row(23, 'no digest header', {}, whole, digest),
  ...[
    ['malformed', 'sha256:xyz'],
    ['upper case', digest.toUpperCase()],
    ['upper-case digits', `sha256:${'A'.repeat(64)}`],
    ['md5', digestOf(index, 'md5')],
    ['sha1', digestOf(index, 'sha1')],
    ['too short', digest.slice(0, -1)],
    ['too long', `${digest}0`],
    ['empty', ''],
    ['another line', `${digest}@sha256:${'b'.repeat(64)}`],
    ['blanks inside', digest.replace(':', ': ')],
  ].map(([name, said]) =>
    row(24, `a digest that is ${name}`, { digest: said }, whole, digest),
  ),
  row(24, 'two digest headers', { digest: [digest, other] }, whole, digest),
  row(
    24,
    'blanks around the digest',
    { digest: `  ${digest} ` },
    undefined,
    digest,
  ),
  row(
    24,
    'a digest in sha512',
    { digest: digestOf(index, 'sha512') },
    undefined,
    digestOf(index, 'sha512'),
  ),
  row(
    24,
    'a digest in sha512 that the bytes prove',
    {},
    { ...whole, digest: digestOf(index, 'sha512') },
    digestOf(index, 'sha512'),
  ),
  row(
    25,
    'a header that differs from the body',
    {},
    { ...whole, digest: other },
    invalid(
      /^\S+: the manifest of tag v1 is sha256:\w{64}, but the registry says sha256:\w{64}$/,
    ),
  ),
  row(
    25,
    'a malformed header beside a body',
    {},
    { ...whole, digest: 'sha256:xyz' },
    digest,
  ),
  ...[400, 404, 405, 501].map(status =>
    row(26, `HEAD answered ${status}`, { status }, whole, digest),
  ),
  row(
    26,
    'HEAD and GET answered 404',
    { status: 404 },
    { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' },
    () => ({
      error: 'not-found',
      status: 404,
      message: /answered 404 \(not found\): MANIFEST_UNKNOWN$/,
    }),
  ),
  row(
    27,
    'HEAD with a body',
    exchange =>
      exchange.write(
        `HTTP/1.1 200 OK\r\ndocker-content-digest: ${digest}\r\ncontent-length: ${index.length}\r\n\r\n${index}`,
      ),
    undefined,
    digest,
    { times: 3, requests: 6 },
  ),
  row(
    27,
    'HEAD with a body that is another answer',
    exchange =>
      exchange.write(
        `HTTP/1.1 200 OK\r\ndocker-content-digest: ${digest}\r\ncontent-length: 0\r\n\r\n` +
          `HTTP/1.1 200 OK\r\ndocker-content-digest: ${other}\r\ncontent-length: 0\r\n\r\n`,
      ),
    undefined,
    digest,
    { times: 3, requests: 6 },
  ),
  row(28, 'no content type', { digest }, undefined, digest),
  row(
    28,
    'a content type with parameters',
    { digest, type: `${OCI_INDEX}; charset=utf-8` },
    undefined,
    digest,
  ),
  row(
    28,
    'schema 1 by its type',
    { digest, type: SCHEMA1 },
    undefined,
    invalid(/has a manifest of schema 1, which is not supported$/),
  ),
  row(
    28,
    'schema 1 by its content',
    {},
    { body: '{"schemaVersion":1}' },
    invalid(/has a manifest of schema 1/),
  ),
  row(
    28,
    'HTML',
    {},
    { body: '<html></html>', type: 'text/html' },
    invalid(
      /the answer for tag v1 is not a manifest: it is not a JSON object$/,
    ),
  ),
  row(
    28,
    'JSON that is no manifest',
    {},
    { body: '{}' },
    invalid(/is not a manifest$/),
  ),
  row(
    28,
    'two schema versions',
    {},
    { body: '{"schemaVersion":1,"schemaVersion":2}' },
    invalid(/is not a manifest: it has one key twice$/),
  ),
  row(
    29,
    'a manifest of 5 MiB',
    {},
    { body: JSON.stringify({ schemaVersion: 2, x: 'x'.repeat(5 << 20) }) },
    () => ({ error: 'too-large', message: /is larger than 4194304 bytes/ }),
  ),
  row(
    29,
    'HEAD that announces 5 GiB',
    { digest, headers: { 'content-length': `${5 * 2 ** 30}` } },
    undefined,
    digest,
  ),
  // The tag's own digest, whatever the children are: nobody follows them.
  hashed(30, 'an index without children', indexOf()),
  hashed(
    30,
    'an index of attestations alone',
    indexOf({
      digest: other,
      platform: { os: 'unknown', architecture: 'unknown' },
    }),
  ),
  hashed(
    30,
    'an index in an index',
    indexOf({ mediaType: OCI_INDEX, digest: other }),
  ),
  hashed(
    30,
    'an index with itself inside',
    indexOf({ mediaType: OCI_INDEX, digest }),
  ),
  row(
    30,
    'an index nested too deeply',
    {},
    { body: `{"schemaVersion":2,"manifests":${'['.repeat(100_000)}` },
    invalid(/is not a manifest: it is nested too deeply$/),
  ),
  row(
    31,
    'one platform, whatever was asked for',
    { digest: other, type: 'application/vnd.oci.image.manifest.v1+json' },
    undefined,
    other,
    {
      check: ({ registry }) =>
        expect(registry.requests[0].headers.accept).toContain(OCI_INDEX),
    },
  ),
  row(
    32,
    '304 with another etag',
    { status: 304, headers: { etag: `"${other}"` } },
    undefined,
    invalid(/answered 304$/, 304),
  ),
  row(
    32,
    '304 to GET',
    {},
    { status: 304, headers: { etag: `"${other}"` } },
    invalid(/answered 304$/, 304),
  ),
];
