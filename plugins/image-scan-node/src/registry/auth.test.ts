import { json, TestServer } from '../http/__testUtils__/TestServer';
import type { Handler } from '../http/__testUtils__/TestServer';
import type { RegistryCredentials } from '../types';
import {
  startFakeRegistry,
  withoutProxies,
} from './__testUtils__/fakeRegistry';
import type { FakeRegistry } from './__testUtils__/fakeRegistry';
import { parseChallenges } from './challenge';
import { parseImageReference } from './imageReference';
import { scopeFor } from './tokens';

withoutProxies();

const basic: RegistryCredentials = {
  type: 'basic',
  username: 'robot$x',
  password: 'pä:ss',
};
const basicValue = `Basic ${Buffer.from('robot$x:pä:ss').toString('base64')}`;

let tokens: TestServer;
let registry: FakeRegistry;
/** What the registry says to a request without the right header. */
let challenge: () => string | string[] | undefined;
let accepted: string;
let tokenHandler: Handler;

beforeEach(async () => {
  accepted = 'Bearer t1';
  challenge = () =>
    `Bearer realm="${tokens.url}/token",service="svc",scope="repository:org/app:pull"`;
  tokenHandler = (_, response) => json(response, { token: 't1' });
  tokens = await TestServer.start((request, response) =>
    tokenHandler(request, response),
  );
  registry = await startFakeRegistry(
    (request, response) => {
      const header = challenge();
      if (request.headers.authorization === accepted) {
        json(response, { tags: ['a'] });
      } else {
        json(
          response,
          { errors: [{ code: 'UNAUTHORIZED' }] },
          401,
          header ? { 'www-authenticate': header } : {},
        );
      }
    },
    { hosts: [{ host: tokens.host, insecure: true }] },
  );
});

afterEach(async () => {
  await registry.stop();
  await tokens.stop();
});

const list = (credentials?: RegistryCredentials) =>
  registry.client.listTags(registry.image, { credentials });

describe('Bearer', () => {
  it('gets a token without credentials, and keeps it', async () => {
    expect(await list()).toEqual(['a']);
    expect(await list()).toEqual(['a']);
    expect(tokens.requests).toEqual([
      'GET /token?service=svc&scope=repository%3Aorg%2Fapp%3Apull',
    ]);
    expect(tokens.headers[0].authorization).toBeUndefined();
    expect(registry.server.requests).toHaveLength(3);
  });

  it('sends Basic to the realm and only the token to the registry', async () => {
    expect(await list(basic)).toEqual(['a']);
    expect(tokens.headers[0].authorization).toBe(basicValue);
    expect(tokens.requests[0]).toContain('account=robot%24x');
    expect(registry.server.headers.map(h => h.authorization)).toEqual([
      undefined,
      'Bearer t1',
    ]);
    await list(); // other credentials, another token
    expect(tokens.requests).toHaveLength(2);
  });

  it('fetches one token for many requests', async () => {
    await Promise.all(Array.from({ length: 10 }, () => list()));
    expect(tokens.requests).toHaveLength(1);
  });

  it('lets one waiting request give up without ending the token for others', async () => {
    let finish = () => {};
    tokenHandler = (_, response) => {
      finish = () => json(response, { token: 't1' });
    };
    const controller = new AbortController();
    const first = registry.client.listTags(registry.image, {
      signal: controller.signal,
    });
    const second = list();
    while (registry.server.requests.length < 2 || tokens.requests.length < 1) {
      await new Promise(setImmediate);
    }
    controller.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    finish();
    expect(await second).toEqual(['a']);
  });

  it('refreshes a token that is refused in the middle of the pages, once', async () => {
    let count = 0;
    tokenHandler = (_, response) => {
      count += 1;
      json(response, { access_token: `t${count}` });
    };
    await list();
    accepted = 'Bearer t2';
    expect(await list()).toEqual(['a']);
    accepted = 'Bearer never';
    await expect(list()).rejects.toMatchObject({
      category: 'unauthorized',
      status: 401,
    });
    expect(tokens.requests).toHaveLength(3);
  });

  it('does not loop with a new realm each time', async () => {
    let count = 0;
    accepted = 'nothing';
    challenge = () => `Bearer realm="${tokens.url}/token${count++}"`;
    await expect(list()).rejects.toMatchObject({ category: 'unauthorized' });
    expect(tokens.requests).toHaveLength(1);
    expect(registry.server.requests).toHaveLength(2);
  });

  it('posts a refresh token, and falls back to GET', async () => {
    const identity: RegistryCredentials = {
      type: 'identity-token',
      token: 'refresh',
    };
    const bodies: string[] = [];
    tokenHandler = async (request, response) => {
      let body = '';
      for await (const chunk of request) {
        body += chunk;
      }
      bodies.push(`${request.method} ${body}`);
      json(response, { access_token: 't1' });
    };
    expect(await list(identity)).toEqual(['a']);
    expect(bodies).toEqual([
      'POST grant_type=refresh_token&service=svc&scope=repository%3Aorg%2Fapp%3Apull&client_id=backstage-plugin-image-scan&refresh_token=refresh',
    ]);
    tokenHandler = (request, response) =>
      request.method === 'POST'
        ? json(response, {}, 405)
        : json(response, { token: 't1' });
    expect(await list({ type: 'identity-token', token: 'other' })).toEqual([
      'a',
    ]);
    expect(tokens.headers.at(-1)?.authorization).toBe(
      `Basic ${Buffer.from('<token>:other').toString('base64')}`,
    );
  });

  it('sends a registry token as it is, and none that would break a header', async () => {
    expect(await list({ type: 'registry-token', token: 't1' })).toEqual(['a']);
    expect(tokens.requests).toEqual([]);
    await expect(
      list({ type: 'registry-token', token: 't1\r\nx: y' }),
    ).rejects.toMatchObject({
      category: 'unauthorized',
    });
  });

  it.each([
    [{}],
    [{ token: 7 }],
    [{ token: '' }],
    [{ token: 'a\r\nx: y' }],
    [{ token: 'a b' }],
    [[]],
    ['<html>'],
    [{ token: 'x'.repeat(70_000) }],
  ])('fails on a token answer of %j', async body => {
    tokenHandler = (_, response) => json(response, body);
    await expect(list()).rejects.toMatchObject({
      category: expect.stringMatching(/invalid-response|too-large/),
    });
  });

  it.each([0, -1, 1e12, '300', null, undefined])(
    'takes expires_in %s',
    async expires_in => {
      tokenHandler = (_, response) =>
        json(response, {
          token: 't1',
          expires_in,
          issued_at: '1970-01-01T00:00:00Z',
        });
      expect(await list()).toEqual(['a']);
      expect(await list()).toEqual(['a']);
      expect(tokens.requests).toHaveLength(1);
    },
  );

  it.each([
    [401, 'unauthorized'],
    [403, 'denied'],
    [429, 'rate-limited'],
    [500, 'server-error'],
  ])('tells a token service that answers %i', async (status, category) => {
    tokenHandler = (_, response) =>
      json(response, { details: 'said pä:ss' }, status);
    const error = await list(basic).catch(e => e);
    expect(error).toMatchObject({ category, status });
    expect(error.message).toContain(
      `${registry.image}: ${tokens.host} answered ${status}`,
    );
    expect(error.message).toContain('said ***');
  });

  it('asks again for a token that failed', async () => {
    let failures = 1;
    tokenHandler = (_, response) =>
      failures-- > 0
        ? json(response, {}, 502)
        : json(response, { token: 't1' });
    expect(await list()).toEqual(['a']);
  });
});

describe('a registry that hides what strangers may not see', () => {
  let status: number;
  let ping: string | undefined;
  let onResource: string | undefined;
  beforeEach(() => {
    onResource = undefined;
    ping = `Bearer realm="${tokens.url}/token",service="svc"`;
    registry.server.handler = (request, response) => {
      if (request.headers.authorization === accepted) {
        json(response, { tags: ['a'] });
      } else if (request.url === '/v2/') {
        json(response, {}, 401, ping ? { 'www-authenticate': ping } : {});
      } else {
        json(
          response,
          { errors: [{ code: 'HIDDEN' }] },
          status,
          onResource ? { 'www-authenticate': onResource } : {},
        );
      }
    };
  });

  describe.each([403, 404])('with %i', hiding => {
    beforeEach(() => {
      status = hiding;
    });

    it('is offered the credentials, and then at once', async () => {
      expect(await list(basic)).toEqual(['a']);
      expect(await list(basic)).toEqual(['a']);
      expect(tokens.headers.map(h => h.authorization)).toEqual([basicValue]);
      expect(registry.server.requests.slice(0, 2)).toEqual([
        'GET /v2/org/app/tags/list?n=1000',
        'GET /v2/',
      ]);
      expect(registry.server.requests).toHaveLength(4);
    });

    it('gets Basic where it asks for it, and for digests', async () => {
      ping = 'Basic realm="r"';
      accepted = basicValue;
      expect(await list(basic)).toEqual(['a']);
      await registry.client
        .resolveDigest(registry.image, 'v1', { credentials: basic })
        .catch(() => {});
      expect(registry.server.headers.at(-1)?.authorization).toBe(basicValue);
    });

    it('gets a digest for the credentials', async () => {
      const digest = `sha256:${'a'.repeat(64)}`;
      const hide = registry.server.handler;
      registry.server.handler = (request, response) =>
        request.headers.authorization === accepted
          ? response.writeHead(200, { 'docker-content-digest': digest }).end()
          : hide(request, response);
      expect(
        await registry.client.resolveDigest(registry.image, 'v1', {
          credentials: basic,
        }),
      ).toBe(digest);
    });

    it('may say with it how to sign in', async () => {
      onResource = `Bearer realm="${tokens.url}/token"`;
      expect(await list(basic)).toEqual(['a']);
      expect(registry.server.requests).not.toContain('GET /v2/');
    });

    it('is asked once by strangers', async () => {
      await expect(list()).rejects.toMatchObject({ status });
      expect(registry.server.requests).toHaveLength(1);
      expect(tokens.requests).toEqual([]);
    });

    it('is told as it answers the one who signed in', async () => {
      accepted = 'nothing';
      await expect(list(basic)).rejects.toMatchObject({ status });
      tokenHandler = (_, response) => json(response, {}, 401);
      await expect(
        list({ type: 'basic', username: 'u', password: 'wrong' }),
      ).rejects.toMatchObject({ category: 'unauthorized' });
    });

    it('gets no password where it says nowhere how to sign in', async () => {
      ping = undefined;
      await expect(list(basic)).rejects.toMatchObject({ status });
      expect(registry.server.headers.map(h => h.authorization)).toEqual([
        undefined,
        undefined,
      ]);
    });

    it('does not lose what strangers may read to a wrong password', async () => {
      ping = 'Basic realm="r"';
      let isThere = false;
      registry.server.handler = (request, response) => {
        if (request.url === '/v2/' || request.headers.authorization) {
          json(response, {}, 401, { 'www-authenticate': ping ?? '' });
        } else if (isThere) {
          json(response, { tags: ['a'] });
        } else {
          json(response, {}, status);
        }
      };
      await expect(list(basic)).rejects.toMatchObject({
        category: 'unauthorized',
      });
      isThere = true;
      expect(await list(basic)).toEqual(['a']);
    });
  });
});

describe('ways to sign in', () => {
  it.each([
    ['Bearer realm="/token"', 'Basic realm="r"'],
    ['Basic realm="r", Bearer service="x"', ''],
    ['Bearer realm="https://169.254.169.254/"', 'Basic realm="r"'],
  ])('goes on with Basic after %s', async (...offered) => {
    accepted = basicValue;
    challenge = () => offered.filter(Boolean);
    expect(await list(basic)).toEqual(['a']);
  });

  it('takes the first service that can be used', async () => {
    challenge = () => [
      'Bearer realm="/token"',
      `Bearer realm="${tokens.url}/token"`,
    ];
    expect(await list(basic)).toEqual(['a']);
  });

  it('does not send Basic after a service said no', async () => {
    challenge = () => [`Bearer realm="${tokens.url}/token"`, 'Basic realm="r"'];
    tokenHandler = (_, response) => json(response, {}, 401);
    await expect(list(basic)).rejects.toMatchObject({
      category: 'unauthorized',
    });
    expect(registry.server.headers.map(h => h.authorization)).toEqual([
      undefined,
    ]);
  });

  it.each([[{ token: '' }], [{ token: ' ' }], [{ access_token: '' }]])(
    'takes %j for a refusal of the credentials',
    async body => {
      tokenHandler = (_, response) => json(response, body);
      await expect(list(basic)).rejects.toMatchObject({
        category: 'unauthorized',
        message: expect.stringContaining('empty token'),
      });
    },
  );

  it('asks for both repositories where the registry redirects', async () => {
    const answer = registry.server.handler;
    registry.server.handler = (request, response) =>
      request.url?.startsWith('/v2/org/app/')
        ? response
            .writeHead(301, { location: '/v2/org/library/app/tags/list' })
            .end()
        : answer(request, response);
    expect(await list(basic)).toEqual(['a']);
    expect(tokens.requests[0]).toContain(
      'scope=repository%3Aorg%2Fapp%3Apull&scope=repository%3Aorg%2Flibrary%2Fapp%3Apull',
    );
  });
});

describe('a registry behind a redirect', () => {
  it('gets a token for strangers, once, and no credentials', async () => {
    const front = await startFakeRegistry(
      (request, response) => {
        response
          .writeHead(307, { location: `${registry.server.url}${request.url}` })
          .end();
      },
      {
        hosts: [registry.server.host, tokens.host].map(host => ({
          host,
          insecure: true,
        })),
      },
    );
    for (let round = 0; round < 2; round++) {
      expect(
        await front.client.listTags(front.image, { credentials: basic }),
      ).toEqual(['a']);
    }
    expect(tokens.headers.map(h => h.authorization)).toEqual([undefined]);
    expect(registry.server.headers.map(h => h.authorization)).toEqual([
      undefined,
      'Bearer t1',
      'Bearer t1',
    ]);
    challenge = () => 'Basic realm="r"';
    accepted = 'nothing';
    await expect(
      front.client.listTags(front.image, { credentials: basic }),
    ).rejects.toMatchObject({ category: 'unauthorized' });
    expect(JSON.stringify(registry.server.headers)).not.toContain(
      basicValue.slice(6),
    );
    await front.stop();
  });
});

describe('realms', () => {
  it.each([
    ['https://user@auth.example/', 'invalid-response'],
    ['https://:pw@auth.example/', 'invalid-response'],
    ['', 'invalid-response'],
    ['/token', 'invalid-response'],
    ['file:///etc/passwd', 'invalid-response'],
    ['https://user:pw@auth.example/', 'invalid-response'],
    ['http://127.0.0.1:1/token', 'refused-address'],
    ['http://auth.example/token', 'refused-address'],
    ['https://127.0.0.1:1/token', 'refused-address'],
    ['https://[::ffff:7f00:1]/token', 'refused-address'],
    ['https://2130706433/token', 'refused-address'],
    ['https://169.254.169.254/latest', 'refused-address'],
    ['https://localhost:1/token', 'refused-address'],
  ])('refuses %s', async (realm, category) => {
    challenge = () => `Bearer realm="${realm}",service="svc"`;
    const error = await list(basic).catch(e => e);
    expect(error).toMatchObject({ name: 'RegistryError', category });
    expect(error.message).not.toMatch(/pw@|pä:ss/);
  });

  it('keeps the query of a realm, drops its fragment, and asks for its own repository only', async () => {
    challenge = () =>
      `Bearer realm="${tokens.url}/token?tenant=1&scope=x#f",scope="repository:other:push,*"`;
    expect(await list()).toEqual(['a']);
    expect(tokens.requests).toEqual([
      'GET /token?tenant=1&scope=repository%3Aorg%2Fapp%3Apull',
    ]);
  });

  it('does not follow a token service to an internal host', async () => {
    tokenHandler = (_, response) => {
      response
        .writeHead(302, { location: 'http://169.254.169.254/latest' })
        .end();
    };
    await expect(list(basic)).rejects.toMatchObject({
      category: 'refused-address',
    });
  });

  it.each([
    ['repository:a/b:pull', 'repository:a/b:pull'],
    ['repository:a/b:metadata_read', 'repository:a/b:metadata_read,pull'],
    [
      'repository:a/b:pull repository:a/b:metadata_read',
      'repository:a/b:metadata_read,pull',
    ],
    ['repository:a/b:pull,push,delete,*', 'repository:a/b:pull'],
    ['repository:a/bc:metadata_read', 'repository:a/b:pull'],
    ['registry:catalog:*', 'repository:a/b:pull'],
    ['*', 'repository:a/b:pull'],
  ])('scope %s becomes %s', (scope, expected) => {
    const [bearer] = parseChallenges(`Bearer realm="x",scope="${scope}"`);
    expect(scopeFor(parseImageReference('a/b'), bearer)).toBe(expected);
  });
});

describe('Basic', () => {
  beforeEach(() => {
    accepted = basicValue;
    challenge = () => 'Basic realm="r"';
  });

  it('is sent after it was asked for, and then at once', async () => {
    expect(await list(basic)).toEqual(['a']);
    expect(await list(basic)).toEqual(['a']);
    expect(registry.server.headers.map(h => h.authorization)).toEqual([
      undefined,
      basicValue,
      basicValue,
    ]);
  });

  it('fails without and with wrong credentials', async () => {
    await expect(list()).rejects.toMatchObject({
      category: 'unauthorized',
      status: 401,
    });
    await expect(
      list({ ...basic, type: 'basic', password: 'wrong', username: 'u' }),
    ).rejects.toMatchObject({
      category: 'unauthorized',
      message: expect.stringContaining('UNAUTHORIZED'),
    });
    expect(registry.server.requests).toHaveLength(3);
  });

  it.each([
    ['several headers, Negotiate first', ['Negotiate', 'Basic realm="x"']],
    [
      'one header',
      'Negotiate abc==, Digest qop="auth, x", basic realm="a\\"b"',
    ],
  ])('is found in %s', async (_, header) => {
    challenge = () => header;
    expect(await list(basic)).toEqual(['a']);
  });

  it('is asked for at /v2/ where the 401 does not say how', async () => {
    challenge = () =>
      registry.server.requests.at(-1) === 'GET /v2/'
        ? 'Basic realm="r"'
        : undefined;
    expect(await list(basic)).toEqual(['a']);
    expect(registry.server.requests[1]).toBe('GET /v2/');
  });

  it('never shows credentials in errors or logs', async () => {
    accepted = 'nothing';
    const error = await list(basic).catch(e => e);
    const shown = `${error.stack} ${error.cause} ${registry.logged.join()}`;
    expect(shown).not.toContain('pä:ss');
    expect(shown).not.toContain(basicValue.slice(6));
  });
});
