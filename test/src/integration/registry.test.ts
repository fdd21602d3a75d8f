import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  HttpRegistryClient,
  isValidTag,
  parseDockerConfig,
  parseImageReference,
} from 'backstage-plugin-image-scan-node';
import type {
  HostOptions,
  RegistryCredentials,
} from 'backstage-plugin-image-scan-node';
import { noOpenssl } from '../servers/certificates';
import {
  DockerRegistry,
  dockerRegistryUser,
  noRegistry,
} from '../servers/DockerRegistry';
import type { DockerRegistryOptions } from '../servers/DockerRegistry';
import { imageContent } from '../servers/imageContent';
import { MemoryRegistry } from '../servers/MemoryRegistry';
import { describeWith } from './describeWith';
import { tagLists } from './fixtures';

jest.setTimeout(120_000);

const user: RegistryCredentials = { type: 'basic', ...dockerRegistryUser };
const clients: HttpRegistryClient[] = [];

beforeAll(() => {
  process.env.NO_PROXY = '*';
});

afterEach(() => {
  clients.splice(0).forEach(client => client.close());
});

function clientOf(...hosts: HostOptions[]): HttpRegistryClient {
  const client = new HttpRegistryClient({ hosts });
  clients.push(client);
  return client;
}

function hostOf(registry: DockerRegistry): HostOptions {
  return registry.ca
    ? { host: registry.host, ca: registry.ca }
    : { host: registry.host, insecure: true };
}

describeWith([noRegistry()])('docker-registry', () => {
  let registry: DockerRegistry;

  beforeAll(async () => {
    registry = await DockerRegistry.start();
  });
  afterAll(async () => {
    await registry?.stop();
  });

  it('resolves the digest of a tag, follows it when it moves, and misses it when it is gone', async () => {
    const client = clientOf(hostOf(registry));
    const image = `${registry.host}/org/moving`;
    const first = await registry.pushImage('org/moving', 'v1', 'first');
    expect(first).toBe(imageContent('first').digest);
    expect(await client.resolveDigest(image, 'v1')).toBe(first);
    const second = await registry.pushImage('org/moving', 'v1', 'second');
    expect(second).not.toBe(first);
    expect(await client.resolveDigest(image, 'v1')).toBe(second);
    await registry.pushTags('org/moving', ['v2']);
    await registry.deleteTag('org/moving', 'v1');
    expect(await client.listTags(image)).toEqual(['v2']);
    await expect(client.resolveDigest(image, 'v1')).rejects.toMatchObject({
      category: 'not-found',
      message: expect.stringContaining(`${image}: `),
    });
  });

  it('says not-found for a repository that is not there', async () => {
    const client = clientOf(hostOf(registry));
    await expect(
      client.listTags(`${registry.host}/none`),
    ).rejects.toMatchObject({
      name: 'RegistryError',
      category: 'not-found',
      message: expect.stringContaining('NAME_UNKNOWN'),
    });
  });

  it('is refused without being listed, and over http without insecure', async () => {
    const image = `${registry.host}/x`;
    await expect(clientOf().listTags(image)).rejects.toMatchObject({
      category: 'refused-address',
    });
    await expect(
      clientOf({ host: registry.host }).listTags(image),
    ).rejects.toMatchObject({ category: 'tls' });
  });

  it('is unreachable while it is away, and found again', async () => {
    const own = await DockerRegistry.start();
    const client = clientOf(hostOf(own));
    const image = `${own.host}/app`;
    await own.pushTags('app', ['1']);
    expect(await client.listTags(image)).toEqual(['1']);
    await own.restart();
    expect(await client.listTags(image)).toEqual(['1']);
    await own.stop();
    await expect(client.listTags(image)).rejects.toMatchObject({
      category: 'unreachable',
    });
    await own.stop();
  });
});

describeWith([noRegistry()])('docker-registry with real tags', () => {
  let registry: DockerRegistry;

  beforeAll(async () => {
    registry = await DockerRegistry.start();
  });
  afterAll(async () => {
    await registry?.stop();
  });

  it.each(readdirSync(tagLists))('lists %s', async file => {
    const lines = readFileSync(join(tagLists, file), 'utf8').split('\n');
    // More than a page of the registry has; to push thousands takes long.
    const tags = [...new Set(lines.filter(isValidTag))].slice(0, 1_100);
    expect(tags.length).toBeGreaterThan(0);
    const repository = `samples/${file.replace(/\.txt$/, '')}`;
    const digest = await registry.pushTags(repository, tags);
    const client = clientOf(hostOf(registry));
    const image = `${registry.host}/${repository}`;
    const listed = await client.listTags(image);
    expect(listed).toHaveLength(tags.length);
    expect([...listed].sort()).toEqual([...tags].sort());
    expect(await client.resolveDigest(image, tags[0])).toBe(digest);
  });
});

describe.each<[string, DockerRegistryOptions, (string | false)[]]>([
  ['htpasswd', { htpasswd: true }, [noRegistry()]],
  [
    'htpasswd and TLS',
    { htpasswd: true, tls: true },
    [noRegistry(), noOpenssl()],
  ],
])('docker-registry with %s', (_, options, missing) => {
  describeWith(missing)('signing in', () => {
    let registry: DockerRegistry;
    let image: string;
    let digest: string;

    beforeAll(async () => {
      registry = await DockerRegistry.start(options);
      image = `${registry.host}/org/private`;
      digest = await registry.pushTags('org/private', ['1.0.0', '1.1.0']);
    });
    afterAll(async () => {
      await registry?.stop();
    });

    it('reads tags and digests with credentials', async () => {
      const client = clientOf(hostOf(registry));
      const tags = await client.listTags(image, { credentials: user });
      expect(tags.sort()).toEqual(['1.0.0', '1.1.0']);
      expect(
        await client.resolveDigest(image, '1.1.0', { credentials: user }),
      ).toBe(digest);
    });

    it('takes credentials from a docker config', async () => {
      const { username, password } = dockerRegistryUser;
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      const config = parseDockerConfig(
        JSON.stringify({ auths: { [`${registry.url}/v1/`]: { auth } } }),
      );
      const credentials = config.credentialsFor(parseImageReference(image));
      const tags = await clientOf(hostOf(registry)).listTags(image, {
        credentials,
      });
      expect(tags).toHaveLength(2);
    });

    it('is unauthorized without credentials and with a wrong password', async () => {
      const client = clientOf(hostOf(registry));
      const wrong = { ...dockerRegistryUser, password: 'not-the-password' };
      for (const credentials of [
        undefined,
        { type: 'basic', ...wrong },
      ] as const) {
        const error = await client
          .listTags(image, { credentials })
          .catch(e => e);
        expect(error).toMatchObject({ category: 'unauthorized', status: 401 });
        expect(error.message).not.toContain('not-the-password');
      }
    });
  });
});

describeWith([noRegistry(), noOpenssl()])('docker-registry with TLS', () => {
  it('is trusted with its CA only', async () => {
    const registry = await DockerRegistry.start({ tls: true });
    try {
      await registry.pushTags('app', ['1']);
      const image = `${registry.host}/app`;
      expect(await clientOf(hostOf(registry)).listTags(image)).toEqual(['1']);
      await expect(
        clientOf({ host: registry.host }).listTags(image),
      ).rejects.toMatchObject({ category: 'tls' });
    } finally {
      await registry.stop();
    }
  });
});

describe('MemoryRegistry', () => {
  it('lists in pages, signs in, and takes pushes', async () => {
    const credentials: RegistryCredentials = {
      type: 'basic',
      username: 'demo',
      password: 'pä:ss',
    };
    const registry = await MemoryRegistry.start({ credentials });
    try {
      const tags = Array.from({ length: 2500 }, (_, index) => `v${index}`);
      registry.pushTags('app', tags);
      const digest = registry.push('app', 'v1', 'other');
      const client = clientOf({ host: registry.host, insecure: true });
      const image = `${registry.host}/app`;
      const listed = await client.listTags(image, { credentials });
      expect(listed).toEqual([...tags].sort());
      expect(await client.resolveDigest(image, 'v1', { credentials })).toBe(
        digest,
      );
      expect(registry.deleteTag('app', 'v1')).toBe(true);
      expect(registry.deleteTag('app', 'v1')).toBe(false);
      await expect(client.listTags(image)).rejects.toMatchObject({
        category: 'unauthorized',
      });
      await expect(
        client.resolveDigest(image, 'v1', { credentials }),
      ).rejects.toMatchObject({ category: 'not-found' });
    } finally {
      await registry.stop();
      await registry.stop();
    }
  });

  it('is pushed to over HTTP', async () => {
    const registry = await MemoryRegistry.start();
    try {
      const { config, configDigest, manifest, digest } = imageContent('x');
      const send = (path: string, init: RequestInit) =>
        fetch(new URL(path, registry.url), init);
      const started = await send('/v2/a/b/blobs/uploads/', { method: 'POST' });
      const location = started.headers.get('location');
      const blob = await send(`${location}?digest=${configDigest}`, {
        method: 'PUT',
        body: config,
      });
      expect(blob.status).toBe(201);
      const put = await send('/v2/a/b/manifests/v1', {
        method: 'PUT',
        body: manifest,
      });
      expect(put.status).toBe(201);
      const client = clientOf({ host: registry.host, insecure: true });
      const image = `${registry.host}/a/b`;
      expect(await client.listTags(image)).toEqual(['v1']);
      expect(await client.resolveDigest(image, 'v1')).toBe(digest);
    } finally {
      await registry.stop();
    }
  });
});
