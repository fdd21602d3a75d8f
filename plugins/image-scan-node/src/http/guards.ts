import type { ClientRequest } from 'node:http';
import { HttpError } from './HttpError';
import type { HttpRequest } from './exchange';

const DEFAULT_CONNECT_TIMEOUT = 10_000;
export const DEFAULT_IDLE_TIMEOUT = 30_000;
const MOST_INTERIM_ANSWERS = 20;

/** Ends a request that has no connection in time; returns what stops the clock. */
export function guardConnecting(
  request: HttpRequest,
  sent: ClientRequest,
  fail: (error: HttpError) => void,
): () => void {
  const { url, connectTimeout = DEFAULT_CONNECT_TIMEOUT } = request;
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
    socket.setTimeout(request.idleTimeout ?? DEFAULT_IDLE_TIMEOUT);
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
    if (interim > MOST_INTERIM_ANSWERS) {
      fail(
        new HttpError(
          'invalid-response',
          `${url.host} sent more than ${MOST_INTERIM_ANSWERS} interim answers (1xx) and no other`,
        ),
      );
    }
  });
}
