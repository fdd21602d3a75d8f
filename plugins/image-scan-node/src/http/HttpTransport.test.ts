import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { createCertificates } from './__testUtils__/certificates';
import { TestServer } from './__testUtils__/TestServer';
import type { Handler } from './__testUtils__/TestServer';
import { createHttpTransport, readBody, requestFollowingRedirects } from '.';
import type { HttpRequest, HttpTransport } from '.';

const certificates = createCertificates();
if (!certificates) {
  // eslint-disable-next-line no-console
  console.warn('TLS tests are left out: the openssl command is missing');
}

const noProxy = process.env.NO_PROXY;
const closers: (() => void | Promise<void>)[] = [];

beforeAll(() => {
  process.env.NO_PROXY = '*';
});

afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

afterAll(() => {
  if (noProxy === undefined) {
    delete process.env.NO_PROXY;
  } else {
    process.env.NO_PROXY = noProxy;
  }
});

async function serve(
  handler: Handler,
): Promise<{ server: TestServer; transport: HttpTransport }> {
  const server = await TestServer.start(handler);
  const transport = createHttpTransport({
    hosts: [{ host: server.host, insecure: true }],
  });
  closers.push(
    () => transport.close(),
    () => server.stop(),
  );
  return { server, transport };
}

function get(server: TestServer, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL('/x?q=1', server.url), ...more };
}

/**
 * Runs the body of a function where a proxy is configured; answers what it returns.
 * Jest cannot load the ESM-only proxy package, so a process of its own does.
 */
async function runBehindProxy(proxy: Server, body: string): Promise<unknown> {
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const script = `
    const { createHttpTransport, readBody } = require(${JSON.stringify(
      __dirname,
    )});
    (async () => { ${body} })().then(answers => {
      console.log(JSON.stringify(answers));
      process.exit();
    });`;
  const transform = require.resolve('@backstage/cli/config/nodeTransform.cjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', transform, '-e', script],
    {
      cwd: join(__dirname, '../..'),
      env: { PATH: process.env.PATH, HTTP_PROXY: url, HTTPS_PROXY: url },
    },
  );
  return JSON.parse(stdout);
}

const text = async (transport: HttpTransport, request: HttpRequest) =>
  (await readBody(await transport.request(request), 1e6)).toString();

describe('createHttpTransport', () => {
  it('sends method, path, headers and body and returns status, headers and body', async () => {
    const { server, transport } = await serve(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) {
        chunks.push(chunk);
      }
      response.writeHead(
        201,
        [
          ['X-Thing', 'a'],
          ['x-thing', 'b'],
        ].flat(),
      );
      response.end(`${request.method} ${request.url} ${Buffer.concat(chunks)}`);
    });
    async function* pieces() {
      yield Buffer.from('he');
      yield Buffer.from('llo');
    }
    for (const body of [Buffer.from('hello'), pieces()]) {
      const response = await transport.request(
        get(server, { method: 'POST', headers: { 'x-mine': '1' }, body }),
      );
      expect(response.status).toBe(201);
      expect(response.headers['x-thing']).toBe('a, b');
      expect(String(await readBody(response, 100))).toBe('POST /x?q=1 hello');
    }
    expect(server.headers[0]).toMatchObject({
      'x-mine': '1',
      'accept-encoding': 'identity',
      'user-agent': 'backstage-plugin-image-scan',
      'content-length': '5',
    });
    expect(server.headers[1]).toMatchObject({ 'transfer-encoding': 'chunked' });
  });

  it('keeps the connection after HEAD, GET and discarded bodies of no length', async () => {
    const { server, transport } = await serve((request, response) => {
      response.writeHead(200, {
        'content-length': request.method === 'HEAD' ? 9 : 0,
      });
      response.end();
    });
    for (let count = 0; count < 10; count++) {
      const response = await transport.request(
        get(server, { method: count % 2 ? 'GET' : 'HEAD' }),
      );
      if (count < 5) {
        await readBody(response, 1);
      } else {
        response.discard();
        await new Promise(setImmediate);
      }
    }
    expect(server.requests).toHaveLength(10);
    expect(server.connections).toBe(1);
  });

  it('asks again when the server had closed a kept connection', async () => {
    let closeNext = false;
    const { server, transport } = await serve((request, response) => {
      if (closeNext) {
        closeNext = false;
        request.socket.destroy();
      } else {
        response.end('ok');
      }
    });
    expect(await text(transport, get(server))).toBe('ok');
    closeNext = true;
    expect(await text(transport, get(server))).toBe('ok');
    closeNext = true;
    await expect(
      text(transport, get(server, { method: 'POST' })),
    ).rejects.toMatchObject({ category: 'unreachable' });
  });

  it.each([
    ['http://registry.example/', /imageScan\.registries\[\]\.insecure/],
    ['ftp://registry.example/', /ftp:/],
    ['https://127.0.0.1/', /private/],
    ['https://127.1:5000/', /private/],
    ['https://2130706433/', /private/],
    ['https://[::1]/', /private/],
    ['https://[::ffff:127.0.0.1]/', /private/],
    ['https://169.254.169.254/latest', /private/],
    ['https://10.0.0.1/', /private/],
    ['https://localhost:1/', /private/],
  ])('refuses %s', async (url, message) => {
    const transport = createHttpTransport({
      hosts: [
        { host: '127.0.0.1:9' },
        { host: 'registry.example:8080', insecure: true },
      ],
    });
    const error = await transport
      .request({ method: 'GET', url: new URL(url) })
      .catch(e => e);
    expect(error).toMatchObject({
      name: 'HttpError',
      category: 'refused-address',
    });
    expect(error.message).toMatch(message);
    transport.close();
  });

  it('takes an entry without a port for the default port alone', async () => {
    const transport = createHttpTransport({
      hosts: [{ host: '127.0.0.1', insecure: true }],
    });
    await expect(
      transport.request({ method: 'GET', url: new URL('http://127.0.0.1:9/') }),
    ).rejects.toMatchObject({ category: 'refused-address' });
    transport.close();
  });

  it('reaches a listed name on a private address', async () => {
    const server = await TestServer.start((_, response) => response.end('ok'));
    const host = server.host.replace('127.0.0.1', 'localhost');
    const transport = createHttpTransport({
      hosts: [{ host, insecure: true }],
    });
    closers.push(
      () => transport.close(),
      () => server.stop(),
    );
    const url = new URL(`http://${host}/`);
    expect(await text(transport, { method: 'GET', url })).toBe('ok');
  });

  it('says unreachable for a refused connection and an unknown name', async () => {
    const { server, transport } = await serve(() => {});
    const request = get(server);
    await server.stop();
    await expect(transport.request(request)).rejects.toMatchObject({
      category: 'unreachable',
    });
    await expect(
      createHttpTransport().request({
        method: 'GET',
        url: new URL('https://name.invalid/'),
      }),
    ).rejects.toMatchObject({ category: 'unreachable' });
    closers.pop();
  });

  it('ends a silent exchange by its idle time, before and within the body', async () => {
    let sendHead = false;
    const { server, transport } = await serve((_, response) => {
      if (sendHead) {
        response.write('part');
      }
    });
    const request = get(server, { idleTimeout: 100 });
    await expect(transport.request(request)).rejects.toMatchObject({
      category: 'timeout',
    });
    sendHead = true;
    await expect(text(transport, request)).rejects.toMatchObject({
      category: 'timeout',
      message: expect.stringContaining('silent'),
    });
  });

  it('uses the whole idle time on a kept connection whose server announced less', async () => {
    let delay = 0;
    const { server, transport } = await serve((_, response) => {
      response.setHeader('keep-alive', 'timeout=2');
      setTimeout(() => response.end('ok'), delay);
    });
    expect(await text(transport, get(server))).toBe('ok');
    delay = 1500;
    expect(await text(transport, get(server))).toBe('ok');
    expect(server.connections).toBe(1);
  });

  it('honours the signal before, during and after the head', async () => {
    const { server, transport } = await serve((request, response) => {
      if (request.url === '/drip') {
        const timer = setInterval(() => response.write('.'), 10);
        response.on('close', () => clearInterval(timer));
      }
    });
    await expect(
      transport.request(get(server, { signal: AbortSignal.abort() })),
    ).rejects.toMatchObject({ category: 'aborted' });
    const waiting = new AbortController();
    setTimeout(() => waiting.abort(), 50);
    await expect(
      transport.request(get(server, { signal: waiting.signal })),
    ).rejects.toMatchObject({ category: 'aborted' });
    // Ends as AbortSignal.timeout does, but not before the head is there.
    const late = new AbortController();
    const dripping = await transport.request(
      get(server, { url: new URL('/drip', server.url), signal: late.signal }),
    );
    late.abort(new DOMException('Too late', 'TimeoutError'));
    await expect(readBody(dripping, 1e6)).rejects.toMatchObject({
      category: 'timeout',
    });
  });

  it('fails at connecting where nothing answers the handshake', async () => {
    const silent = createServer();
    silent.removeAllListeners('connection');
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const transport = createHttpTransport({ hosts: [{ host }] });
    closers.push(
      () => transport.close(),
      () => {
        silent.close();
      },
    );
    await expect(
      transport.request({
        method: 'GET',
        url: new URL(`https://${host}/`),
        connectTimeout: 100,
      }),
    ).rejects.toMatchObject({ category: 'timeout' });
  });

  const raw =
    (bytes: string): Handler =>
    (_, response: ServerResponse) => {
      response.socket?.end(bytes);
    };

  it.each([
    ['no HTTP', 'nonsense\r\n\r\n', 'invalid-response'],
    [
      '100 KB of headers',
      `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1e5)}\r\n\r\n`,
      'invalid-response',
    ],
    [
      'negative length',
      'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
      'invalid-response',
    ],
    [
      'fewer bytes than announced',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc',
      'unreachable',
    ],
    [
      'a cut chunk',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc',
      'unreachable',
    ],
    [
      'an encoding nobody asked for',
      'HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\na',
      'invalid-response',
    ],
    [
      'gzip nobody asked for',
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\na',
      'invalid-response',
    ],
    [
      'a length over the cap',
      'HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\na',
      'too-large',
    ],
    ['a header with a reset', 'HTTP/1.1 200', 'unreachable'],
    [
      'a chunk that is none',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\nzz',
      'invalid-response',
    ],
    [
      'another protocol',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
      'invalid-response',
    ],
    [
      'interim answers without end',
      'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(30),
      'invalid-response',
    ],
  ])('refuses %s', async (_, bytes, category) => {
    const { server, transport } = await serve(raw(bytes));
    await expect(text(transport, get(server))).rejects.toMatchObject({
      category,
    });
  });

  it('reads gzip where it is asked for, counts decoded bytes and tells broken data', async () => {
    let body = gzipSync('hello');
    const { server, transport } = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(body);
    });
    const request = get(server, { acceptGzip: true });
    expect(await text(transport, request)).toBe('hello');
    expect(server.headers[0]['accept-encoding']).toBe('gzip');
    body = gzipSync(Buffer.alloc(5e6));
    await expect(text(transport, request)).rejects.toMatchObject({
      category: 'too-large',
    });
    body = Buffer.from('not gzip');
    await expect(text(transport, request)).rejects.toMatchObject({
      category: 'invalid-response',
    });
  });

  it('joins a body whose pieces are of any size', async () => {
    const pieces = [1, 2, 50_000, 3, 16_384, 16_383, 70_000, 1, 1000, 5].map(
      (size, at) => Buffer.alloc(size, at),
    );
    const { server, transport } = await serve(async (_, response) => {
      for (const piece of pieces) {
        response.write(piece);
        await new Promise(setImmediate);
      }
      response.end();
    });
    const body = await readBody(await transport.request(get(server)), 1e6);
    expect(body.equals(Buffer.concat(pieces))).toBe(true);
  });

  it('stops reading an endless body at the cap', async () => {
    const { server, transport } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65536)));
      };
      response.on('drain', more);
      more();
    });
    await expect(text(transport, get(server))).rejects.toMatchObject({
      category: 'too-large',
    });
  });

  it('does not throw out of the exchange for a header with a line break', async () => {
    const { server, transport } = await serve((_, response) => response.end());
    const error = await transport
      .request(get(server, { headers: { authorization: 'a\r\nsecret: b' } }))
      .catch(e => e);
    expect(error).toMatchObject({ category: 'invalid-response' });
    expect(error.message).not.toContain('secret');
    expect(server.requests).toEqual([]);
  });
});

describe('requestFollowingRedirects', () => {
  it('drops Authorization at another origin and has it again at its own', async () => {
    let other = '';
    const { server, transport: own } = await serve((request, response) => {
      const location = request.url === '/a' ? `${other}/b` : undefined;
      response.writeHead(location ? 307 : 200, location ? { location } : {});
      response.end('done');
    });
    own.close();
    const otherServer = await TestServer.start((_, response) => {
      response.writeHead(302, { location: `${server.url}/c` }).end();
    });
    other = otherServer.url;
    const transport = createHttpTransport({
      hosts: [server, otherServer].map(({ host }) => ({
        host,
        insecure: true,
      })),
    });
    closers.push(
      () => transport.close(),
      () => otherServer.stop(),
    );
    const response = await requestFollowingRedirects(
      transport,
      get(server, {
        url: new URL('/a', server.url),
        headers: { authorization: 'Basic eA==' },
      }),
    );
    expect(response.url.href).toBe(`${server.url}/c`);
    await readBody(response, 100);
    expect(server.headers.map(h => h.authorization)).toEqual([
      'Basic eA==',
      'Basic eA==',
    ]);
    expect(otherServer.headers[0].authorization).toBeUndefined();
  });

  it.each([
    [undefined, /usable Location/],
    ['http://[bad', /usable Location/],
    ['http://user:pw@127.0.0.1/', /credentials/],
    ['file:///etc/passwd', /only https/],
    ['https://169.254.169.254/latest?token=1', /private/],
    ['http://169.254.169.254/latest?token=1', /Plain http/],
    ['/again', /more than 5 times/],
  ])('refuses Location %s', async (location, message) => {
    const { server, transport } = await serve((_, response) => {
      response.writeHead(302, location ? { location } : {}).end();
    });
    const error = await requestFollowingRedirects(transport, get(server)).catch(
      e => e,
    );
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('token=');
    expect(server.requests.length).toBeLessThanOrEqual(6);
  });
});

(certificates ? describe : describe.skip)('over TLS', () => {
  it('trusts a private CA for its host only, and keeps TLS connections', async () => {
    const server = await TestServer.start(
      (_, response) => response.end('ok'),
      certificates,
    );
    const trusting = createHttpTransport({
      hosts: [{ host: server.host, ca: certificates?.ca }],
    });
    const doubting = createHttpTransport({ hosts: [{ host: server.host }] });
    closers.push(
      () => trusting.close(),
      () => doubting.close(),
      () => server.stop(),
    );
    for (let count = 0; count < 5; count++) {
      expect(await text(trusting, get(server))).toBe('ok');
    }
    expect(server.connections).toBe(1);
    await expect(doubting.request(get(server))).rejects.toMatchObject({
      category: 'tls',
    });
  });

  it('takes up the session of a host with a private CA again', async () => {
    const reused: boolean[] = [];
    const server = await TestServer.start(({ socket }, response) => {
      reused.push(socket instanceof TLSSocket && socket.isSessionReused());
      response.setHeader('connection', 'close').end('ok');
    }, certificates);
    const transport = createHttpTransport({
      hosts: [{ host: server.host, ca: certificates?.ca }],
    });
    closers.push(
      () => transport.close(),
      () => server.stop(),
    );
    for (let count = 0; count < 3; count++) {
      expect(await text(transport, get(server))).toBe('ok');
    }
    expect(reused).toEqual([false, true, true]);
  });

  it('trusts a private CA behind a proxy too', async () => {
    const server = await TestServer.start(
      (_, response) => response.end('ok'),
      certificates,
    );
    const proxy = createServer().on('connect', ({ url }, socket) => {
      const target = connect(Number(url?.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        pipeline(socket, target, socket, () => {});
      });
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    closers.push(
      () => server.stop(),
      () => {
        proxy.close();
      },
    );
    const host = JSON.stringify(server.host);
    const answers = await runBehindProxy(
      proxy,
      `
      const ask = async ca => {
        const transport = createHttpTransport({ hosts: [{ host: ${host}, ca }] });
        return transport.request({ method: 'GET', url: new URL('https://' + ${host}) })
          .then(async r => r.status + ' ' + await readBody(r, 99), e => e.category);
      };
      const ca = ${JSON.stringify(certificates?.ca)};
      return [await ask(ca), await ask(undefined), await ask(ca)];`,
    );
    expect(answers).toEqual(['200 ok', 'tls', '200 ok']);
  }, 30_000);

  it('never goes from https to http', async () => {
    const plain = await TestServer.start((_, response) => response.end());
    const server = await TestServer.start((_, response) => {
      response.writeHead(302, { location: plain.url }).end();
    }, certificates);
    const transport = createHttpTransport({
      hosts: [
        { host: server.host, ca: certificates?.ca },
        { host: plain.host, insecure: true },
      ],
    });
    closers.push(
      () => transport.close(),
      () => server.stop(),
      () => plain.stop(),
    );
    await expect(
      requestFollowingRedirects(transport, get(server)),
    ).rejects.toThrow(/away from https/);
    expect(plain.requests).toEqual([]);
  });
});

it('goes through the proxy of the environment, checks names, and reports 407', async () => {
  const target = await TestServer.start((_, response) => response.end('ok'));
  const tunnels: string[] = [];
  const proxy = createServer((request, response) => {
    tunnels.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? '');
    if (url.pathname === '/denied') {
      response.writeHead(407).end();
      return;
    }
    const socket = connect(Number(target.host.split(':')[1]), '127.0.0.1');
    socket.write(
      `GET ${url.pathname} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    );
    socket.pipe(response.socket ?? socket);
  });
  proxy.on('connect', () => {}); // never answers
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => target.stop(),
    () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  );
  const answers = await runBehindProxy(
    proxy,
    `
    const transport = createHttpTransport({ hosts: [{ host: 'registry.example', insecure: true }] });
    const ask = url => transport.request({ method: 'GET', url: new URL(url) })
      .then(async r => r.status + ' ' + await readBody(r, 99), e => e.category);
    const answers = [];
    const silent = new URL('https://registry.example/');
    answers.push(await transport.request({ method: 'GET', url: silent, connectTimeout: 200 }).catch(e => e.category));
    answers.push(await transport.request({ method: 'GET', url: silent, signal: AbortSignal.timeout(200) }).catch(e => e.category));
    for (const url of ['http://registry.example/a', 'http://registry.example/denied', 'https://127.0.0.1/', 'https://foo.localhost/'])
      answers.push(await ask(url));
    transport.close();
    return answers;`,
  );
  expect(answers).toEqual([
    'timeout',
    'timeout',
    '200 ok',
    '407 ',
    'refused-address',
    'refused-address',
  ]);
  expect(tunnels).toEqual([
    'GET http://registry.example/a',
    'GET http://registry.example/denied',
  ]);
}, 30_000);

describe('what is left behind', () => {
  it.each([
    ['that is read', (response: ServerResponse) => response.end('ok')],
    ['that breaks off', (response: ServerResponse) => response.destroy()],
  ])('no listener on the signal after an answer %s', async (_, answer) => {
    const { server, transport } = await serve((__, response) =>
      answer(response),
    );
    const { signal } = new AbortController();
    for (let round = 0; round < 3; round++) {
      await text(transport, get(server, { signal })).catch(() => {});
    }
    await new Promise(setImmediate);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('no request whose body fails before there is an answer', async () => {
    const { server, transport } = await serve(() => {});
    const failing = async function* failing() {
      yield Buffer.from('a');
      throw new Error('the disk is gone');
    };
    await expect(
      transport.request({ ...get(server), method: 'POST', body: failing() }),
    ).rejects.toThrow('the disk is gone');
  });
});

const describeWithTls = certificates ? describe : describe.skip;

describeWithTls('certificates', () => {
  it('trusts NODE_EXTRA_CA_CERTS beside the ca of a host', async () => {
    const other = createCertificates();
    const server = await TestServer.start(
      (_, response) => response.end('ok'),
      certificates,
    );
    const folder = mkdtempSync(join(tmpdir(), 'image-scan-extra-'));
    closers.push(
      () => server.stop(),
      () => rmSync(folder, { recursive: true }),
    );
    const extra = join(folder, 'extra.pem');
    writeFileSync(extra, certificates?.ca ?? '');
    const script = `
      const { createHttpTransport, readBody } = require(${JSON.stringify(
        join(__dirname, 'index.ts'),
      )});
      const transport = createHttpTransport({
        hosts: [{ host: ${JSON.stringify(server.host)}, ca: ${JSON.stringify(
      other?.ca,
    )} }],
      });
      transport
        .request({ method: 'GET', url: new URL('https://${server.host}/') })
        .then(async r => String(await readBody(r, 99)), e => e.category)
        .then(answer => { console.log(answer); transport.close(); });`;
    const ask = async (file: string | undefined) => {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [
          '-r',
          require.resolve('@backstage/cli/config/nodeTransform.cjs'),
          '-e',
          script,
        ],
        { env: { ...process.env, NO_PROXY: '*', NODE_EXTRA_CA_CERTS: file } },
      );
      return stdout.trim();
    };
    expect(await ask(extra)).toBe('ok');
    expect(await ask(undefined)).toBe('tls');
    expect(await ask(join(folder, 'missing.pem'))).toBe('tls');
  }, 60_000);
});

it.each(['http://user@x.example/', 'http://:pw@x.example/'])(
  'refuses a redirect to %s, with half of a pair in it',
  async location => {
    const { server, transport } = await serve((_, response) => {
      response.writeHead(302, { location }).end();
    });
    await expect(
      requestFollowingRedirects(transport, get(server)),
    ).rejects.toThrow('to a URL with credentials');
  },
);
