import {
  createHttpTransport,
  HttpGitRemote,
  HttpRegistryClient,
  InvalidImageReferenceError,
} from 'backstage-plugin-image-scan-node';
import type { HostOptions } from 'backstage-plugin-image-scan-node';
import { describeWith } from '../../integration/describeWith';
import { createCertificates, noOpenssl } from '../../servers/certificates';
import type { Certificates } from '../../servers/certificates';
import { MisbehavingRegistry } from '../../servers/MisbehavingRegistry';
import type { Behaviour } from '../../servers/MisbehavingRegistry';
import { basic, BEARER_TOKEN, secrets } from '../hostileRegistries/case';
import { TestInternet } from './internet';

jest.setTimeout(60_000);

/** A public address, that of the registry `public.example`. */
const PUBLIC_ADDRESS = '8.8.8.8';

/** Every way to write an address that must not be reached, as in a URL. */
const forms = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0x7F.0x0.0x0.0x1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '0',
  '0.0.0.0',
  '0x0',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:0001]',
  '[::ffff:0:127.0.0.1]',
  '[::ffff:0.0.0.0]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:0:7f00:1::1]',
  '[fe80::1]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[ff02::1]',
  '[100::1]',
  '[2001:db8::1]',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '0xA9FEA9FE',
  '2852039166',
  '168.63.129.16',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'app.localhost',
  'inside.example',
];

/** Forms that only the URL parser takes for an address. */
const urlForms = ['１２７.0.0.1', '①②⑦.0.0.1', '127。0。0。1', '%31%32%37.1'];

/** What a resolver may answer for a name that somebody else owns. */
const answers = [
  ['127.0.0.1'],
  ['0.0.0.0'],
  ['169.254.169.254'],
  ['10.1.2.3'],
  ['::1'],
  ['::'],
  ['::ffff:127.0.0.1'],
  ['::ffff:7f00:1'],
  ['64:ff9b::7f00:1'],
  ['2002:7f00:1::'],
  ['fe80::1%lo'],
  ['fe80::1'],
  ['fd00:ec2::254'],
  ['127.0.0.1', '::1', '10.0.0.1'],
  [],
];

let certificates: Certificates;
let internet: TestInternet;
/** At one port of every address of this machine; what reaches it is counted. */
let victim: MisbehavingRegistry;
let reached = 0;
const servers: MisbehavingRegistry[] = [];
const closers: (() => void)[] = [];

async function serve(
  behave: Behaviour,
  options?: Parameters<typeof MisbehavingRegistry.start>[1],
): Promise<MisbehavingRegistry> {
  const server = await MisbehavingRegistry.start(behave, options);
  servers.push(server);
  return server;
}

/** A registry of the public internet, which is in nobody's list. */
const servePublic = (behave: Behaviour) =>
  serve(behave, { tls: { key: certificates.key, cert: certificates.cert } });

const insecure = ({ host }: MisbehavingRegistry): HostOptions => ({
  host,
  insecure: true,
});

function clientOf(...hosts: HostOptions[]): HttpRegistryClient {
  const client = new HttpRegistryClient({
    hosts,
    limits: { retryDelays: [1, 2], scanTime: 10_000 },
  });
  closers.push(() => client.close());
  return client;
}

function remoteOf(url: string, ...hosts: HostOptions[]): HttpGitRemote {
  const transport = createHttpTransport({ hosts });
  closers.push(() => transport.close());
  return new HttpGitRemote({
    url,
    branch: 'main',
    transport,
    credentials: async () => ({ username: 'git', password: 'planted-git' }),
  });
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    result => {
      throw new Error(`It went well: ${JSON.stringify(result)}`);
    },
    error => error,
  );

/** As headers carry it: what is not ASCII is escaped, all else stays. */
const inHeader = (url: string) =>
  url.replace(/[^\0-\x7f]/gu, character => encodeURIComponent(character));

const REFUSAL = /private, local or reserved address|is refused/;

describeWith([noOpenssl()])('private addresses', () => {
  beforeAll(async () => {
    process.env.NO_PROXY = '*';
    certificates = createCertificates({
      names: 'DNS:public.example,DNS:rebinding.example,DNS:tokens.example',
    });
    victim = await MisbehavingRegistry.start(
      exchange => exchange.json({ tags: ['inside'] }),
      { address: '0.0.0.0' },
    );
  });

  beforeEach(() => {
    reached = victim.connections;
    internet = new TestInternet(certificates.ca);
    internet.route(PUBLIC_ADDRESS);
    internet.name('public.example', [PUBLIC_ADDRESS]);
    for (const name of ['localhost.', 'app.localhost', 'inside.example']) {
      internet.name(name, ['127.0.0.1']);
    }
  });

  afterEach(async () => {
    closers.splice(0).forEach(close => close());
    await Promise.all(servers.splice(0).map(server => server.stop()));
    internet.stop();
    // eslint-disable-next-line jest/no-standalone-expect -- of every test
    expect(victim.connections).toBe(reached);
  });

  afterAll(() => victim.stop());

  it('can reach the victim of these tests, so that a count of none means something', async () => {
    const counted = await serve(exchange => exchange.json({ tags: ['x'] }));
    const host = `inside.example:${counted.port}`;
    const client = clientOf({ host, insecure: true });
    expect(await client.listTags(`${host}/org/app`)).toEqual(['x']);
    expect(internet.connected).toEqual(['127.0.0.1']);
    expect(counted.connections).toBe(1);
  });

  it.each(forms)('an image at %s', async form => {
    const image = `${form}:${victim.port}/org/app`;
    const error = await errorOf(clientOf().listTags(image));
    const category =
      error instanceof InvalidImageReferenceError
        ? 'refused-address'
        : error.category;
    expect([category, error.message]).toEqual([
      'refused-address',
      expect.stringMatching(`${REFUSAL.source}|Not an image reference`),
    ]);
    expect(internet.connected).toEqual([]);
  });

  it.each([...forms, ...urlForms])(
    'a realm, a redirect, a Link and a git redirect to %s',
    async form => {
      const target = `https://${form}:${victim.port}`;
      const hostile = await serve(exchange => {
        const { path } = exchange.request;
        if (path.includes('/realm/')) {
          return exchange.answer(401, {
            'www-authenticate': `Bearer realm="${inHeader(target)}/token"`,
          });
        }
        if (path.includes('/link/')) {
          return exchange.request.query.has('last')
            ? exchange.json({ tags: ['b'] })
            : exchange.json(
                { tags: ['a'] },
                { link: `<${inHeader(target)}/x?last=a>; rel="next"` },
              );
        }
        return exchange.answer(302, {
          location: `${inHeader(target)}${path}`,
        });
      });
      const client = clientOf(insecure(hostile));
      const list = (repository: string) =>
        client.listTags(`${hostile.host}/${repository}/app`, {
          credentials: basic,
        });
      for (const repository of ['realm', 'redirect']) {
        const error = await errorOf(list(repository));
        expect(error).toMatchObject({ category: 'refused-address' });
        expect(error.message).toMatch(REFUSAL);
      }
      expect(await list('link')).toEqual(['a', 'b']);
      const remote = remoteOf(`${hostile.url}/repo.git`, insecure(hostile));
      const error = await errorOf(remote.head());
      expect(error.message).toMatch(REFUSAL);
      expect(error.message).not.toContain('planted-git');
      expect(new Set(internet.connected)).toEqual(new Set(['127.0.0.1']));
      // One connection for the registry, one for git.
      expect(hostile.connections).toBe(internet.connected.length);
    },
  );

  it.each([
    'https://[fe80::1%25lo]/token',
    'https://[::1%25lo]/token',
    'https://[fe80::1%lo]/token',
  ])('an address with a zone: %s', async target => {
    const hostile = await serve(exchange =>
      exchange.request.path.includes('/realm/')
        ? exchange.answer(401, {
            'www-authenticate': `Bearer realm="${target}"`,
          })
        : exchange.answer(302, { location: target }),
    );
    const client = clientOf(insecure(hostile));
    for (const repository of ['realm', 'redirect']) {
      const image = `${hostile.host}/${repository}/app`;
      expect(await errorOf(client.listTags(image))).toMatchObject({
        category: 'invalid-response',
      });
    }
  });

  it.each(answers.map(answer => [answer]))(
    'a name that resolves to %j',
    async answer => {
      internet.name('rebinding.example', answer);
      const host = `rebinding.example:${victim.port}`;
      const hostile = await serve(exchange =>
        exchange.answer(302, {
          location: `https://${host}${exchange.request.path}`,
        }),
      );
      const client = clientOf(insecure(hostile));
      for (const image of [`${host}/org/app`, `${hostile.host}/org/app`]) {
        expect(await errorOf(client.listTags(image))).toMatchObject({
          category: 'refused-address',
        });
      }
      const remote = remoteOf(`${hostile.url}/repo.git`, insecure(hostile));
      expect((await errorOf(remote.head())).message).toMatch(REFUSAL);
      expect(internet.lookups.length).toBeGreaterThanOrEqual(3);
      expect(hostile.connections).toBe(internet.connected.length);
    },
  );

  it('a name with public and private addresses is reached at the public one alone', async () => {
    const server = await servePublic(exchange =>
      exchange.json({ tags: ['a'] }),
    );
    internet.name('rebinding.example', [
      '127.0.0.1',
      PUBLIC_ADDRESS,
      '::ffff:127.0.0.1',
    ]);
    const image = `rebinding.example:${server.port}/org/app`;
    expect(await clientOf().listTags(image)).toEqual(['a']);
    expect(internet.connected).toEqual([PUBLIC_ADDRESS]);
  });

  it('a name that turns private after it was public: the answer that is checked is the one that is used', async () => {
    const server = await servePublic(exchange =>
      exchange.answer(200, { connection: 'close' }, '{"tags":["a"]}'),
    );
    internet.name('rebinding.example', [PUBLIC_ADDRESS], ['127.0.0.1']);
    const image = `rebinding.example:${server.port}/org/app`;
    const client = clientOf();
    expect(await client.listTags(image)).toEqual(['a']);
    server.requests.length = 0;
    await server.stop(); // no connection is kept
    for (let time = 0; time < 3; time++) {
      expect(await errorOf(client.listTags(image))).toMatchObject({
        category: 'refused-address',
      });
    }
    expect(internet.connected).toEqual([PUBLIC_ADDRESS]);
    expect(internet.lookups).toHaveLength(4);
  });

  it('a token service that turns private between two tokens', async () => {
    const tokens = await servePublic(exchange =>
      exchange.answer(
        200,
        { connection: 'close' },
        JSON.stringify({ token: BEARER_TOKEN }),
      ),
    );
    internet.name('tokens.example', [PUBLIC_ADDRESS], ['127.0.0.1']);
    let uses = 1;
    const registry = await servePublic(exchange => {
      if (exchange.request.headers.authorization && uses-- > 0) {
        return exchange.json({ tags: ['a'] });
      }
      return exchange.answer(401, {
        'www-authenticate': `Bearer realm="https://tokens.example:${tokens.port}/"`,
      });
    });
    const client = clientOf();
    const image = `public.example:${registry.port}/org/app`;
    const list = () => client.listTags(image, { credentials: basic });
    expect(await list()).toEqual(['a']);
    await tokens.stop();
    expect(await errorOf(list())).toMatchObject({
      category: 'refused-address',
    });
    expect(new Set(internet.connected)).toEqual(new Set([PUBLIC_ADDRESS]));
  });

  it('a public registry that sends its clients to a private one takes no credentials along', async () => {
    const inside = await serve(exchange => exchange.json({ tags: ['x'] }));
    const registry = await servePublic(exchange =>
      exchange.request.headers.authorization
        ? exchange.answer(307, { location: `https://${inside.host}/` })
        : exchange.answer(401, { 'www-authenticate': 'Basic realm="x"' }),
    );
    const image = `public.example:${registry.port}/org/app`;
    const error = await errorOf(
      clientOf().listTags(image, { credentials: basic }),
    );
    expect(error).toMatchObject({ category: 'refused-address' });
    expect(inside.connections).toBe(0);
    for (const secret of secrets) {
      expect(error.message).not.toContain(secret);
    }
  });

  it('a host in the list stands for its port and its name alone', async () => {
    const listed = await serve(exchange => exchange.json({ tags: ['x'] }));
    const { port } = listed;
    const client = clientOf(
      { host: `inside.example:${port}`, insecure: true },
      { host: 'app.localhost', insecure: true },
    );
    const list = (host: string) => client.listTags(`${host}/org/app`);
    expect(await list(`inside.example:${port}`)).toEqual(['x']);
    for (const host of [
      `inside.example:${victim.port}`,
      'inside.example',
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `app.localhost:${port}`,
      `x.inside.example:${port}`,
    ]) {
      internet.name(`x.inside.example`, ['127.0.0.1']);
      expect([host, await errorOf(list(host))]).toEqual([
        host,
        expect.objectContaining({ category: 'refused-address' }),
      ]);
    }
    expect(listed.connections).toBe(1);
  });
});
