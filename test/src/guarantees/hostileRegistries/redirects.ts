import type { Behaviour } from '../../servers/MisbehavingRegistry';
import type { HostileCase, Hosts, Outcome } from './case';
import { basic, basicHeader } from './case';

const listed = (): Outcome => ({ tags: ['a'] });

/** Redirects whoever is signed in. */
const redirect =
  (to: (hosts: Hosts) => string | undefined, status = 307) =>
  (hosts: Hosts): Behaviour =>
  exchange => {
    const location = to(hosts);
    return exchange.request.headers.authorization === basicHeader
      ? exchange.answer(status, location === undefined ? {} : { location })
      : exchange.answer(401, { 'www-authenticate': 'Basic realm="x"' });
  };

const refusal = (
  name: string,
  to: (hosts: Hosts) => string | undefined,
  error: 'invalid-response' | 'refused-address',
  message: RegExp,
): HostileCase => ({
  number: 48,
  name: `a redirect ${name}`,
  credentials: basic,
  registry: redirect(to),
  outcome: () => ({ error, message }),
  requests: 2,
});

const PRIVATE_ADDRESS = /private, local or reserved address/;

/** Cases 45 to 48: redirects. */
export const redirectCases: HostileCase[] = [
  ...[301, 302, 303, 307, 308].map(
    (status): HostileCase => ({
      number: 45,
      name: `${status} to another origin`,
      credentials: basic,
      registry: redirect(({ stranger }) => `${stranger.url}/list`, status),
      stranger: () => exchange => exchange.json({ tags: ['a'] }),
      outcome: listed,
      requests: 3,
      check: ({ stranger }) =>
        expect(stranger.requests[0].headers.authorization).toBeUndefined(),
    }),
  ),
  {
    number: 46,
    name: 'the same host at another port',
    credentials: basic,
    registry: redirect(({ stranger }) => `//${stranger.host}/list`),
    stranger: () => exchange => exchange.json({ tags: ['a'] }),
    outcome: listed,
    requests: 3,
  },
  {
    number: 47,
    name: 'back to the origin',
    credentials: basic,
    registry: hosts => exchange =>
      exchange.request.path === '/back'
        ? exchange.json({ tags: ['a'] })
        : redirect(({ stranger }) => `${stranger.url}/there`)(hosts)(exchange),
    stranger:
      ({ registry }) =>
      exchange =>
        exchange.answer(302, { location: `${registry.url}/back` }),
    outcome: listed,
    requests: 4,
  },
  {
    number: 48,
    name: 'a redirect to itself',
    registry: () => exchange => exchange.answer(302, { location: '?n=1000' }),
    outcome: () => ({
      error: 'invalid-response',
      message: /redirects more than 5 times/,
    }),
    requests: 6,
  },
  {
    number: 48,
    name: 'a chain of 20',
    registry: () => exchange =>
      exchange.index < 20
        ? exchange.answer(301, { location: `/v2/step/${exchange.index}` })
        : exchange.json({ tags: ['a'] }),
    outcome: () => ({
      error: 'invalid-response',
      message: /redirects more than 5 times/,
    }),
    requests: 6,
  },
  {
    number: 48,
    name: 'a loop over two hosts',
    registry:
      ({ stranger }) =>
      exchange =>
        exchange.answer(301, { location: stranger.url }),
    stranger:
      ({ registry }) =>
      exchange =>
        exchange.answer(301, { location: registry.url }),
    outcome: () => ({
      error: 'invalid-response',
      message: /redirects more than 5 times/,
    }),
    requests: 6,
  },
  {
    number: 48,
    name: 'a redirect with a body that never ends',
    registry: () => exchange =>
      exchange.index === 0
        ? exchange.flood(
            'HTTP/1.1 302 Found\r\nlocation: /list\r\ntransfer-encoding: chunked\r\n\r\n',
            `4000\r\n${' '.repeat(16384)}\r\n`,
          )
        : exchange.json({ tags: ['a'] }),
    outcome: listed,
    requests: 2,
  },
  {
    number: 48,
    name: 'a relative redirect',
    registry: () => exchange =>
      exchange.request.path === '/v2/org/other'
        ? exchange.json({ tags: ['a'] })
        : exchange.answer(302, { location: '../../other' }),
    outcome: listed,
    requests: 2,
  },
  refusal(
    'without a Location',
    () => undefined,
    'invalid-response',
    /redirects without a usable Location/,
  ),
  refusal(
    'with an empty Location',
    () => '',
    'invalid-response',
    /redirects without a usable Location/,
  ),
  refusal(
    'to what is no URL',
    () => 'http://[bad',
    'invalid-response',
    /redirects without a usable Location/,
  ),
  refusal(
    'with userinfo',
    ({ stranger }) => `http://a:b@${stranger.host}/`,
    'invalid-response',
    /redirects to a URL with credentials/,
  ),
  refusal(
    'to a file',
    () => 'file:///etc/passwd',
    'refused-address',
    /the scheme file: is refused/,
  ),
  refusal(
    'to plain http',
    ({ forbidden }) => forbidden.url,
    'refused-address',
    /Plain http to \S+ is refused/,
  ),
  refusal(
    'to metadata',
    () => 'https://169.254.169.254/latest/meta-data/',
    'refused-address',
    PRIVATE_ADDRESS,
  ),
  refusal(
    'to metadata in hexadecimal',
    () => 'https://0xA9FEA9FE/',
    'refused-address',
    PRIVATE_ADDRESS,
  ),
  refusal(
    'to loopback in one number',
    ({ forbidden }) => `https://2130706433:${forbidden.port}/`,
    'refused-address',
    PRIVATE_ADDRESS,
  ),
  refusal(
    'to mapped loopback',
    ({ forbidden }) => `https://[::ffff:7f00:1]:${forbidden.port}/`,
    'refused-address',
    PRIVATE_ADDRESS,
  ),
  refusal(
    'to a name of loopback',
    ({ forbidden }) => `https://localhost:${forbidden.port}/`,
    'refused-address',
    PRIVATE_ADDRESS,
  ),
];
