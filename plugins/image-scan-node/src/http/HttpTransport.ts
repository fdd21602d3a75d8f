import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { isError } from '@backstage/errors';
import type { HostOptions } from '../types';
import { AgentPool } from './AgentPool';
import type { Connector } from './AgentPool';
import type { HttpRequest, HttpResponse, HttpTransport } from './exchange';
import { HttpError, reasonOf, toHttpError } from './HttpError';
import { openBody } from './body';
import { DEFAULT_IDLE_TIMEOUT, guardAnswer, guardConnecting } from './guards';

/** @public */
export interface HttpTransportOptions {
  /** Hosts that differ from the defaults; being listed allows a private address. */
  hosts?: readonly HostOptions[];
  userAgent?: string;
}

/** A kept connection that was closed before anything was answered on it. */
export class StaleConnectionError extends HttpError {}

/**
 * How many kept connections may turn out to be closed for one request: a firewall
 * that forgets them forgets all of them.
 */
const MOST_STALE_CONNECTIONS = 8;

/**
 * A transport over `node:http` and `node:https` that keeps connections alive
 * (fetch closes them after every HEAD), refuses addresses that are not public
 * unless their host is listed, and speaks plain http only to hosts listed as
 * insecure. Proxies come from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
 *
 * @public
 */
export function createHttpTransport(
  options: HttpTransportOptions = {},
): HttpTransport {
  const pool = new AgentPool(options.hosts);
  const userAgent = options.userAgent ?? 'backstage-plugin-image-scan';
  return {
    async request(request) {
      const headers = {
        'user-agent': userAgent,
        'accept-encoding': request.acceptGzip ? 'gzip' : 'identity',
        ...request.headers,
      };
      const connector = await pool.connectorFor(request.url);
      for (let stale = 0; ; stale++) {
        try {
          return await exchange({ ...request, headers }, connector);
        } catch (error) {
          const again =
            error instanceof StaleConnectionError &&
            stale < MOST_STALE_CONNECTIONS &&
            mayBeRepeated(request);
          if (!again) {
            throw error;
          }
        }
      }
    },
    close: () => pool.close(),
  };
}

function exchange(
  request: HttpRequest,
  connector: Connector,
): Promise<HttpResponse> {
  const { url, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal, url.host));
      return;
    }
    let sent: ClientRequest;
    try {
      sent = open(request, connector);
    } catch (error) {
      // A header that cannot be sent, such as one with a line break.
      reject(
        new HttpError(
          'invalid-response',
          `${url.host} could not be sent the request: ${reasonOf(error)}`,
          error,
        ),
      );
      return;
    }
    // The first reason counts: what the stream says after it is its echo.
    let failure: HttpError | undefined;
    let responded = false;
    const cleanups: (() => void)[] = [];
    const release = () => cleanups.forEach(cleanup => cleanup());
    const fail = (error: HttpError) => {
      failure ??= error;
      sent.destroy(failure);
      // Without a socket, as while a proxy is silent, nothing else tells of it.
      reject(failure);
      release();
    };
    const onAbort = () => signal && fail(abortError(signal, url.host));
    signal?.addEventListener('abort', onAbort, { once: true });
    cleanups.push(guardConnecting(request, sent, fail), () =>
      signal?.removeEventListener('abort', onAbort),
    );
    sent.on('timeout', () => fail(idleError(request)));
    guardAnswer(request, sent, fail);
    sent.on('close', () => {
      release();
      if (!responded) {
        // Nothing is waited for without a connection, whatever was or was not said.
        reject(failure ?? closedError(url.host));
      }
    });
    sent.on('error', error => {
      // What is wrong with the bytes of a body is told here; the body itself
      // would only say that it was aborted.
      failure ??=
        (responded ? undefined : staleConnection(request, sent, error)) ??
        toHttpError(error, url.host);
      reject(failure);
      if (!responded) {
        release();
      }
    });
    sent.on('response', (message: IncomingMessage) => {
      responded = true;
      resolve(
        toResponse(
          request,
          message,
          error => failure ?? toHttpError(error, url.host),
        ),
      );
    });
    // A server may answer, and close, before it has read the whole body.
    sendBody(request, sent, error => responded || fail(error));
  });
}

function open(
  request: HttpRequest,
  { agent, secureContext }: Connector,
): ClientRequest {
  const { url } = request;
  const options: RequestOptions & Pick<Connector, 'secureContext'> = {
    method: request.method,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || undefined,
    path: `${url.pathname}${url.search}`,
    headers: request.headers,
    agent,
    timeout: request.idleTimeout ?? DEFAULT_IDLE_TIMEOUT,
    ...(secureContext ? { secureContext } : {}),
  };
  return url.protocol === 'https:'
    ? httpsRequest(options)
    : httpRequest(options);
}

function sendBody(
  request: HttpRequest,
  sent: ClientRequest,
  fail: (error: HttpError) => unknown,
): void {
  if (request.body === undefined || Buffer.isBuffer(request.body)) {
    sent.end(request.body);
    return;
  }
  pipeline(Readable.from(request.body), sent, error => {
    if (error) {
      fail(toHttpError(error, request.url.host));
    }
  });
}

/** Asking once more is safe for what changes nothing. */
function mayBeRepeated({ method, body, isRepeatable }: HttpRequest): boolean {
  const isKept = body === undefined || Buffer.isBuffer(body);
  return (
    isKept && (isRepeatable === true || method === 'GET' || method === 'HEAD')
  );
}

// A server may close an idle connection at the moment it is used again.
function staleConnection(
  { url }: HttpRequest,
  sent: ClientRequest,
  error: Error,
): HttpError | undefined {
  const code = 'code' in error ? error.code : undefined;
  const reset = code === 'ECONNRESET' || code === 'EPIPE';
  return reset && sent.reusedSocket
    ? new StaleConnectionError(
        'unreachable',
        `${url.host} closed the connection`,
        error,
      )
    : undefined;
}

function toResponse(
  request: HttpRequest,
  message: IncomingMessage,
  toError: (error: unknown) => HttpError,
): HttpResponse {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) {
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
  // A message that nobody reads yet may break off; whoever reads it is told.
  message.on('error', () => {});
  return {
    url: request.url,
    status: message.statusCode ?? 0,
    headers,
    body: openBody(message, request, toError),
    discard: () => {
      if (request.method === 'HEAD' || headers['content-length'] === '0') {
        message.resume(); // nothing will come, so the connection can be kept
      } else {
        message.destroy();
      }
    },
  };
}

function closedError(host: string): HttpError {
  return new HttpError(
    'unreachable',
    `${host} closed the connection without an answer`,
  );
}

function idleError({ url, idleTimeout = DEFAULT_IDLE_TIMEOUT }: HttpRequest) {
  return new HttpError(
    'timeout',
    `${url.host} was silent for ${idleTimeout / 1000} s`,
  );
}

function abortError(signal: AbortSignal, host: string): HttpError {
  const { reason } = signal;
  if (isError(reason) && reason.name === 'TimeoutError') {
    return new HttpError('timeout', `${host} took too long`, reason);
  }
  return new HttpError('aborted', `The request to ${host} was aborted`, reason);
}
