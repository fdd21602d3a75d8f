import type { Behaviour } from '../../servers/MisbehavingRegistry';
import type { HostileCase, Hosts, Outcome } from './case';
import { BEARER_TOKEN, REFRESH_TOKEN, USER } from './case';
import {
  challenged,
  givesToken,
  invalid,
  listed,
  protect,
  realmOf,
  unauthorized,
} from './challenge';

const refused =
  (message: RegExp): (() => Outcome) =>
  () => ({ error: 'refused-address', message });

/** A row in which the token service's answer varies. */
const tokenAnswer = (
  number: number,
  name: string,
  tokens: Behaviour,
  outcome: () => Outcome,
  requests: number,
  more: Partial<HostileCase> = {},
): HostileCase =>
  challenged(
    number,
    name,
    hosts => `Bearer realm="${realmOf(hosts)}"`,
    outcome,
    requests,
    { tokens: () => tokens, ...more },
  );

const noToken = invalid(/: [\d.:]+ answered without a usable token$/);

/** Cases 35 to 38: token services. */
export const tokenCases: HostileCase[] = [
  ...(
    [
      [
        'of a host that is not listed',
        ({ forbidden }) => `https://${forbidden.host}/t`,
        refused(/private, local or reserved/),
      ],
      [
        'in plain http of a host that is not listed',
        ({ forbidden }) => `${forbidden.url}/t`,
        refused(/Plain http to \S+ is refused/),
      ],
      [
        'of an internal address',
        () => 'https://169.254.169.254/latest',
        refused(/private, local or reserved/),
      ],
      [
        'of an IPv4-mapped address',
        ({ forbidden }) => `https://[::ffff:127.0.0.1]:${forbidden.port}/`,
        refused(/private, local or reserved/),
      ],
      [
        'of a decimal address',
        ({ forbidden }) => `https://2130706433:${forbidden.port}/`,
        refused(/private, local or reserved/),
      ],
      [
        'of an octal address',
        ({ forbidden }) => `https://0177.0.0.1:${forbidden.port}/`,
        refused(/private, local or reserved/),
      ],
      [
        'of a name that leads to loopback',
        ({ forbidden }) => `https://localhost:${forbidden.port}/`,
        refused(/private, local or reserved/),
      ],
      [
        'of a file',
        () => 'file:///etc/passwd',
        invalid(/its address is file: instead of https:$/),
      ],
      [
        'that is relative',
        () => '/token',
        invalid(/its address is not an absolute URL$/),
      ],
      [
        'with userinfo',
        ({ tokens }) => `http://a:b@${tokens.host}/`,
        invalid(/its address has credentials in it$/),
      ],
      [
        'that is no URL',
        () => 'http://[bad',
        invalid(/its address is not an absolute URL$/),
      ],
      [
        'with a zone',
        () => 'https://[fe80::1%25eth0]/',
        invalid(/its address is not an absolute URL$/),
      ],
      [
        'of data',
        () => 'data:application/json,{}',
        invalid(/its address is data: instead of https:$/),
      ],
    ] as [string, (hosts: Hosts) => string, () => Outcome][]
  ).map(([name, realm, outcome]) =>
    challenged(
      35,
      `a realm ${name}`,
      hosts => `Bearer realm="${realm(hosts)}"`,
      outcome,
      1,
    ),
  ),
  challenged(
    35,
    'a realm with query and fragment',
    hosts =>
      `Bearer realm="${realmOf(
        hosts,
      )}?tenant=1&scope=evil&account=evil#x",service="s"`,
    listed,
    3,
    {
      check: ({ tokens }) =>
        expect(Object.fromEntries(tokens.requests[0].query)).toEqual({
          tenant: '1',
          service: 's',
          scope: 'repository:org/app:pull',
          account: USER,
        }),
    },
  ),
  tokenAnswer(
    36,
    'a token service that redirects to an internal host',
    exchange => exchange.answer(302, { location: 'http://169.254.169.254/' }),
    refused(/Plain http to 169\.254\.169\.254 is refused/),
    2,
  ),
  {
    ...tokenAnswer(
      36,
      'a token service that redirects to a host that is not listed',
      () => {},
      refused(/private, local or reserved/),
      2,
    ),
    tokens:
      ({ forbidden }) =>
      exchange =>
        exchange.answer(307, { location: `https://${forbidden.host}/` }),
  },
  {
    ...tokenAnswer(
      36,
      'a token service that redirects to a stranger',
      () => {},
      listed,
      4,
    ),
    tokens:
      ({ stranger }) =>
      exchange =>
        exchange.answer(307, { location: `${stranger.url}/token` }),
    stranger: () => givesToken,
  },
  {
    ...tokenAnswer(
      36,
      'a token service that sends a refresh token on',
      () => {},
      () => ({
        error: 'invalid-response',
        status: 307,
        message: /answered 307$/,
      }),
      2,
    ),
    credentials: { type: 'identity-token', token: REFRESH_TOKEN },
    tokens:
      ({ stranger }) =>
      exchange =>
        exchange.answer(307, { location: `${stranger.url}/token` }),
  },
  {
    ...tokenAnswer(
      36,
      'a stranger behind a redirect who asks for a sign-in',
      () => {},
      unauthorized,
      3,
    ),
    tokens:
      ({ stranger }) =>
      exchange =>
        exchange.answer(302, { location: `${stranger.url}/` }),
    stranger: ({ tokens }) =>
      protect(['Basic realm="x"', `Bearer realm="${tokens.url}"`]),
  },
  tokenAnswer(37, 'neither field', x => x.json({ tocken: 'x' }), noToken, 2),
  tokenAnswer(
    37,
    'both fields',
    x => x.json({ token: BEARER_TOKEN, access_token: 'x' }),
    listed,
    3,
  ),
  tokenAnswer(
    37,
    'only access_token',
    x => x.json({ access_token: BEARER_TOKEN }),
    listed,
    3,
  ),
  tokenAnswer(37, 'a number', x => x.json({ token: 7 }), noToken, 2),
  tokenAnswer(
    37,
    '10 MB',
    x => x.json({ token: 'x'.repeat(10_000_000) }),
    () => ({ error: 'too-large', message: /is larger than 65536 bytes/ }),
    2,
  ),
  tokenAnswer(37, 'HTML', x => x.answer(200, {}, '<html>'), noToken, 2),
  tokenAnswer(37, 'nothing', x => x.answer(200), noToken, 2),
  tokenAnswer(
    37,
    'a token that would begin another header',
    x => x.json({ token: 'a\r\nx-evil: b' }),
    noToken,
    2,
  ),
  tokenAnswer(
    37,
    'a token with a blank',
    x => x.json({ token: 'a b' }),
    noToken,
    2,
  ),
  tokenAnswer(
    37,
    'a token outside of ASCII',
    x => x.json({ token: 'tökén' }),
    noToken,
    2,
  ),
  tokenAnswer(
    37,
    'a token twice',
    x => x.answer(200, {}, `{"token":"x","token":"${BEARER_TOKEN}"}`),
    noToken,
    2,
  ),
  tokenAnswer(
    37,
    'silence',
    () => {},
    () => ({
      error: 'timeout',
      message: /no (complete answer within|token came in time)/,
    }),
    4,
    { limits: { scanTime: 700 } },
  ),
  tokenAnswer(
    37,
    '401',
    x => x.answer(401, { 'www-authenticate': 'Bearer realm="x"' }),
    unauthorized,
    2,
  ),
  ...[0, -1, 1e12, 1e308, '300', null, undefined, {}].map(expires =>
    tokenAnswer(
      38,
      `expires_in ${JSON.stringify(expires)}`,
      x => x.json({ token: BEARER_TOKEN, expires_in: expires }),
      listed,
      5,
      { times: 3 },
    ),
  ),
  ...['2999-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 'yesterday', 7].map(
    issued =>
      tokenAnswer(
        38,
        `issued_at ${issued}`,
        x => x.json({ token: BEARER_TOKEN, expires_in: 60, issued_at: issued }),
        listed,
        5,
        { times: 3 },
      ),
  ),
];
