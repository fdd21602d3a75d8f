/*
 * The registries of the load test, in a process of their own, so that what they
 * cost is not counted as the backend's: hosts that behave, many that are silent,
 * and one of each other kind of host that does not behave. The parent asks by
 * message and is answered by message.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { LoadHosts, LoadReport } from './loadRegistries';

const GOOD_HOSTS = 6;
const HANGING_HOSTS = 150;
const FEW_TAGS = Array.from({ length: 20 }, (_, minor) => `1.${minor}.0`);
const MANY_TAGS = Array.from({ length: 100_000 }, (_, patch) => `1.0.${patch}`);
const PAGE_SIZE = 1_000;
const SLOW_BYTE_MS = 200;

/** Short enough to be waited for inside of a scan, so that it costs a place. */
const RETRY_AFTER_SECONDS = 3;

const report: LoadReport = {
  answered: 0,
  hanging: 0,
  trickling: 0,
  refused: 0,
  pages: 0,
};

const pages = Array.from({ length: MANY_TAGS.length / PAGE_SIZE }, (_, page) =>
  JSON.stringify({
    tags: MANY_TAGS.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE),
  }),
);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const answerDigest: Answer = (_, response) => {
  response.writeHead(200, {
    'content-type': 'application/vnd.oci.image.manifest.v1+json',
    'content-length': 1_000,
    'docker-content-digest': `sha256:${'a'.repeat(64)}`,
  });
  response.end();
};

const behave: Answer = (request, response) => {
  if (request.method === 'HEAD') {
    report.answered += 1;
    answerDigest(request, response);
  } else {
    sendJson(response, JSON.stringify({ tags: FEW_TAGS }));
  }
};

const hang: Answer = (_, response) => {
  report.hanging += 1;
  response.on('close', () => {
    report.hanging -= 1;
  });
};

const refuse: Answer = (_, response) => {
  report.refused += 1;
  response.writeHead(429, { 'retry-after': `${RETRY_AFTER_SECONDS}` }).end();
};

const listMany: Answer = (request, response) => {
  if (request.method === 'HEAD') {
    answerDigest(request, response);
    return;
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const page = Number(url.searchParams.get('page') ?? 0);
  report.pages += 1;
  if (page + 1 < pages.length) {
    response.setHeader(
      'link',
      `<${url.pathname}?page=${page + 1}>; rel="next"`,
    );
  }
  sendJson(response, pages[page]);
};

const trickle: Answer = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"tags":["');
  const timer = setInterval(() => response.write('1'), SLOW_BYTE_MS);
  report.trickling += 1;
  response.on('close', () => {
    clearInterval(timer);
    report.trickling -= 1;
  });
};

function sendJson(response: ServerResponse, body: string): void {
  response.setHeader('content-type', 'application/json');
  response.end(body);
}

async function listen(answer: Answer): Promise<string> {
  const server: Server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('A TCP server has an address with a port');
  }
  return `127.0.0.1:${address.port}`;
}

function listenMany(count: number, answer: Answer): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => listen(answer)));
}

async function main(): Promise<void> {
  const hosts: LoadHosts = {
    good: await listenMany(GOOD_HOSTS, behave),
    hanging: await listenMany(HANGING_HOSTS, hang),
    refusing: await listen(refuse),
    large: await listen(listMany),
    slow: await listen(trickle),
  };
  process.on('message', () => process.send?.({ report }));
  process.on('disconnect', () => process.exit());
  process.send?.({ hosts });
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
