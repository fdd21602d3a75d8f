import { createHash } from 'node:crypto';
import type { Handler } from '../http/__testUtils__/TestServer';
import {
  startFakeRegistry,
  withoutProxies,
} from './__testUtils__/fakeRegistry';
import type { FakeRegistry } from './__testUtils__/fakeRegistry';

withoutProxies();

const sha256 = (text: string) =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

let registry: FakeRegistry | undefined;
afterEach(async () => {
  await registry?.stop();
  registry = undefined;
});

/** Serves contents by their digests, and other things where a test says so. */
async function start(
  contents: readonly string[],
  more: {
    instead?: Record<string, string>;
    headers?: Record<string, string>;
    head?: number;
  } = {},
) {
  const byDigest = new Map(contents.map(text => [sha256(text), text]));
  const handler: Handler = (request, response) => {
    const digest = /\/(?:manifests|blobs)\/(.*)$/.exec(request.url ?? '')?.[1];
    const body = more.instead?.[digest ?? ''] ?? byDigest.get(digest ?? '');
    if (request.method === 'HEAD') {
      response.writeHead(more.head ?? 200, more.headers).end();
    } else {
      response.writeHead(body === undefined ? 404 : 200).end(body);
    }
  };
  registry = await startFakeRegistry(handler);
  return registry;
}

const index = (...platforms: unknown[]) =>
  JSON.stringify({
    schemaVersion: 2,
    manifests: platforms.map(platform => ({ platform })),
  });
const amd64 = { os: 'linux', architecture: 'amd64' };

describe('readPlatforms', () => {
  const read = ({ client, image }: FakeRegistry, digest: string) =>
    client.readPlatforms(image, digest);

  it('reads those of an index, without what is none', async () => {
    const text = index(
      amd64,
      { os: 'linux', architecture: 'arm', variant: 'v7' },
      { os: 'unknown', architecture: 'unknown' },
      amd64,
      { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' },
      { os: 'linux' },
      { os: 'linux\n', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: '' },
      undefined,
      'linux/s390x',
    );
    const fake = await start([text]);
    expect(await read(fake, sha256(text))).toEqual([
      'linux/amd64',
      'linux/arm/v7',
      'linux/arm64',
      'windows/amd64',
    ]);
    const path = `/v2/org/app/manifests/${sha256(text)}`;
    expect(fake.server.requests).toEqual([`HEAD ${path}`, `GET ${path}`]);
  });

  it('reads that of the config of a single image', async () => {
    const config = JSON.stringify({ ...amd64, rootfs: {} });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: { digest: sha256(config) },
    });
    const fake = await start([config, manifest], { head: 405 });
    expect(await read(fake, sha256(manifest))).toEqual(['linux/amd64']);
    expect(fake.server.requests).toHaveLength(3);
  });

  it('says of an artefact that it has none', async () => {
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: { digest: sha256('{}') },
    });
    const fake = await start(['{}', manifest]);
    expect(await read(fake, sha256(manifest))).toEqual([]);
  });

  it('takes nothing that has another digest', async () => {
    const text = index(amd64);
    const config = JSON.stringify(amd64);
    const manifest = JSON.stringify({ config: { digest: sha256(config) } });
    const instead = { [sha256(text)]: index(), [sha256(config)]: '{}' };
    const fake = await start([text, config, manifest], { instead });
    await expect(read(fake, sha256(text))).rejects.toThrow(
      `the answer for ${sha256(text)} is ${sha256(index())}`,
    );
    await expect(read(fake, sha256(manifest))).rejects.toThrow(
      `the answer for ${sha256(config)} is ${sha256('{}')}`,
    );
  });

  it.each([
    ['no JSON', '<html>', /is not a JSON object/],
    ['no manifest', '{}', /is no manifest of an image or index/],
    ['a wrong config', '{"config":{"digest":"../x"}}', /is no manifest/],
    ['a key twice', '{"a":1,"a":2}', /has one key twice/],
  ])('refuses %s', async (_, text, message) => {
    const fake = await start([text]);
    await expect(read(fake, sha256(text))).rejects.toMatchObject({
      category: 'invalid-response',
      message: expect.stringMatching(message),
    });
  });

  it('leaves the last pulls to those who pull', async () => {
    const text = index(amd64);
    const fake = await start([text], {
      headers: {
        'ratelimit-limit': '100;w=21600',
        'ratelimit-remaining': '7;w=21600',
      },
    });
    await expect(read(fake, sha256(text))).rejects.toMatchObject({
      category: 'rate-limited',
    });
    expect(fake.server.requests).toHaveLength(1);
  });

  it('tells what is gone, and asks for no digest that is none', async () => {
    const fake = await start([], { head: 404 });
    await expect(read(fake, sha256('gone'))).rejects.toMatchObject({
      category: 'not-found',
    });
    await expect(read(fake, '../../catalog')).rejects.toThrow(/Not a digest/);
  });
});
