import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpTransport, type HttpTransport } from '../http';
import { GitTimeoutError } from './errors';
import { GitHttp } from './GitHttp';
import { HttpGitRemote } from './HttpGitRemote';

const TIMEOUT_MS = 400;

describe('GitHttp', () => {
  let server: Server;
  let transport: HttpTransport;
  let url: URL;
  let open = 0;
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    open = 0;
    server = createServer((_, response) => {
      open += 1;
      response.on('close', () => {
        open -= 1;
      });
      answer(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    url = new URL(`http://127.0.0.1:${port}/repo.git`);
    transport = createHttpTransport({
      hosts: [{ host: url.host, insecure: true }],
    });
  });

  afterEach(async () => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });

  const request = { service: 'git-upload-pack', maxBytes: 1_000_000 } as const;

  const begin = (response: ServerResponse) =>
    response.writeHead(200, {
      'content-type': 'application/x-git-upload-pack-advertisement',
    });

  /** What an exchange brings, with the pieces before its end. */
  async function take(http: GitHttp, pieces: string[] = []): Promise<string[]> {
    for await (const piece of http.stream(request)) {
      pieces.push(piece.toString());
    }
    return pieces;
  }

  it('ends an answer that drips, also while it is taken piece by piece', async () => {
    answer = response => {
      begin(response);
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    };
    const http = new GitHttp({ url, transport, timeout: TIMEOUT_MS });
    const pieces: string[] = [];
    const taken = take(http, pieces);
    await expect(taken).rejects.toThrow(GitTimeoutError);
    await expect(taken).rejects.toThrow('took longer than 0.4 s');
    expect(pieces.length).toBeGreaterThan(2);
    await expect(http.advertisement(request)).rejects.toThrow(GitTimeoutError);
    while (open > 0) {
      await sleep(20);
    }
  });

  it('counts the time until the last piece was taken', async () => {
    answer = response => begin(response).end('x'.repeat(500_000));
    const http = new GitHttp({ url, transport, timeout: TIMEOUT_MS });
    const slow = async () => {
      for await (const piece of http.stream(request)) {
        expect(piece.length).toBeGreaterThan(0);
        await sleep(2 * TIMEOUT_MS);
      }
    };
    await expect(slow()).rejects.toThrow(GitTimeoutError);
  });

  it('lets go of the time with the answer', async () => {
    answer = response => begin(response).end('whole');
    const outer = new AbortController();
    const http = new GitHttp({
      url,
      transport,
      timeout: TIMEOUT_MS,
      signal: outer.signal,
    });
    await expect(take(http)).resolves.toEqual(['whole']);
    for await (const piece of http.stream(request)) {
      expect(piece.toString()).toBe('whole');
      break;
    }
    answer = response => begin(response);
    const stopped = take(http);
    outer.abort();
    await expect(stopped).rejects.toMatchObject({ category: 'aborted' });
  });

  it('gives a push as many times the time of one exchange as it may need', () => {
    const remote = { url: 'https://git.example.com/repo', transport };
    const limit = (timeout?: number) =>
      new HttpGitRemote({ ...remote, timeout }).pushLimit;
    expect(limit()).toBe(10 * 60_000);
    expect(limit(3_600_000)).toBe(5 * 3_600_000);
  });
});
