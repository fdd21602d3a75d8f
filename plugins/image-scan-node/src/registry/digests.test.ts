import { createHash } from 'node:crypto';
import { createCertificates } from '../http/__testUtils__/certificates';
import { json } from '../http/__testUtils__/TestServer';
import type { Handler } from '../http/__testUtils__/TestServer';
import {
  startFakeRegistry,
  withoutProxies,
} from './__testUtils__/fakeRegistry';
import type { FakeRegistry } from './__testUtils__/fakeRegistry';

withoutProxies();

const certificates = createCertificates();
const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [],
});
const hash = (algorithm: string, text = index) =>
  `${algorithm}:${createHash(algorithm).update(text).digest('hex')}`;
const digest = hash('sha256');
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

let registry: FakeRegistry | undefined;
afterEach(async () => {
  await registry?.stop();
  registry = undefined;
});

interface Answer {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: string;
}

async function start(head: Answer, get: Answer = { body: index }) {
  const handler: Handler = (request, response) => {
    const {
      status = 200,
      headers = {},
      body,
    } = request.method === 'HEAD' ? head : get;
    response.writeHead(status, headers).end(body);
  };
  registry = await startFakeRegistry(handler);
  return registry;
}

const resolve = ({ client, image }: FakeRegistry) =>
  client.resolveDigest(image, 'v1');

describe('resolveDigest', () => {
  it('asks with HEAD, names all types, and believes a well-formed digest', async () => {
    const fake = await start({
      headers: { 'docker-content-digest': digest, 'content-type': OCI_INDEX },
    });
    expect(await resolve(fake)).toBe(digest);
    expect(fake.server.requests).toEqual(['HEAD /v2/org/app/manifests/v1']);
    for (const type of [
      'oci.image.index.v1',
      'oci.image.manifest.v1',
      'docker.distribution.manifest.list.v2',
      'docker.distribution.manifest.v2',
    ]) {
      expect(fake.server.headers[0].accept).toContain(
        `application/vnd.${type}+json`,
      );
    }
  });

  it.each([
    [
      'sha512',
      { headers: { 'docker-content-digest': hash('sha512') } },
      hash('sha512'),
      1,
    ],
    [
      'a body with HEAD',
      { headers: { 'docker-content-digest': digest }, body: index },
      digest,
      1,
    ],
    [
      'type with parameters',
      {
        headers: {
          'docker-content-digest': digest,
          'content-type': `${OCI_INDEX}; charset=utf-8`,
        },
      },
      digest,
      1,
    ],
    [
      'an OCI manifest',
      {
        headers: {
          'docker-content-digest': digest,
          'content-type': 'application/vnd.oci.image.manifest.v1+json',
        },
      },
      digest,
      1,
    ],
    ['no header', {}, digest, 2],
    [
      'upper case',
      { headers: { 'docker-content-digest': digest.toUpperCase() } },
      digest,
      2,
    ],
    ['md5', { headers: { 'docker-content-digest': 'md5:0' } }, digest, 2],
    [
      'two headers',
      { headers: { 'docker-content-digest': [digest, digest] } },
      digest,
      2,
    ],
    ['HEAD 400', { status: 400 }, digest, 2],
    ['HEAD 404', { status: 404 }, digest, 2],
    ['HEAD 405', { status: 405 }, digest, 2],
    ['HEAD 501', { status: 501 }, digest, 2],
  ])('copes with %s', async (_, head: Answer, expected, requests) => {
    const fake = await start(head);
    expect(await resolve(fake)).toBe(expected);
    expect(fake.server.requests).toHaveLength(requests);
  });

  it.each([400, 401, 403, 404, 405, 410, 500, 501, 502, 504])(
    'asks with GET where HEAD is refused with %i',
    async status => {
      const fake = await start({ status }, { body: index });
      expect(
        await fake.client.resolveDigest(fake.image, 'v1', {
          credentials: { type: 'registry-token', token: 't' },
        }),
      ).toBe(digest);
    },
  );

  it.each([429, 503])('leaves a registry alone that says %i', async status => {
    const fake = await start({ status }, { body: index });
    await expect(resolve(fake)).rejects.toMatchObject({ status });
    expect(fake.server.requests.filter(r => r.startsWith('GET'))).toEqual([]);
  });

  it('checks the header of a GET against the bytes', async () => {
    const headers = { 'docker-content-digest': hash('sha512') };
    expect(await resolve(await start({}, { body: index, headers }))).toBe(
      hash('sha512'),
    );
    await registry?.stop();
    const wrong = { 'docker-content-digest': hash('sha256', 'other') };
    await expect(
      resolve(await start({}, { body: index, headers: wrong })),
    ).rejects.toMatchObject({
      category: 'invalid-response',
      message: expect.stringContaining(digest),
    });
    await registry?.stop();
    const malformed = { 'docker-content-digest': 'sha256:zz' };
    expect(
      await resolve(await start({}, { body: index, headers: malformed })),
    ).toBe(digest);
  });

  it.each([
    [
      'schema 1 by HEAD',
      {
        headers: {
          'docker-content-digest': digest,
          'content-type':
            'application/vnd.docker.distribution.manifest.v1+prettyjws',
        },
      },
      {},
      'invalid-response',
    ],
    [
      'schema 1 by GET',
      {},
      { body: '{"schemaVersion":1}' },
      'invalid-response',
    ],
    ['HTML', {}, { body: '<html>' }, 'invalid-response'],
    ['other JSON', {}, { body: '{}' }, 'invalid-response'],
    [
      '5 MiB',
      {},
      { body: JSON.stringify({ schemaVersion: 2, x: 'x'.repeat(5 << 20) }) },
      'too-large',
    ],
    [
      'a tag that is gone',
      { status: 404 },
      { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' },
      'not-found',
    ],
    ['304', { status: 304 }, {}, 'invalid-response'],
    ['403', { status: 403 }, {}, 'denied'],
  ])('refuses %s', async (_, head: Answer, get: Answer, category) => {
    await expect(resolve(await start(head, get))).rejects.toMatchObject({
      name: 'RegistryError',
      category,
    });
  });

  it('refuses what is no tag', async () => {
    const fake = await start({});
    await expect(fake.client.resolveDigest(fake.image, '../x')).rejects.toThrow(
      'Not a tag',
    );
    expect(fake.server.requests).toEqual([]);
  });

  it('follows a redirect without taking credentials along', async () => {
    const storage = await startFakeRegistry((_, response) =>
      json(response, {}, 401, { 'www-authenticate': 'Basic realm="x"' }),
    );
    const fake = await startFakeRegistry(
      (request, response) => {
        if (!request.headers.authorization) {
          json(response, {}, 401, { 'www-authenticate': 'Basic realm="x"' });
        } else {
          response
            .writeHead(307, {
              location: `${storage.server.url}/blob?sig=geheim`,
            })
            .end();
        }
      },
      { hosts: [{ host: storage.server.host, insecure: true }] },
    );
    const error = await fake.client
      .resolveDigest(fake.image, 'v1', {
        credentials: { type: 'basic', username: 'u', password: 'passwort' },
      })
      .catch(e => e);
    expect(error).toMatchObject({ category: 'unauthorized' });
    expect(`${error.stack}${fake.logged}`).not.toMatch(/geheim|passwort/);
    expect(storage.server.headers.map(h => h.authorization)).toEqual([
      undefined,
    ]);
    expect(fake.server.requests).toHaveLength(2);
    await fake.stop();
    await storage.stop();
  });
});

(certificates ? describe : describe.skip)('over TLS', () => {
  it('asks for 50 digests over 2 connections', async () => {
    registry = await startFakeRegistry(
      (_, response) => {
        // Without a length, Node's client takes a connection for used up.
        const headers = {
          'docker-content-digest': digest,
          'content-length': 9,
        };
        response.writeHead(200, headers).end();
      },
      { tls: certificates, concurrency: 2 },
    );
    const { client, image, server } = registry;
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        client.resolveDigest(image, `v${n}`),
      ),
    );
    expect(server.requests).toHaveLength(50);
    expect(server.connections).toBeLessThanOrEqual(2);
  });
});
