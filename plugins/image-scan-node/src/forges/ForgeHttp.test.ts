import type { IncomingMessage, ServerResponse } from 'node:http';
import { createHttpTransport } from '../http';
import type { HttpTransport } from '../http';
import { json, TestServer } from '../http/__testUtils__/TestServer';
import { createForge, ForgeError, ForgePauses } from '.';
import type { Forge, ForgeType } from '.';

const SECRET = 'top-secret-token';
const branches = { head: 'image-scan/x', base: 'main' };
const wanted = { ...branches, title: 't', body: 'b', draft: false };

const noProxy = process.env.NO_PROXY;
let server: TestServer;
let other: TestServer;
let transport: HttpTransport;

beforeAll(async () => {
  process.env.NO_PROXY = '*';
  server = await TestServer.start((_, response) => response.end());
  other = await TestServer.start((_, response) => response.end());
  transport = createHttpTransport({
    hosts: [server, other].map(({ host }) => ({ host, insecure: true })),
  });
});

beforeEach(() => {
  for (const { requests, headers } of [server, other]) {
    requests.length = 0;
    headers.length = 0;
  }
});

afterAll(async () => {
  if (noProxy === undefined) {
    delete process.env.NO_PROXY;
  } else {
    process.env.NO_PROXY = noProxy;
  }
  transport.close();
  await server.stop();
  await other.stop();
});

function forgeOf(
  type: ForgeType = 'gitlab',
  options: {
    pauses?: ForgePauses;
    timeout?: number;
    authorization?: string;
  } = {},
): Forge {
  const { authorization = `Bearer ${SECRET}` } = options;
  return createForge({
    type,
    repo: `${server.url}/org/shop/_git/apps`,
    apiBaseUrl: `${server.url}/api/v4`,
    authorization: async () => authorization || undefined,
    transport,
    pauses: options.pauses ?? new ForgePauses(),
    timeout: options.timeout,
  });
}

function answers(
  handler: (request: IncomingMessage, response: ServerResponse) => unknown,
): void {
  server.handler = handler;
}

async function failure(work: Promise<unknown>): Promise<ForgeError> {
  const error = await work.catch(reason => reason);
  if (!(error instanceof ForgeError)) {
    throw error;
  }
  return error;
}

describe('a refusal', () => {
  it.each<[number, unknown, string, RegExp]>([
    [
      401,
      { message: '401 Unauthorized' },
      'unauthorized',
      /401 Unauthorized.*credential is not valid.*scope api/,
    ],
    [403, { message: '403 Forbidden' }, 'forbidden', /needs the scope api/],
    [
      404,
      { message: '404 Project Not Found' },
      'not-found',
      /may not see it.*scope api/,
    ],
    [
      422,
      { message: { title: ['is too long', 'is bad'] } },
      'refused',
      /it says: title is too long; title is bad/,
    ],
    [400, { error: 'title is missing' }, 'refused', /title is missing/],
    [
      400,
      {
        type: 'error',
        error: { message: 'Bad', fields: { reviewers: ['no member'] } },
      },
      'refused',
      /Bad; reviewers no member/,
    ],
    [500, {}, 'unavailable', /answered 500 to opening/],
    [503, 'try later', 'unavailable', /try later/],
    [555, '<b>own timeout</b>', 'unavailable', /answered 555 to opening/],
  ])('of status %s with %j is %s', async (status, body, category, message) => {
    answers((_, response) =>
      typeof body === 'string'
        ? response.writeHead(status, { 'content-type': 'text/plain' }).end(body)
        : json(response, body, status),
    );
    const error = await failure(forgeOf().create(wanted));
    expect(error).toMatchObject({ category, status });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(
      `${server.host} answered ${status} to opening a merge request`,
    );
  });

  it('says that no credential was sent', async () => {
    answers((_, response) => json(response, {}, 401));
    const error = await failure(
      forgeOf('gitlab', { authorization: '' }).find(branches),
    );
    expect(error.message).toMatch(/No credential was sent.*scope api/);
    expect(server.headers[0].authorization).toBeUndefined();
  });

  it('hides the credential that it echoes, and control characters', async () => {
    const basic = `Basic ${Buffer.from(`bot:${SECRET}`).toString('base64')}`;
    answers((request, response) =>
      json(
        response,
        {
          message: `no \u001b[31m${SECRET}\u202e ${request.headers.authorization}`,
        },
        403,
      ),
    );
    for (const authorization of [`Bearer ${SECRET}`, basic]) {
      const { message } = await failure(
        forgeOf('gitlab', { authorization }).create(wanted),
      );
      expect(message).not.toContain(SECRET);
      expect(message).not.toContain(basic);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('is known for the page to sign in of Azure DevOps', async () => {
    answers((_, response) =>
      response
        .writeHead(203, { 'content-type': 'text/html; charset=utf-8' })
        .end('<html>Sign in</html>'),
    );
    const forge = forgeOf('azure');
    expect(await failure(forge.find(branches))).toMatchObject({
      category: 'unauthorized',
      message: expect.stringMatching(/page.*sign in.*Code \(read and write\)/),
    });
    const pullRequest = {
      ...{ number: 1, url: '', state: 'open' as const, title: '', body: '' },
      ...{ isDraft: false, base: 'main' },
    };
    expect(await failure(forge.comment(pullRequest, 'x'))).toMatchObject({
      category: 'unauthorized',
    });
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"a":'],
    ['something else', '{"iid":"one"}'],
    ['a list', '[]'],
    ['endless brackets', '['.repeat(100_000)],
  ])('is made of %s', async (_, body) => {
    answers((__, response) =>
      response.writeHead(201, { 'content-type': 'application/json' }).end(body),
    );
    expect(await failure(forgeOf().create(wanted))).toMatchObject({
      category: 'unavailable',
    });
  });
});

describe('a forge that is busy', () => {
  it.each<[number, Record<string, string>, unknown, number, number]>([
    [429, { 'retry-after': '7' }, 'Retry later', 6_000, 7_000],
    [429, {}, 'Retry later', 59_000, 60_000],
    [
      403,
      { 'retry-after': '30' },
      { message: 'You have exceeded a secondary rate limit.' },
      29_000,
      30_000,
    ],
    [
      403,
      {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 300),
      },
      { message: 'API rate limit exceeded' },
      200_000,
      310_000,
    ],
  ])(
    'with status %s and %j is left alone as long as it says',
    async (status, headers, body, least, most) => {
      answers((_, response) =>
        typeof body === 'string'
          ? response.writeHead(status, headers).end(body)
          : json(response, body, status, headers),
      );
      const pauses = new ForgePauses();
      const first = await failure(forgeOf('github', { pauses }).find(branches));
      expect(first).toMatchObject({ category: 'busy', status });
      expect(first.retryAfter).toBeGreaterThan(least);
      expect(first.retryAfter).toBeLessThanOrEqual(most);

      const second = await failure(
        forgeOf('gitlab', { pauses }).create(wanted),
      );
      expect(second).toMatchObject({ category: 'busy' });
      expect(second.message).toMatch(/asked to be left alone/);
      expect(server.requests).toHaveLength(1);

      // Another credential has a count of its own.
      await failure(
        forgeOf('gitlab', { pauses, authorization: 'Bearer other' }).find(
          branches,
        ),
      );
      expect(server.requests).toHaveLength(2);
    },
  );
});

describe('a redirect', () => {
  it('of a renamed repository is followed on the same origin', async () => {
    answers((request, response) =>
      request.url?.startsWith('/api/v4/projects')
        ? response.writeHead(307, { location: '/moved?x=1' }).end()
        : json(response, []),
    );
    expect(await forgeOf().find(branches)).toEqual([]);
    expect(server.requests[1]).toBe('GET /moved?x=1');
    expect(server.headers[1].authorization).toBe(`Bearer ${SECRET}`);
  });

  it('to another origin is not followed, and its target is named', async () => {
    answers((_, response) =>
      response
        .writeHead(302, { location: `${other.url}/sign-in?token=abc` })
        .end(),
    );
    const { message } = await failure(forgeOf().find(branches));
    expect(message).toContain(`a redirect to ${other.host}/sign-in`);
    expect(message).not.toContain('abc');
    expect(other.requests).toEqual([]);
  });

  it('changes no method', async () => {
    answers((_, response) =>
      response.writeHead(302, { location: '/elsewhere' }).end(),
    );
    await failure(forgeOf().create(wanted));
    expect(server.requests).toHaveLength(1);
  });

  it('in a circle ends', async () => {
    answers((request, response) =>
      response.writeHead(308, { location: request.url }).end(),
    );
    await expect(forgeOf().find(branches)).rejects.toMatchObject({
      category: 'invalid-response',
    });
    expect(server.requests).toHaveLength(4);
  });
});

it('gives up a silent forge after its time, and when it is told to', async () => {
  answers(() => {});
  await expect(
    forgeOf('gitlab', { timeout: 100 }).find(branches),
  ).rejects.toMatchObject({ category: 'timeout' });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await expect(
    forgeOf().find({ ...branches, signal: controller.signal }),
  ).rejects.toMatchObject({ category: 'aborted' });
});

it('takes no more than its cap', async () => {
  answers((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' ')));
    };
    response.on('drain', more);
    more();
  });
  await expect(forgeOf().find(branches)).rejects.toMatchObject({
    category: 'too-large',
  });
});

it('tells that an answer was cut off', async () => {
  answers((_, response) => {
    response.writeHead(201, {
      'content-type': 'application/json',
      'content-length': '100',
    });
    response.write('{"iid":1');
    setTimeout(() => response.destroy(), 20);
  });
  await expect(forgeOf().create(wanted)).rejects.toMatchObject({
    category: 'unreachable',
  });
  expect(server.requests).toHaveLength(1);
});
