import type { HostileCase } from './case';
import { basic, REGISTRY_TOKEN } from './case';
import {
  challenged,
  givesToken,
  invalid,
  listed,
  protect,
  realmOf,
  unauthorized,
} from './challenge';

/** Cases 33, 34 and 39 to 43: signing in. */
export const signInCases: HostileCase[] = [
  challenged(
    33,
    'several challenges in one header, Bearer last',
    hosts => `Negotiate, Basic realm="x", Bearer realm="${realmOf(hosts)}"`,
    listed,
    3,
    { check: ({ tokens }) => expect(tokens.requests).toHaveLength(1) },
  ),
  challenged(
    33,
    'several headers',
    hosts => ['Negotiate YII=', `Bearer realm="${realmOf(hosts)}"`, 'Basic'],
    listed,
    3,
  ),
  challenged(
    33,
    'a Digest between them',
    () => 'Digest qop="auth, auth-int", nonce="x", Basic realm="y"',
    listed,
    2,
  ),
  challenged(
    33,
    'only what nobody speaks',
    () => 'Negotiate, NTLM',
    unauthorized,
    1,
  ),
  challenged(
    34,
    'a comma and an escaped quote inside quotes',
    hosts =>
      `Bearer service="a,\\"b\\", Basic realm=",realm="${realmOf(hosts)}"`,
    listed,
    3,
    {
      check: ({ tokens }) =>
        expect(tokens.requests[0].query.get('service')).toBe(
          'a,"b", Basic realm=',
        ),
    },
  ),
  challenged(
    34,
    'no quotes',
    hosts => `Bearer realm=${realmOf(hosts)},service=x`,
    listed,
    3,
  ),
  challenged(
    34,
    'lower case',
    hosts => `bearer REALM="${realmOf(hosts)}"`,
    listed,
    3,
  ),
  challenged(
    34,
    'no realm',
    () => 'Bearer service="x"',
    invalid(/it has no address$/),
    1,
  ),
  challenged(
    34,
    'an empty realm',
    () => 'Bearer realm=""',
    invalid(/it has no address$/),
    1,
  ),
  challenged(34, 'an empty header', () => '', unauthorized, 1),
  challenged(34, 'only commas', () => ',,, ,', unauthorized, 1),
  challenged(34, '15 KB of quotes', () => '"'.repeat(15_000), unauthorized, 1),
  challenged(
    34,
    '8 KB of other parameters',
    hosts => `Bearer ${'a="b",'.repeat(1300)}realm="${realmOf(hosts)}"`,
    listed,
    3,
  ),
  challenged(
    34,
    'two realms: the first counts',
    hosts => `Bearer realm="${realmOf(hosts)}",realm="${hosts.stranger.url}"`,
    listed,
    3,
  ),
  {
    number: 39,
    name: '401 without end, with a new realm each time',
    credentials: basic,
    registry: hosts => exchange =>
      exchange.answer(401, {
        'www-authenticate': `Bearer realm="${realmOf(hosts)}${exchange.index}"`,
      }),
    tokens: () => givesToken,
    outcome: unauthorized,
    requests: 3,
  },
  {
    number: 39,
    name: '401 without end to Basic',
    credentials: basic,
    registry: () => exchange =>
      exchange.answer(401, { 'www-authenticate': 'Basic realm="x"' }),
    outcome: unauthorized,
    requests: 2,
  },
  {
    number: 39,
    name: '401 without end that does not say how',
    credentials: basic,
    registry: () => exchange => exchange.answer(401),
    outcome: unauthorized,
    requests: 2,
  },
  {
    number: 40,
    name: 'a stranger behind a redirect who asks for a sign-in',
    credentials: basic,
    registry:
      ({ stranger }) =>
      exchange =>
        exchange.answer(307, { location: `${stranger.url}/v2/` }),
    stranger: ({ tokens }) =>
      protect(['Basic realm="x"', `Bearer realm="${tokens.url}"`]),
    outcome: unauthorized,
    requests: 2,
  },
  {
    number: 40,
    name: 'a signed-in redirect to a stranger who asks for a sign-in',
    credentials: basic,
    registry:
      ({ stranger }) =>
      exchange =>
        exchange.request.headers.authorization
          ? exchange.answer(307, { location: `${stranger.url}/v2/` })
          : exchange.answer(401, { 'www-authenticate': 'Basic realm="x"' }),
    stranger: () => protect('Basic realm="x"'),
    outcome: unauthorized,
    requests: 3,
  },
  ...([403, 404] as const).map(
    (status): HostileCase => ({
      number: 41,
      name: `${status} for what may be there`,
      credentials: basic,
      registry: () => exchange =>
        exchange.json(
          { errors: [{ code: 'DENIED', message: 'no' }] },
          {},
          status,
        ),
      outcome: () => ({
        error: status === 403 ? 'denied' : 'not-found',
        status,
        message: new RegExp(`answered ${status} \\(\\w+ \\w+\\): DENIED: no$`),
      }),
      requests: 2, // one of them asks at /v2/ how to sign in
    }),
  ),
  ...[
    'repository:other/app:pull',
    'repository:org/app:push,pull,*',
    'registry:catalog:*',
    '*',
  ].map(scope =>
    challenged(
      42,
      `the scope ${scope}`,
      hosts => `Bearer realm="${realmOf(hosts)}",scope="${scope}"`,
      listed,
      3,
      {
        check: ({ tokens }) =>
          expect(tokens.requests[0].query.getAll('scope')).toEqual([
            'repository:org/app:pull',
          ]),
      },
    ),
  ),
  challenged(
    42,
    'the scope that Azure needs',
    hosts =>
      `Bearer realm="${realmOf(
        hosts,
      )}",scope="repository:org/app:metadata_read"`,
    listed,
    3,
    {
      check: ({ tokens }) =>
        expect(tokens.requests[0].query.get('scope')).toBe(
          'repository:org/app:metadata_read,pull',
        ),
    },
  ),
  {
    number: 43,
    name: 'a registry that repeats the credentials it was sent',
    credentials: basic,
    registry: () => exchange => {
      const { authorization = '' } = exchange.request.headers;
      const sent = Buffer.from(authorization.slice(6), 'base64').toString();
      return authorization
        ? exchange.json(
            {
              errors: [{ code: 'DENIED', message: `${authorization} ${sent}` }],
            },
            {},
            403,
          )
        : exchange.answer(401, { 'www-authenticate': 'Basic realm="x"' });
    },
    outcome: () => ({
      error: 'denied',
      status: 403,
      message: /answered 403 \(access denied\): DENIED: [^\w]+$/,
    }),
    requests: 2,
  },
  {
    number: 43,
    name: 'a registry token, sent as it is',
    credentials: { type: 'registry-token', token: REGISTRY_TOKEN },
    registry: () => protect('Bearer realm="x"', `Bearer ${REGISTRY_TOKEN}`),
    outcome: listed,
    requests: 2,
  },
  {
    number: 43,
    name: 'a registry token with a line break',
    credentials: { type: 'registry-token', token: `${REGISTRY_TOKEN}\nx: y` },
    registry: () => protect('Bearer realm="x"'),
    outcome: () => ({
      error: 'unauthorized',
      message: /has characters that cannot be sent$/,
    }),
    requests: 1,
  },
  {
    number: 43,
    name: 'a password with NUL and line breaks',
    credentials: { type: 'basic', username: 'a', password: 'b\0\r\nx-evil: c' },
    registry: () =>
      protect(
        'Basic realm="x"',
        `Basic ${Buffer.from('a:b\0\r\nx-evil: c').toString('base64')}`,
      ),
    outcome: listed,
    requests: 2,
  },
];
