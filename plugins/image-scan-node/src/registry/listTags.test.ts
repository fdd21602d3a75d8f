import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { json } from '../http/__testUtils__/TestServer';
import type { Handler } from '../http/__testUtils__/TestServer';
import {
  startFakeRegistry,
  withoutProxies,
} from './__testUtils__/fakeRegistry';
import type { FakeRegistry } from './__testUtils__/fakeRegistry';
import type { RegistryLimits } from './limits';

withoutProxies();

let registry: FakeRegistry | undefined;
afterEach(async () => {
  await registry?.stop();
  registry = undefined;
});

async function start(handler: Handler, limits?: Partial<RegistryLimits>) {
  registry = await startFakeRegistry(handler, { limits });
  return registry;
}

const tagsOf = ({ client, image }: FakeRegistry) => client.listTags(image);
const errorOf = (fake: FakeRegistry) =>
  fake.client.listTags(fake.image).then(
    tags => {
      throw new Error(`Got ${tags.length} tags`);
    },
    error => error,
  );

/** Pages by `last`, each with the tags and the Link given. */
function pages(all: Record<string, { tags: unknown; link?: string }>): Handler {
  return (request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    const page = all[query.get('last') ?? ''];
    json(
      response,
      { name: 'org/app', tags: page.tags },
      200,
      page.link ? { link: page.link } : {},
    );
  };
}

describe('pages', () => {
  it.each([
    ['relative', '</v2/org/app/tags/list?n=1000&last=b>; rel="next"'],
    ['absolute', '<http://r.io/v2/org/app/tags/list?last=b>; rel=next'],
    ['query only', '<?last=b>; rel=next'],
    [
      'another host and scheme',
      '<https://evil.example:1/v2/x?last=b>; rel="next"',
    ],
    ['//host', '<//169.254.169.254/?last=b>; rel="next"'],
    ['file:', '<file:///etc/passwd?last=b>; rel="next"'],
    ['wrong path', '</repository/docker/v2/app/tags/list?last=b>; rel="next"'],
  ])('follows the query of a Link: %s', async (_, link) => {
    const fake = await start(
      pages({ '': { tags: ['a', 'b'], link }, b: { tags: ['c', 'b'] } }),
    );
    expect(await tagsOf(fake)).toEqual(['a', 'b', 'c']);
    expect(fake.server.requests[0]).toBe('GET /v2/org/app/tags/list?n=1000');
    expect(fake.server.requests[1]).toMatch(
      /^GET \/v2\/org\/app\/tags\/list\?/,
    );
    expect(fake.server.connections).toBe(1);
  });

  it('goes on after an empty page', async () => {
    const fake = await start(
      pages({
        '': { tags: null, link: '<?last=a>; rel=next' },
        a: { tags: ['x'] },
      }),
    );
    expect(await tagsOf(fake)).toEqual(['x']);
  });

  it.each([
    ['the same page', { '': { tags: ['a'], link: '<?n=1000>; rel=next' } }],
    [
      'a cycle of two',
      {
        '': { tags: ['a'], link: '<?last=a>; rel=next' },
        a: { tags: ['b'], link: '<?n=1000>; rel=next' },
      },
    ],
    [
      'a page with nothing new',
      {
        '': { tags: ['a'], link: '<?last=a>; rel=next' },
        a: { tags: ['a'], link: '<?last=b>; rel=next' },
      },
    ],
    [
      'a Link that cannot be read',
      { '': { tags: ['a'], link: '<?last=a; rel=next' } },
    ],
  ])('fails on %s', async (_, all: Parameters<typeof pages>[0]) => {
    const fake = await start(pages(all));
    const error = await errorOf(fake);
    expect(error).toMatchObject({
      name: 'RegistryError',
      category: 'invalid-response',
    });
    expect(error.message).toContain(`${fake.image}: the list of tags`);
    expect(fake.server.requests.length).toBeLessThanOrEqual(2);
  });

  it('fails at the caps of pages, tags and bytes, after no more requests than that', async () => {
    let count = 0;
    const endless: Handler = (_, response) => {
      count += 1;
      json(response, { tags: [`t${count}`] }, 200, {
        link: `<?last=${count}>; rel=next`,
      });
    };
    const fake = await start(endless, { pages: 7 });
    expect(await errorOf(fake)).toMatchObject({ category: 'too-large' });
    expect(fake.server.requests).toHaveLength(7);
    await fake.stop();
    const few = await start(endless, { tags: 3 });
    expect(await errorOf(few)).toMatchObject({ category: 'too-large' });
    expect(few.server.requests).toHaveLength(4);
    await few.stop();
    const small = await start(endless, { totalBytes: 50 });
    expect(await errorOf(small)).toMatchObject({ category: 'too-large' });
    await small.stop();
    const tiny = await start(endless, { pageBytes: 5 });
    expect(await errorOf(tiny)).toMatchObject({ category: 'too-large' });
  });

  it.each([400, 405])(
    'asks without n where n is refused with %i',
    async status => {
      const fake = await start((request, response) =>
        request.url?.includes('n=')
          ? json(response, { errors: [{ code: 'UNSUPPORTED' }] }, status)
          : json(response, { name: 'org/app', tags: ['a'] }),
      );
      expect(await tagsOf(fake)).toEqual(['a']);
      expect(fake.server.requests).toHaveLength(2);
    },
  );

  it('looks behind a full page without a Link, and takes its silence for the end', async () => {
    const lists: Record<string, string[]> = {
      '': ['a', 'b'],
      b: ['c', 'd'],
      d: [],
    };
    const cut = await start(
      (request, response) => {
        const last = new URL(request.url ?? '', 'http://x').searchParams.get(
          'last',
        );
        json(response, { tags: lists[last ?? ''] });
      },
      { pageSize: 2 },
    );
    expect(await tagsOf(cut)).toEqual(['a', 'b', 'c', 'd']);
    await cut.stop();
    const ignoring = await start(
      (_, response) => json(response, { tags: ['a', 'b'] }),
      { pageSize: 2 },
    );
    expect(await tagsOf(ignoring)).toEqual(['a', 'b']);
    await ignoring.stop();
    const refusing = await start(
      (request, response) =>
        request.url?.includes('last=')
          ? json(response, {}, 400)
          : json(response, { tags: ['a', 'b'] }),
      { pageSize: 2 },
    );
    expect(await tagsOf(refusing)).toEqual(['a', 'b']);
    await refusing.stop();
    const failing = await start(
      (request, response) =>
        request.url?.includes('last=')
          ? json(response, {}, 500)
          : json(response, { tags: ['a', 'b'] }),
      { pageSize: 2 },
    );
    expect(await errorOf(failing)).toMatchObject({ category: 'server-error' });
  });

  it.each([400, 403, 404, 500])(
    'has no partial list: %i on the second page',
    async status => {
      const fake = await start((request, response) =>
        request.url?.includes('last=')
          ? json(
              response,
              { errors: [{ code: 'OOPS', message: 'no' }] },
              status,
            )
          : json(response, { tags: ['a'] }, 200, {
              link: '<?last=a>; rel=next',
            }),
      );
      const error = await errorOf(fake);
      expect(error).toMatchObject({ status });
      expect(error.message).toContain('OOPS: no');
      expect(fake.server.requests).toHaveLength(status === 500 ? 4 : 2);
    },
  );

  it.each([429, 500, 502, 503, 504, 408])(
    'asks a page again after %i',
    async status => {
      let failures = 2;
      const fake = await start((request, response) => {
        if (request.url?.includes('last=') && failures-- > 0) {
          json(response, {}, status);
        } else {
          pages({
            '': { tags: ['a'], link: '<?last=a>; rel=next' },
            a: { tags: ['b'] },
          })(request, response);
        }
      });
      expect(await tagsOf(fake)).toEqual(['a', 'b']);
      expect(fake.server.requests).toHaveLength(4);
    },
  );

  it('asks again after a reset, three times in all', async () => {
    const fake = await start(request => {
      request.socket.destroy();
    });
    expect(await errorOf(fake)).toMatchObject({ category: 'unreachable' });
    expect(fake.server.requests).toHaveLength(3);
  });
});

describe('what a body says of the rest', () => {
  it.each([
    [{ nextToken: 'AAAA==' }],
    [{ next_token: 'x' }],
    [{ next: 'x' }],
    [{ hasMore: true }],
    [{ has_next: 'true' }],
    [{ isTruncated: true }],
    [{ continuationToken: 'x' }],
    [{ pagination: { next: { cursor: 7 } } }],
    [{ links: { next: 'x' } }],
    [{ total: 3 }],
    [{ metadata: { totalCount: 200 } }],
  ])('fails on %j without a Link', async more => {
    const fake = await start((_, response) =>
      json(response, { name: 'org/app', tags: ['a', 'b'], ...more }),
    );
    expect(await errorOf(fake)).toMatchObject({ category: 'invalid-response' });
    expect(fake.server.requests).toHaveLength(1);
  });

  it.each([
    [{ nextToken: null }],
    [{ next: '' }],
    [{ hasMore: false }],
    [{ truncated: 'false' }],
    [{ links: { next: null } }],
    [{ total: 2 }],
    [{ child: ['next'], manifest: { 'sha256:x': { tag: ['a'] } } }],
  ])('takes %j for the end', async more => {
    const fake = await start((_, response) =>
      json(response, { tags: ['a', 'b'], ...more }),
    );
    expect(await tagsOf(fake)).toEqual(['a', 'b']);
  });

  it('follows a reference, and a Link before all else', async () => {
    const referring = await start((request, response) =>
      json(
        response,
        request.url?.includes('last=a')
          ? { tags: ['b'] }
          : { tags: ['a'], next: 'https://evil.example/v2/x?last=a' },
      ),
    );
    expect(await tagsOf(referring)).toEqual(['a', 'b']);
    await referring.stop();
    const linked = await start((request, response) =>
      request.url?.includes('last=a')
        ? json(response, { tags: ['b'], nextToken: null })
        : json(response, { tags: ['a'], nextToken: 'x' }, 200, {
            link: '<?last=a>; rel=next',
          }),
    );
    expect(await tagsOf(linked)).toEqual(['a', 'b']);
  });
});

describe('names', () => {
  const named = (image: string, name: string) =>
    start((_, response) => json(response, { name, tags: ['a'] })).then(fake =>
      fake.client.listTags(`${fake.server.host}/${image}`),
    );

  it.each([
    ['docker-hub-remote/node', 'library/node'],
    ['docker-hub-remote/node', 'docker-hub-remote/library/node'],
    ['library/node', 'node'],
  ])('takes the list of %s that is called %s', async (image, name) => {
    expect(await named(image, name)).toEqual(['a']);
  });

  it.each([
    ['hub/bitnami/node', 'library/node'],
    ['org/app', 'library/node'],
    ['org/app', 'org/library'],
  ])('refuses for %s the list of %s', async (image, name) => {
    await expect(named(image, name)).rejects.toThrow('of another repository');
  });

  it('goes by where the registry itself redirects', async () => {
    const moved =
      (name: string): Handler =>
      (request, response) =>
        request.url?.startsWith('/v2/org/app/')
          ? response
              .writeHead(301, { location: '/v2/new/place/tags/list?n=1000' })
              .end()
          : json(response, { name, tags: ['a'] });
    expect(await tagsOf(await start(moved('new/place')))).toEqual(['a']);
    await registry?.stop();
    expect(await errorOf(await start(moved('third/place')))).toMatchObject({
      category: 'invalid-response',
    });
  });
});

describe('encodings that nobody asked for', () => {
  const tags = JSON.stringify({ tags: ['a'] });
  it.each([
    ['gzip', gzipSync(tags)],
    ['X-GZIP', gzipSync(tags)],
    ['deflate', deflateSync(tags)],
    ['identity, gzip', gzipSync(tags)],
  ])('reads %s', async (encoding, body) => {
    const fake = await start((_, response) => {
      response.setHeader('content-encoding', encoding).end(body);
    });
    expect(await tagsOf(fake)).toEqual(['a']);
  });

  it.each([
    ['br', brotliCompressSync(tags)],
    ['gzip, gzip', gzipSync(gzipSync(tags))],
    ['gzip', gzipSync(Buffer.alloc(4 << 20, ' '))],
    ['deflate', deflateSync(Buffer.alloc(4 << 20, ' '))],
  ])('refuses %s (%#)', async (encoding, body) => {
    const fake = await start((_, response) => {
      response.setHeader('content-encoding', encoding).end(body);
    });
    expect(await errorOf(fake)).toMatchObject({
      category: 'invalid-response',
      message: expect.stringContaining('encoding that was not asked for'),
    });
  });
});

describe('bodies', () => {
  const body =
    (
      text: string | Buffer,
      more: (response: ServerResponse) => void = () => {},
    ): Handler =>
    (_, response) => {
      more(response);
      response.end(text);
    };

  it.each([
    ['{"name":"org/app","tags":null}', []],
    ['{"name":"org/app"}', []],
    ['{"name":"org/app","tags":[]}', []],
    ['{"name":"app","tags":["a"]}', ['a']], // Artifactory: without its prefix
    ['{"name":"repo/org/app","tags":["a"]}', ['a']],
    ['{"tags":[null,1,{},["x"],"","ok",true]}', ['ok']],
    [
      '{"tags":["__proto__","constructor","toString"],"__proto__":{"x":1}}',
      ['__proto__', 'constructor', 'toString'],
    ],
    [
      JSON.stringify({
        tags: [
          '-a',
          '.a',
          'a b\n- evil: 1',
          'a\0',
          'ä',
          `sha256:${'a'.repeat(64)}`,
          'x'.repeat(129),
          'x'.repeat(128),
        ],
      }),
      ['x'.repeat(128)],
    ],
    ['{"tags":["\\ud800","b"]}', ['b']],
    ['{"tags":["b","a","b"]}', ['b', 'a']],
  ])('reads %s', async (text, tags) => {
    const fake = await start(
      body(text, r => r.setHeader('content-type', 'text/plain')),
    );
    expect(await tagsOf(fake)).toEqual(tags);
  });

  it.each([
    '{"tags":{}}',
    '{"tags":"a"}',
    '{"tags":7}',
    '["a"]',
    'null',
    '',
    '<html></html>',
    '{"tags":["a"',
    '{"tags":["a"]} x',
    '\ufeff{"tags":["a"]}',
    '{"name":"other/app","tags":["a"]}',
    '{"name":"porg/app","tags":["a"]}',
    '{"name":7,"tags":["a"]}',
    Buffer.from('{"tags":["\xff"]}', 'latin1'),
  ])('refuses %s', async text => {
    const fake = await start(body(text));
    expect(await errorOf(fake)).toMatchObject({ category: 'invalid-response' });
  });

  it.each([201, 204, 206, 304])('refuses status %i', async status => {
    const fake = await start((_, response) => {
      response.writeHead(status).end(status === 206 ? '{"tags":["a"]}' : '');
    });
    expect(await errorOf(fake)).toMatchObject({
      category: 'invalid-response',
      status,
    });
  });

  it('reads 100,000 tags', async () => {
    const tags = Array.from({ length: 100_000 }, (_, index) => `v1.${index}`);
    const fake = await start((_, response) => json(response, { tags }));
    expect(await tagsOf(fake)).toEqual(tags);
  });

  it('cuts a dripping body at the deadline', async () => {
    const fake = await start(
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
      { scanTime: 150 },
    );
    expect(await errorOf(fake)).toMatchObject({
      category: 'timeout',
      message: expect.stringContaining('within 0.15 s'),
    });
  });
});

describe('limits', () => {
  it('gives a registry the time that the operator gives it, and no other', async () => {
    const drip: Handler = (_, response) => {
      setTimeout(() => json(response, { tags: ['a'] }), 300);
    };
    const slow = await startFakeRegistry(drip, {
      limits: { scanTime: 100, retryDelays: [] },
      timeout: 10_000,
    });
    const other = await start(drip, { scanTime: 100, retryDelays: [] });
    const [tags, error] = await Promise.all([tagsOf(slow), errorOf(other)]);
    expect(tags).toEqual(['a']);
    expect(error).toMatchObject({
      category: 'timeout',
      message: expect.stringContaining('imageScan.registries[].timeout'),
    });
    await slow.stop();
  });

  it('waits for a short Retry-After and fails at once on a long one, for every scan of the host', async () => {
    let retryAfter: string | undefined = '1';
    const fake = await start((_, response) => {
      if (retryAfter) {
        json(response, { errors: [{ code: 'TOOMANYREQUESTS' }] }, 429, {
          'retry-after': retryAfter,
        });
        retryAfter = undefined;
      } else {
        json(response, { tags: ['a'] });
      }
    });
    const before = performance.now();
    expect(await tagsOf(fake)).toEqual(['a']);
    expect(performance.now() - before).toBeGreaterThan(990);
    retryAfter = '1000000000';
    const error = await errorOf(fake);
    expect(error).toMatchObject({
      category: 'rate-limited',
      status: 429,
      retryAfter: 900_000,
    });
    expect(error.message).toContain('TOOMANYREQUESTS');
    const asked = fake.server.requests.length;
    expect(await errorOf(fake)).toMatchObject({
      category: 'rate-limited',
      retryAfter: expect.any(Number),
    });
    expect(fake.server.requests).toHaveLength(asked);
  });

  it('tells where a 503 has a Retry-After', async () => {
    const fake = await start((_, response) =>
      json(response, {}, 503, { 'retry-after': '60' }),
    );
    expect(await errorOf(fake)).toMatchObject({
      category: 'server-error',
      status: 503,
      retryAfter: 60_000,
    });
    expect(fake.server.requests).toHaveLength(1);
  });

  it('keeps a hanging host from delaying others, and holds four requests at most', async () => {
    const hanging = await startFakeRegistry(() => {}, {
      hosts: [],
      limits: { scanTime: 300 },
    });
    const fake = await start((_, response) => json(response, { tags: ['a'] }));
    const stuck = Array.from({ length: 10 }, () =>
      hanging.client.listTags(hanging.image).catch(e => e),
    );
    expect(await tagsOf(fake)).toEqual(['a']);
    await sleep(100);
    expect(hanging.server.requests).toHaveLength(4);
    for (const error of await Promise.all(stuck)) {
      expect(error).toMatchObject({ category: 'timeout' });
    }
    await hanging.stop();
  });

  it('throws the reason of the signal, and ends everything at close', async () => {
    const fake = await start(() => {});
    const controller = new AbortController();
    const first = fake.client.listTags(fake.image, {
      signal: controller.signal,
    });
    const second = fake.client.listTags(fake.image);
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(first).rejects.toThrow('enough');
    fake.client.close();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    await expect(fake.client.listTags(fake.image)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('refuses hosts that are not listed, whatever the image says', async () => {
    const fake = await start((_, response) => json(response, { tags: [] }));
    for (const image of [
      '127.0.0.1:1/a',
      'localhost:1/a',
      '[::1]:1/a',
      '169.254.169.254/a',
    ]) {
      await expect(fake.client.listTags(image)).rejects.toMatchObject({
        category: 'refused-address',
      });
    }
    expect(fake.server.requests).toEqual([]);
  });
});
