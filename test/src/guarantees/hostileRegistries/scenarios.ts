// What a row runs is run by a test.
/* eslint-disable jest/no-standalone-expect */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { selectTag } from 'backstage-plugin-image-scan-common';
import type { ImagePolicy } from 'backstage-plugin-image-scan-common';
import {
  HttpRegistryClient,
  InvalidImageReferenceError,
  parseDockerConfig,
  parseImageReference,
} from 'backstage-plugin-image-scan-node';
import type { HostOptions } from 'backstage-plugin-image-scan-node';
import { startWatch } from '../../integration/stopwatch';
import { createCertificates } from '../../servers/certificates';
import { MisbehavingRegistry } from '../../servers/MisbehavingRegistry';
import type { Behaviour } from '../../servers/MisbehavingRegistry';
import { basic, basicHeader, PASSWORD, secrets } from './case';

/** A case that is more than one question to one registry. */
export interface Scenario {
  /** Of the list of cases. */
  number: number;
  name: string;
  /** What has to come of it, in words; `run` checks it. */
  outcome: string;
  run: () => Promise<void>;
}

const servers: MisbehavingRegistry[] = [];
const clients: HttpRegistryClient[] = [];

async function serve(
  behave: Behaviour,
  options?: Parameters<typeof MisbehavingRegistry.start>[1],
): Promise<MisbehavingRegistry> {
  const server = await MisbehavingRegistry.start(behave, options);
  servers.push(server);
  return server;
}

function clientOf(
  hosts: HostOptions[],
  options: ConstructorParameters<typeof HttpRegistryClient>[0] = {},
): HttpRegistryClient {
  const client = new HttpRegistryClient({
    ...options,
    hosts,
    limits: { retryDelays: [1, 2], scanTime: 10_000, ...options.limits },
  });
  clients.push(client);
  return client;
}

const insecure = ({ host }: MisbehavingRegistry): HostOptions => ({
  host,
  insecure: true,
});

/** Ends what scenarios have started. */
export async function stopScenarios(): Promise<void> {
  clients.splice(0).forEach(client => client.close());
  await Promise.all(servers.splice(0).map(server => server.stop()));
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    result => {
      throw new Error(`It went well: ${JSON.stringify(result)}`);
    },
    error => error,
  );

const givesList: Behaviour = exchange => exchange.json({ tags: ['a'] });

/** A TLS server that a client, with these options for it, must not talk to. */
async function expectTlsError(
  tls: object,
  host: Partial<HostOptions>,
  category: RegExp,
): Promise<void> {
  const server = await serve(givesList, { tls });
  const client = clientOf([{ host: server.host, ...host }]);
  const error = await errorOf(
    client.listTags(`${server.host}/org/app`, { credentials: basic }),
  );
  expect(error).toMatchObject({
    name: 'RegistryError',
    category: expect.stringMatching(category),
  });
  expect(server.received).toBe('');
}

/** Every order of a list. */
function permutations<T>(list: readonly T[]): T[][] {
  return list.length < 2
    ? [[...list]]
    : list.flatMap((item, at) =>
        permutations([...list.slice(0, at), ...list.slice(at + 1)]).map(
          rest => [item, ...rest],
        ),
      );
}

const choice = (policy: ImagePolicy, tags: readonly string[]) =>
  selectTag(policy, tags).selected;
const newest: ImagePolicy = { semver: { range: '*' } };

const dockerConfig = (auths: object) =>
  parseDockerConfig(JSON.stringify({ auths }));
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Runs a client in a process of its own, where a proxy is configured. */
async function listBehindProxy(proxy: string, image: string): Promise<string> {
  const folder = resolvePackagePath('backstage-plugin-image-scan-node');
  const script = `
    const { HttpRegistryClient } = require(${JSON.stringify(folder)});
    const client = new HttpRegistryClient({
      hosts: [{ host: 'plain.example', insecure: true }],
      limits: { retryDelays: [1, 2], scanTime: 10000 },
    });
    client
      .listTags(${JSON.stringify(image)}, { credentials: ${JSON.stringify(
    basic,
  )} })
      .then(tags => JSON.stringify(tags), error => error.category + ' ' + error.status)
      .then(text => process.stdout.write(text, () => process.exit()));`;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [
        '--require',
        require.resolve('@backstage/cli/config/nodeTransform.cjs'),
        '-e',
        script,
      ],
      {
        cwd: folder,
        env: { PATH: process.env.PATH, HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
      },
      (error, stdout) => (error ? reject(error) : resolve(stdout)),
    );
  });
}

/** Cases 43, 44 and from 52 on that need no backend. */
export const scenarios: Scenario[] = [
  {
    number: 43,
    name: 'secrets of every kind',
    outcome:
      'read as docker reads them, or an error that quotes nothing of the secret',
    run: async () => {
      const image = parseImageReference('r.example/org/app');
      const of = (entry: unknown) =>
        dockerConfig({ 'r.example': entry }).credentialsFor(image);
      for (const text of [
        PASSWORD,
        'a:b:c',
        '$HOME `id` $(id)',
        'ключ',
        'a\0b',
      ]) {
        expect(of({ auth: base64(`user:${text}`) })).toEqual({
          type: 'basic',
          username: 'user',
          password: text,
        });
      }
      for (const auth of ['?planted?', base64('planted'), 'planted', '////']) {
        expect(() => of({ auth })).toThrow(/^The entry "r.example"/);
        expect(() => of({ auth })).not.toThrow(/planted/);
      }
      const large = {
        'r.example': { auth: base64('user:pass') },
        ...Object.fromEntries(
          Array.from({ length: 20_000 }, (_, at) => [
            `${at}.example`,
            { auth: base64(`user${at}:planted planted planted`) },
          ]),
        ),
      };
      expect(dockerConfig(large).credentialsFor(image)).toMatchObject({
        password: 'pass',
      });
      expect(() => parseDockerConfig('{"auths":{"planted"')).toThrow(
        'The docker config is not a JSON object',
      );
    },
  },
  {
    number: 44,
    name: 'no key for a host, and the names of Docker Hub',
    outcome: 'no credentials for any other host; one entry for all names',
    run: async () => {
      const entry = { username: 'u', password: 'p' };
      for (const key of [
        'docker.io',
        'index.docker.io',
        'registry-1.docker.io',
        'https://index.docker.io/v1/',
        'https://registry-1.docker.io/v2/',
      ]) {
        const { credentialsFor } = dockerConfig({ [key]: entry });
        for (const image of ['nginx', 'docker.io/a/b', 'index.docker.io/a/b']) {
          expect(credentialsFor(parseImageReference(image))).toBeDefined();
        }
        for (const image of [
          'docker.io.evil.example/a',
          'evil.example/docker.io/a',
          'hub.docker.io/a',
          'docker.io:444/a',
          'xn--dcker-jua.io/a',
        ]) {
          expect(credentialsFor(parseImageReference(image))).toBeUndefined();
        }
      }
      const narrow = dockerConfig({
        'r.example/team': entry,
        '*.azurecr.io': entry,
        'ports.example:5000': entry,
      });
      for (const image of [
        'r.example/teams/app',
        'r.example/other/team',
        'a.b.azurecr.io/app',
        'azurecr.io/app',
        'x.azurecr.io.evil.example/app',
        'x.azurecr.io:8443/app',
        'evilazurecr.io/app',
        'ports.example/app',
        'ports.example:5001/app',
        'xports.example:5000/app',
      ]) {
        expect(
          narrow.credentialsFor(parseImageReference(image)),
        ).toBeUndefined();
      }
    },
  },
  {
    number: 52,
    name: 'one host that hangs, with many scans of it',
    outcome:
      'lists of the other hosts come as if nothing were; the hanging ones time out',
    run: async () => {
      const hanging = await serve(() => {});
      const good = await serve(givesList);
      const client = clientOf([insecure(hanging), insecure(good)], {
        limits: { scanTime: 2000 },
      });
      const stuck = Array.from({ length: 50 }, () =>
        errorOf(client.listTags(`${hanging.host}/org/app`)),
      );
      for (let time = 0; time < 20; time++) {
        expect(await client.listTags(`${good.host}/org/app`)).toEqual(['a']);
      }
      expect(hanging.requests.length).toBeLessThanOrEqual(4);
      for (const error of await Promise.all(stuck)) {
        expect(error).toMatchObject({ category: 'timeout' });
      }
    },
  },
  {
    number: 53,
    name: 'a name that is not known, and a port that nobody listens at',
    outcome: 'unreachable',
    run: async () => {
      const gone = await serve(givesList);
      const { host } = gone;
      await gone.stop();
      for (const [name, options] of [
        [host, { host, insecure: true }],
        ['nowhere.invalid', { host: 'nowhere.invalid' }],
      ] as const) {
        const error = await errorOf(
          clientOf([options]).listTags(`${name}/a/b`),
        );
        expect(error).toMatchObject({ category: 'unreachable' });
        expect(error.message).toMatch(/could not be reached: /);
      }
    },
  },
  {
    number: 53,
    name: 'certificates: expired, of another host, self-signed, of a CA that is not configured, TLS 1.1, one wanted of the client',
    outcome: 'tls, before a byte of the request is sent; with the CA, the list',
    run: async () => {
      const good = createCertificates();
      const expired = createCertificates({ days: -1 });
      const foreign = createCertificates({ names: 'DNS:other.example' });
      await expectTlsError(expired, { ca: expired.ca }, /^tls$/);
      await expectTlsError(foreign, { ca: foreign.ca }, /^tls$/);
      await expectTlsError(good, {}, /^tls$/);
      await expectTlsError(good, { ca: foreign.ca }, /^tls$/);
      await expectTlsError(
        {
          ...good,
          minVersion: 'TLSv1',
          maxVersion: 'TLSv1.1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        },
        { ca: good.ca },
        /^tls$/,
      );
      await expectTlsError(
        { ...good, requestCert: true, rejectUnauthorized: true },
        { ca: good.ca },
        /^(tls|unreachable)$/,
      );
      const server = await serve(givesList, { tls: { ...good } });
      const client = clientOf([{ host: server.host, ca: good.ca }]);
      expect(await client.listTags(`${server.host}/org/app`)).toEqual(['a']);
    },
  },
  {
    number: 54,
    name: 'a proxy that is not there, that wants credentials, that is silent or refuses the tunnel',
    outcome: 'unreachable; the proxy sees no credentials of a registry',
    run: async () => {
      const closed = await serve(givesList);
      const { url } = closed;
      await closed.stop();
      expect(await listBehindProxy(url, 'far.example/org/app')).toBe(
        'unreachable undefined',
      );
      const denying = await serve(exchange =>
        exchange.answer(407, { 'proxy-authenticate': 'Basic realm="x"' }),
      );
      expect(await listBehindProxy(denying.url, 'plain.example/org/app')).toBe(
        'unreachable 407',
      );
      expect(await listBehindProxy(denying.url, 'far.example/org/app')).toMatch(
        /^unreachable/,
      );
      expect(denying.received).toMatch(/^CONNECT far\.example:443 /m);
      for (const secret of [...secrets, basicHeader]) {
        expect(denying.received).not.toContain(secret);
      }
    },
  },
  {
    number: 55,
    name: 'the same tags in any order, with ties',
    outcome: 'the same tag is chosen',
    run: async () => {
      const tags = ['1', '1.0', '1.0.0', 'v1.0.0', '0.9', 'latest'];
      for (const policy of [newest, { alphabetical: {} }]) {
        const winners = permutations(tags).map(list => choice(policy, list));
        expect(new Set(winners).size).toBe(1);
      }
      expect(choice(newest, tags)).toBe('1.0.0');
    },
  },
  {
    number: 56,
    name: 'only pre-releases',
    outcome: 'none is chosen, unless the range takes them',
    run: async () => {
      const tags = ['1.0.0-rc.1', '1.0.0-rc.2', '2.0-beta'];
      expect(choice(newest, tags)).toBeUndefined();
      expect(choice({ semver: { range: '*-0' } }, tags)).toBe('2.0-beta');
    },
  },
  {
    number: 57,
    name: 'short hashes that are all digits',
    outcome:
      'versions as in Masterminds; out of a range that has an upper bound',
    run: async () => {
      const tags = ['1.2.3', '1234567', 'abc1234', '7f3c1a2'];
      expect(choice(newest, tags)).toBe('1234567');
      expect(choice({ semver: { range: '^1' } }, tags)).toBe('1.2.3');
    },
  },
  {
    number: 58,
    name: 'timestamps of 17 digits',
    outcome: 'ordered exactly, beyond what a number holds',
    run: async () => {
      const tags = ['20240131123456788', '20240131123456789'];
      for (const list of permutations(tags)) {
        expect(choice(newest, list)).toBe('20240131123456789');
      }
      expect(choice(newest, ['18446744073709551616', '1.0'])).toBe('1.0');
    },
  },
  {
    number: 59,
    name: 'latest and nothing else',
    outcome: 'no version to choose; the alphabetical policy takes it',
    run: async () => {
      expect(choice(newest, ['latest'])).toBeUndefined();
      expect(choice({ alphabetical: {} }, ['latest'])).toBe('latest');
      const artefact = `sha256-${'f'.repeat(64)}`;
      for (const suffix of ['', '.sig', '.att', '.sbom']) {
        expect(
          choice({ alphabetical: {} }, [`${artefact}${suffix}`]),
        ).toBeUndefined();
      }
    },
  },
  {
    number: 63,
    name: 'names that are none',
    outcome: 'InvalidImageReferenceError, before anything is sent',
    run: async () => {
      const server = await serve(givesList);
      const client = clientOf([insecure(server)]);
      for (const path of [
        'Org/app',
        'a'.repeat(256),
        '../v2/_catalog',
        'a/../b',
        'a//b',
        'a/%2f/b',
        'a%2fb',
        'a?x=1',
        'a#x',
        'a\\b',
        'a b',
        'a\r\nx: y',
        '.a',
        'a.',
        'a..b',
        'a/',
      ]) {
        const error = await errorOf(client.listTags(`${server.host}/${path}`));
        expect([path, error]).toEqual([
          path,
          expect.any(InvalidImageReferenceError),
        ]);
      }
      for (const host of [
        'r.example:0',
        'r.example:65536',
        'r.example:99999999999999',
        'r.example:-1',
        'user:pw@r.example',
        'http://r.example',
        '[::1',
        '[fe80::1%25eth0]:5000',
        'r..example',
        '-r.example',
        'ｒ.example',
      ]) {
        expect(() => parseImageReference(`${host}/a/b`)).toThrow(
          InvalidImageReferenceError,
        );
      }
      expect(parseImageReference('[::1]:5000/a/b').apiHost).toBe('[::1]:5000');
      for (const tag of ['', '../../x', 'a/b', 'a\r\nx: y', 'x'.repeat(129)]) {
        const error = await errorOf(
          client.resolveDigest(`${server.host}/a`, tag),
        );
        expect(error.name).toBe('InputError');
      }
      expect(server.requests).toEqual([]);
    },
  },
  {
    number: 65,
    name: 'shutdown while lists come, tokens are fetched and waits are waited',
    outcome: 'AbortError at once, and every socket is closed',
    run: async () => {
      const hanging = await serve(exchange =>
        exchange.drip('HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n', ' '),
      );
      const tokens = await serve(() => {});
      const protectedOne = await serve(exchange =>
        exchange.answer(401, {
          'www-authenticate': `Bearer realm="${tokens.url}"`,
        }),
      );
      const busy = await serve(exchange =>
        exchange.answer(429, { 'retry-after': '4' }),
      );
      const all = [hanging, tokens, protectedOne, busy];
      const client = clientOf(all.map(insecure));
      const asked = [hanging, hanging, protectedOne, busy].map(server =>
        errorOf(client.listTags(`${server.host}/org/app`)),
      );
      while (all.some(server => server.requests.length === 0)) {
        await sleep(10);
      }
      const watch = startWatch();
      client.close();
      for (const error of await Promise.all(asked)) {
        expect(error).toMatchObject({ name: 'AbortError' });
      }
      while (all.some(server => server.openSockets > 0)) {
        await sleep(10);
      }
      expect(watch()).toBeLessThan(3000);
    },
  },
  {
    number: 66,
    name: 'a clock that jumps ten years, there and back',
    outcome: 'a token serves as long as before',
    run: async () => {
      let asked = 0;
      const server = await serve(exchange => {
        asked += 1;
        if (exchange.request.path.startsWith('/token')) {
          return exchange.json({ token: 't', expires_in: 300 });
        }
        return exchange.request.headers.authorization
          ? exchange.json({ tags: ['a'] })
          : exchange.answer(401, {
              'www-authenticate': `Bearer realm="${server.url}/token"`,
            });
      });
      const client = clientOf([insecure(server)]);
      const image = `${server.host}/org/app`;
      await client.listTags(image);
      expect(asked).toBe(3);
      const real = Date.now;
      const clock = jest.spyOn(Date, 'now');
      try {
        for (const years of [10, -10, 0]) {
          clock.mockImplementation(() => real() + years * 365 * 86_400_000);
          expect(await client.listTags(image)).toEqual(['a']);
        }
      } finally {
        clock.mockRestore();
      }
      expect(asked).toBe(6);
    },
  },
  {
    number: 67,
    name: 'signatures in redirects, realms and the words of an error',
    outcome: 'no query of any URL is in an error or a log',
    run: async () => {
      const log: string[] = [];
      const storage = await serve(exchange =>
        exchange.answer(
          403,
          { 'content-type': 'text/plain' },
          `see https://s.example/x?sig=planted-signature#planted-fragment`,
        ),
      );
      const server = await serve(exchange =>
        exchange.request.headers.authorization
          ? exchange.answer(307, {
              location: `${storage.url}/list?sig=planted-signature`,
            })
          : exchange.answer(401, {
              'www-authenticate': `Bearer realm="${storage.url}/token?key=planted-signature"`,
            }),
      );
      const client = clientOf([insecure(server), insecure(storage)], {
        logger: {
          debug: (message, meta) => log.push(message, JSON.stringify(meta)),
        },
      });
      const image = `${server.host}/org/app`;
      const errors = [
        await errorOf(client.listTags(image, { credentials: basic })),
        await errorOf(
          client.listTags(image, {
            credentials: { type: 'registry-token', token: 'planted-token' },
          }),
        ),
      ];
      expect(errors.map(({ category }) => category)).toEqual([
        'denied',
        'denied',
      ]);
      const shown = `${errors.map(
        error => `${error.stack}${JSON.stringify(error)}`,
      )}${log}`;
      expect(shown).not.toMatch(/planted/);
      expect(log.length).toBeGreaterThan(0);
    },
  },
];
