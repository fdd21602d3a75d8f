import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Behaviour } from '../../servers/MisbehavingRegistry';
import type { HostileCase, Outcome } from './case';

const MI_B = 1024 * 1024;
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const chunked = `${OK}transfer-encoding: chunked\r\n\r\n`;

const lists =
  (...tags: string[]): (() => Outcome) =>
  () => ({ tags });
const invalid =
  (message: RegExp, status?: number): (() => Outcome) =>
  () => ({
    error: 'invalid-response',
    message,
    ...(status === undefined ? {} : { status }),
  });
const unreachable =
  (message = /could not be reached: /): (() => Outcome) =>
  () => ({ error: 'unreachable', message });
const tooLarge = (): Outcome => ({
  error: 'too-large',
  message: /is larger than 16777216 bytes/,
});
const timeout = (): Outcome => ({
  error: 'timeout',
  message: /no complete answer within 0\.7 s$/,
});

const body =
  (text: string | Buffer): (() => Behaviour) =>
  () =>
  exchange =>
    exchange.answer(200, {}, text);

/** A row with a body of a list that is read. */
const reads = (
  number: number,
  text: string | Buffer,
  ...tags: string[]
): HostileCase => ({
  number,
  name: `reads ${String(text).slice(0, 80)}`,
  registry: body(text),
  outcome: lists(...tags),
  requests: 1,
});

/** A row with a body of a list that is refused, at once. */
const refuses = (
  number: number,
  text: string | Buffer,
  message: RegExp,
): HostileCase => ({
  number,
  name: `refuses ${String(text).slice(0, 80)}`,
  registry: body(text),
  outcome: invalid(message),
  requests: 1,
});

/** A row of raw bytes that end within the deadline of a second. */
const sends = (
  number: number,
  name: string,
  registry: Behaviour,
  outcome: () => Outcome,
  requests: number,
  more: Partial<HostileCase> = {},
): HostileCase => ({
  number,
  name,
  registry: () => registry,
  outcome,
  requests,
  ...more,
});

const short = { limits: { scanTime: 700 } };
const NOT_OBJECT = /the list of tags is not a JSON object$/;
const NOT_LIST = /the list of tags is not an array$/;
const OTHER_NAME = /the list of tags is that of another repository$/;

/** A text that many readers would take for more than one line or for code. */
const noTags = [
  `sha256:${'a'.repeat(64)}`,
  '',
  'x'.repeat(129),
  '-rm',
  '.hidden',
  '1.0\n- evil: 1',
  '1.0\r\nset-cookie: a=b',
  'a\0b',
  'ä',
  '１.0',
  '1.0 ',
  '../../etc/passwd',
  '{{ evil }}',
  '$(evil)',
  '<script>',
  '\u202e0.1',
];

/** Cases 14 to 22: bodies of a list. */
export const bodyCases: HostileCase[] = [
  reads(14, '{"name":"org/app","tags":null}'),
  reads(14, '{"name":"org/app"}'),
  reads(14, '{}'),
  reads(14, '{"tags":[1,null,{},["x"],true,"ok",1.5]}', 'ok'),
  refuses(14, '{"tags":"a"}', NOT_LIST),
  refuses(14, '{"tags":{"a":1}}', NOT_LIST),
  refuses(14, '{"tags":7}', NOT_LIST),
  refuses(14, '{"tags":true}', NOT_LIST),
  refuses(14, '["a"]', NOT_OBJECT),
  refuses(14, 'null', NOT_OBJECT),
  refuses(14, '"a"', NOT_OBJECT),
  reads(15, JSON.stringify({ tags: [...noTags, 'good'] }), 'good'),
  reads(
    15,
    '{"tags":["__proto__","constructor","toString","hasOwnProperty"],"__proto__":{"tags":["x"]},"constructor":1}',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ),
  sends(
    16,
    '500,000 tags in one page',
    exchange =>
      exchange.json({
        tags: Array.from({ length: 500_000 }, (_, at) => `1.0.${at}`),
      }),
    () => ({ tags: 500_000 }),
    1,
    { mebibytes: 400 },
  ),
  sends(
    16,
    'one tag more than that',
    exchange =>
      exchange.json({
        tags: Array.from({ length: 500_001 }, (_, at) => `1.0.${at}`),
      }),
    () => ({ error: 'too-large', message: /more than 500000 tags$/ }),
    1,
    { mebibytes: 400 },
  ),
  sends(
    16,
    'one tag of 10 MB among others',
    exchange => exchange.json({ tags: ['a', 'x'.repeat(10_000_000), 'b'] }),
    lists('a', 'b'),
    1,
  ),
  sends(
    16,
    'one tag of 17 MiB',
    exchange => exchange.json({ tags: ['a', 'x'.repeat(17 * MI_B)] }),
    tooLarge,
    1,
  ),
  sends(
    16,
    '16 MiB of brackets',
    exchange => exchange.answer(200, {}, `{"tags":${'['.repeat(15 * MI_B)}`),
    invalid(/the list of tags is nested too deeply$/),
    1,
    { mebibytes: 160 },
  ),
  sends(
    16,
    '5 million empty objects',
    exchange =>
      exchange.answer(200, {}, `{"tags":[${'{},'.repeat(5_000_000)}1]}`),
    invalid(/the list of tags has too many parts$/),
    1,
    { mebibytes: 160 },
  ),
  refuses(17, '<!doctype html><title>Sign in</title>', NOT_OBJECT),
  refuses(17, '{"tags":["1.0","2.', NOT_OBJECT),
  refuses(17, '{"tags":["1.0","2.0"]', NOT_OBJECT),
  refuses(17, '', NOT_OBJECT),
  refuses(17, '\ufeff{"tags":["1.0"]}', NOT_OBJECT),
  refuses(17, Buffer.from('{"tags":["1.0","\xff"]}', 'latin1'), NOT_OBJECT),
  refuses(17, '{"tags":["1.0"]}{"tags":["2.0"]}', NOT_OBJECT),
  refuses(17, '{"tags":["1.0"]}x', NOT_OBJECT),
  refuses(17, '{"tags":["1.0"],"tags":["2.0"]}', /has one key twice$/),
  refuses(17, '{"tags":["1.0"],"t\\u0061gs":["2.0"]}', /has one key twice$/),
  refuses(
    17,
    '{"name":"org/app","tags":["1.0"],"name":"org/b"}',
    /has one key twice$/,
  ),
  reads(17, '{"a":{"tags":1,"tags":2},"tags":["tags","name:"]}', 'tags'),
  refuses(17, '{"name":"other/app","tags":["1.0"]}', OTHER_NAME),
  refuses(17, '{"name":"evilorg/app","tags":["1.0"]}', OTHER_NAME),
  refuses(17, '{"name":{"a":1},"tags":["1.0"]}', OTHER_NAME),
  reads(17, '{"name":"app","tags":["1.0"]}', '1.0'),
  ...[201, 202, 204, 206, 304, 299, 600].map(status =>
    sends(
      17,
      `status ${status}, unasked`,
      exchange => exchange.answer(status, {}, '{"tags":["1.0"]}'),
      () => ({
        error: status === 600 ? 'server-error' : 'invalid-response',
        status,
        message: new RegExp(`answered ${status}`),
      }),
      1,
    ),
  ),
  sends(
    18,
    'a list that calls itself plain text',
    exchange =>
      exchange.answer(200, { 'content-type': 'text/plain' }, '{"tags":["a"]}'),
    lists('a'),
    1,
  ),
  sends(
    19,
    'a gzip bomb of 1 GiB',
    exchange =>
      exchange.flood(
        `${OK}content-encoding: gzip\r\nconnection: close\r\n\r\n`,
        gzipSync(Buffer.alloc(16 * MI_B)),
        64,
      ),
    invalid(/in a content encoding that was not asked for/),
    1,
    { mebibytes: 128 },
  ),
  sends(
    19,
    'brotli',
    exchange =>
      exchange.answer(
        200,
        { 'content-encoding': 'br' },
        brotliCompressSync('{"tags":["a"]}'),
      ),
    invalid(/in a content encoding that was not asked for/),
    1,
  ),
  sends(
    19,
    'an error whose body is a gzip bomb',
    exchange =>
      exchange.answer(
        404,
        { 'content-encoding': 'gzip' },
        gzipSync(Buffer.alloc(16 * MI_B)),
      ),
    () => ({ error: 'not-found', status: 404, message: /answered 404/ }),
    1,
    { mebibytes: 128 },
  ),
  sends(
    20,
    'a Content-Length that is too small',
    exchange => exchange.end(`${OK}content-length: 9\r\n\r\n{"tags":["a"]}`),
    invalid(/./),
    2,
  ),
  sends(
    20,
    'a Content-Length that is too large',
    exchange => exchange.end(`${OK}content-length: 99\r\n\r\n{"tags":["a"]}`),
    unreachable(),
    6,
  ),
  ...['-1', 'x', '5, 6', '99999999999999999999'].map(length =>
    sends(
      20,
      `a Content-Length of ${length}`,
      exchange =>
        exchange.end(`${OK}content-length: ${length}\r\n\r\n{"tags":["a"]}`),
      invalid(/something that is not HTTP/),
      1,
    ),
  ),
  sends(
    20,
    'a length over the cap, announced',
    exchange => exchange.write(`${OK}content-length: 20000000\r\n\r\n{`),
    tooLarge,
    1,
  ),
  sends(
    20,
    'both a length and chunks',
    exchange =>
      exchange.end(
        `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\ne\r\n{"tags":["a"]}\r\n0\r\n\r\n`,
      ),
    invalid(/something that is not HTTP/),
    1,
  ),
  sends(
    20,
    'chunks that never end',
    exchange => exchange.flood(chunked, `4000\r\n${' '.repeat(16384)}\r\n`),
    tooLarge,
    1,
  ),
  sends(
    20,
    'a million chunks of one byte',
    exchange => exchange.flood(chunked, '1\r\n \r\n'.repeat(1000), 1000),
    () => ({ error: 'timeout', message: /no complete answer within 3 s$/ }),
    1,
    { limits: { scanTime: 3000 }, mebibytes: 100, seconds: 30 },
  ),
  sends(
    20,
    'chunks that are broken',
    exchange => exchange.end(`${chunked}zz\r\n{"tags":["a"]}`),
    invalid(/something that is not HTTP/),
    1,
  ),
  sends(
    20,
    'a list in chunks without the last of them',
    exchange => exchange.end(`${chunked}e\r\n{"tags":["a"]}\r\n`),
    unreachable(),
    6,
  ),
  sends(
    20,
    'chunk extensions without end',
    exchange => exchange.flood(`${chunked}1`, `;x=${'y'.repeat(1000)}`),
    invalid(/something that is not HTTP/),
    1,
  ),
  sends(
    20,
    'trailers without end',
    exchange =>
      exchange.flood(
        `${chunked}e\r\n{"tags":["a"]}\r\n0\r\n`,
        `x: ${'y'.repeat(1000)}\r\n`,
      ),
    invalid(/something that is not HTTP/),
    1,
  ),
  sends(
    20,
    'a body that drips',
    exchange => exchange.drip(`${OK}content-length: 9999\r\n\r\n`, ' '),
    timeout,
    1,
    short,
  ),
  sends(
    20,
    'headers that drip',
    exchange => exchange.drip(OK, 'x'),
    timeout,
    1,
    short,
  ),
  sends(20, 'silence', () => {}, timeout, 1, short),
  sends(
    20,
    'headers that never end',
    exchange => exchange.flood(OK, `x: ${'y'.repeat(1000)}\r\n`),
    invalid(/something that is not HTTP/),
    1,
  ),
  sends(
    20,
    'a reset in the body',
    exchange => exchange.reset(`${OK}content-length: 99\r\n\r\n{"tags":[`),
    unreachable(),
    6,
  ),
  sends(
    20,
    'a reset instead of an answer',
    exchange => exchange.reset(),
    unreachable(),
    6,
  ),
  sends(
    20,
    'the end instead of an answer',
    exchange => exchange.end(''),
    unreachable(),
    6,
  ),
  sends(
    20,
    'interim answers without end',
    exchange =>
      exchange.flood('', 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'),
    invalid(/sent more than 20 interim answers/),
    1,
  ),
  sends(
    20,
    'a few interim answers, and then the list',
    exchange => {
      exchange.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(3));
      exchange.json({ tags: ['a'] });
    },
    lists('a'),
    1,
  ),
  ...['websocket', 'h2c'].map(protocol =>
    sends(
      20,
      `a switch to ${protocol}`,
      exchange =>
        exchange.write(
          `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\n\x81\x05hello`,
        ),
      invalid(/switched to another protocol/),
      1,
    ),
  ),
  sends(
    20,
    'a switch to nothing',
    exchange => exchange.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    invalid(/answered 101$/, 101),
    1,
  ),
  sends(
    20,
    'two answers to one question',
    exchange => {
      exchange.json({ tags: ['a'] });
      exchange.json({ tags: ['evil'] });
    },
    lists('a'),
    4,
    { times: 2 },
  ),
  sends(
    20,
    'no HTTP at all',
    exchange => exchange.end('SSH-2.0-OpenSSH_9.2\r\n'),
    invalid(/something that is not HTTP/),
    1,
  ),
  sends(
    21,
    '100 KB of headers',
    exchange => exchange.write(`${OK}x: ${'y'.repeat(100_000)}\r\n\r\n{}`),
    invalid(/something that is not HTTP/),
    1,
  ),
  sends(
    21,
    'a control character in a header',
    exchange => exchange.write(`${OK}x: a\0b\r\ncontent-length: 2\r\n\r\n{}`),
    invalid(/something that is not HTTP/),
    1,
  ),
  reads(22, '{"tags":["\\ud800","\\udc00x","1.0"]}', '1.0'),
  reads(22, '{"tags":["1.0"],"\\ud800":"\\udfff"}', '1.0'),
];
