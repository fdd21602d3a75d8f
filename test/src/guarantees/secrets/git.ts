import type { IncomingMessage, ServerResponse } from 'node:http';
import { broughtBy, echoOf, inHeader } from './echo';
import { isFullRun } from '../guaranteeScale';

type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  echo: string,
) => void;

function packet(line: string | Buffer): Buffer {
  const data = Buffer.from(line);
  const length = (data.length + 4).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length), data]);
}

const flush = Buffer.from('0000');

function text(status: number, headers: Record<string, string> = {}): Answer {
  return (_, response, echo) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers });
    response.end(echo);
  };
}

function redirect(to: (echo: string, path: string) => string): Answer {
  return (request, response) => {
    const [value = ''] = broughtBy(request).values;
    const location = to(inHeader(value), request.url ?? '/');
    response.writeHead(301, { location }).end();
  };
}

function git(service: string, body: (echo: string) => Buffer): Answer {
  return (_, response, echo) => {
    response.writeHead(200, { 'content-type': `application/x-${service}` });
    response.end(body(echo.slice(0, 60_000)));
  };
}

/** A look at the remote that fails, by the name of the repository. */
export const failingLooks: Record<string, Answer> = {
  'look-400': text(400),
  'look-401': text(401, { 'www-authenticate': 'Basic realm="git"' }),
  'look-403': text(403),
  'look-404': text(404),
  'look-500': text(500),
  'look-503': text(503, { 'retry-after': '3600' }),
  'look-content-type': (_, response, echo) => {
    response.writeHead(200, { 'content-type': inHeader(echo).slice(0, 4000) });
    response.end();
  },
  'look-html': text(403, { 'content-type': 'text/html' }),
  'look-redirect-path': redirect(
    (echo, path) => `http://127.0.0.1:1/${echo}${path}`,
  ),
  'look-redirect-userinfo': redirect(
    (echo, path) => `http://${encodeURIComponent(echo)}@127.0.0.1:1${path}`,
  ),
  'look-redirect-web': redirect(echo => `/login?next=${echo}`),
  'look-redirect-twice': (request, response) => {
    const [value = ''] = broughtBy(request).values;
    if (request.url?.startsWith('/again/')) {
      text(403)(request, response, echoOf(broughtBy(request)));
      return;
    }
    const location = `/again/${inHeader(value)}${request.url}`;
    response.writeHead(301, { location }).end();
  },
  'look-err': git('git-upload-pack-advertisement', echo =>
    Buffer.concat([
      packet('# service=git-upload-pack\n'),
      flush,
      packet(`ERR ${echo}\n`),
      flush,
    ]),
  ),
  'look-garbage': git('git-upload-pack-advertisement', echo =>
    Buffer.from(echo),
  ),
  'look-bad-object': git('git-upload-pack-advertisement', echo =>
    Buffer.concat([
      packet('# service=git-upload-pack\n'),
      flush,
      packet(`${echo.slice(0, 1000)} HEAD\n`),
      flush,
    ]),
  ),
  'look-cut': (_, response, echo) => {
    response.writeHead(200, {
      'content-type': 'application/x-git-upload-pack-advertisement',
      'content-length': '100000',
    });
    response.write(echo);
    response.destroy();
  },
  'look-no-http': (request, _, echo) => {
    request.socket.end(`${echo}\r\n\r\n`);
  },
  // Ended by the client's own clock, which takes a minute.
  ...(isFullRun && {
    'look-silent': (_, response, echo) => {
      response.writeHead(200, { 'x-echo': inHeader(echo).slice(0, 4000) });
      response.write(echo);
    },
  }),
};

/** A fetch that fails after a good look: the POST to git-upload-pack. */
export const failingFetches: Record<string, Answer> = {
  'fetch-403': text(403),
  'fetch-err': git('git-upload-pack-result', echo =>
    Buffer.concat([packet(`ERR ${echo}\n`), flush]),
  ),
  'fetch-band-3': git('git-upload-pack-result', echo =>
    Buffer.concat([
      packet('packfile\n'),
      packet(`\u0002${echo}\n`),
      packet(`\u0003${echo}\n`),
      flush,
    ]),
  ),
  'fetch-broken-pack': git('git-upload-pack-result', echo =>
    Buffer.concat([
      packet('packfile\n'),
      packet(`\u0001PACK${echo}`),
      packet(`\u0002${echo}\n`),
      flush,
    ]),
  ),
};

/** A push that fails: the POST to git-receive-pack. */
export const failingPushes: Record<string, Answer> = {
  'push-403': text(403),
  'push-500': text(500),
  'push-err': git('git-receive-pack-result', echo =>
    Buffer.concat([packet(`ERR ${echo}\n`), flush]),
  ),
  'push-band-3': git('git-receive-pack-result', echo =>
    Buffer.concat([packet(`\u0003${echo}\n`), flush]),
  ),
  'push-unpack': report(echo => [`unpack ${echo}\n`, 'ng refs/heads/main x\n']),
  'push-ng': report(echo => ['unpack ok\n', `ng refs/heads/main ${echo}\n`]),
  'push-unsaid': report(echo => ['unpack ok\n', `ok refs/heads/${echo}\n`]),
};

function report(lines: (echo: string) => string[]): Answer {
  return git('git-receive-pack-result', echo => {
    const inner = Buffer.concat([...lines(echo).map(packet), flush]);
    return Buffer.concat([
      // What hooks print for people.
      packet(`\u0002${echo}\n`),
      packet(Buffer.concat([Buffer.from([1]), inner])),
      flush,
    ]);
  });
}

/**
 * Answers in the place of a git server that asks for credentials, where the
 * repository's name says so; to be its `intercept`.
 */
export function answerBadly(
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { method, url = '' } = request;
  const name = /([\w-]+)\.git\//.exec(url)?.[1] ?? '';
  const isPush = url.endsWith('git-receive-pack');
  const answers = [
    failingLooks,
    ...(method === 'POST' && !isPush ? [failingFetches] : []),
    ...(method === 'POST' && isPush ? [failingPushes] : []),
  ];
  const answer = answers.map(table => table[name]).find(Boolean);
  const brought = broughtBy(request);
  // Servers ask for credentials before they say anything else.
  if (!answer || (brought.values.length === 0 && !url.startsWith('/again/'))) {
    return false;
  }
  request.resume();
  answer(request, response, echoOf(brought));
  return true;
}
