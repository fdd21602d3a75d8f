import type { ClientRequest } from 'node:http';
import { HttpError } from './HttpError';
import type { HttpRequest } from './exchange';

const defaultConnectTimeout = 10_000;
export const defaultIdleTimeout = 30_000;
const mostInterimAnswers = 20;

/** Ends a request that has no connection in time; returns what stops the clock. */
export function guardConnecting(
  request: HttpRequest,
  sent: ClientRequest,
  fail: (error: HttpError) => void,
): () => void {
  const { url, connectTimeout = defaultConnectTimeout } = request;
  const timer = setTimeout(
    () =>
      fail(
        new HttpError(
          'timeout',
          `${url.host} accepted no connection within ${
            connectTimeout / 1000
          } s`,
        ),
      ),
    connectTimeout,
  );
  const clear = () => clearTimeout(timer);
  sent.once('socket', socket => {
    // A kept socket may still have the shorter time the Agent gave it while idle.
    socket.setTimeout(request.idleTimeout ?? defaultIdleTimeout);
    if (sent.reusedSocket) {
      clear();
    } else if (url.protocol === 'https:') {
      socket.once('secureConnect', clear);
    } else if (socket.connecting) {
      socket.once('connect', clear);
    } else {
      clear();
    }
  });
  sent.once('response', clear);
  return clear;
}

/**
 * Ends a request whose server goes on with something else than an answer:
 * another protocol, of which Node would tell nobody, or interim answers without
 * end, which would keep it busy up to the deadline.
 */
export function guardAnswer(
  { url }: HttpRequest,
  sent: ClientRequest,
  fail: (error: HttpError) => void,
): void {
  sent.on('upgrade', (_, socket) => {
    // Node has let go of the socket, and its error would end the process.
    socket.on('error', () => {});
    fail(
      new HttpError(
        'invalid-response',
        `${url.host} switched to another protocol, which was not asked for`,
      ),
    );
  });
  let interim = 0;
  sent.on('information', () => {
    interim += 1;
    if (interim > mostInterimAnswers) {
      fail(
        new HttpError(
          'invalid-response',
          `${url.host} sent more than ${mostInterimAnswers} interim answers (1xx) and no other`,
        ),
      );
    }
  });
}
