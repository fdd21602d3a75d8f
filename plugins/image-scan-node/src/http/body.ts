import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HttpError } from './HttpError';
import type { HttpRequest, HttpResponse } from './HttpTransport';
import { PieceList } from './PieceList';

/**
 * The body of a message, decoded. An encoding that was not asked for is an error
 * of the body alone, so that the status can still be told.
 */
export async function* openBody(
  message: IncomingMessage,
  { url, acceptGzip, method }: HttpRequest,
  toError: (error: unknown) => HttpError,
): AsyncGenerator<Buffer> {
  const encoding = (message.headers['content-encoding'] ?? 'identity')
    .trim()
    .toLowerCase();
  let source: Readable = message;
  if (acceptGzip && (encoding === 'gzip' || encoding === 'x-gzip')) {
    source = pipeline(message, createGunzip(), () => {
      // The error is thrown where the output is read.
    });
  } else if (encoding !== 'identity' && encoding !== '' && method !== 'HEAD') {
    message.destroy();
    throw new HttpError(
      'invalid-response',
      `${url.host} answered in a content encoding that was not asked for`,
    );
  }
  try {
    for await (const chunk of source) {
      yield chunk;
    }
  } catch (error) {
    throw toError(error);
  }
}

/**
 * Reads a body to its end. Decoded bytes count.
 *
 * @param maxBytes - more than this is an `HttpError` `too-large`, found early
 *   from Content-Length where there is one; the connection is then given up
 * @public
 */
export async function readBody(
  response: HttpResponse,
  maxBytes: number,
): Promise<Buffer> {
  const tooLarge = () => {
    response.discard();
    return new HttpError(
      'too-large',
      `${response.url.host} gave an answer that is larger than ${maxBytes} bytes`,
    );
  };
  const announced = Number(response.headers['content-length']);
  const pieces = new PieceList();
  for await (const chunk of response.body) {
    if (pieces.size + chunk.length > maxBytes || announced > maxBytes) {
      throw tooLarge();
    }
    pieces.add(chunk);
  }
  return pieces.join();
}
