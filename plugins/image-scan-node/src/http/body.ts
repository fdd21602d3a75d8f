import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createUnzip } from 'node:zlib';
import { HttpError } from './HttpError';
import type { HttpRequest, HttpResponse } from './exchange';
import { PieceList } from './PieceList';

/** What an encoding that was not asked for may grow to, as a multiple of its bytes. */
const MOST_GROWTH = 100;
/** Up to here it may grow as it likes. */
const HARMLESS = 256 * 1024;

/**
 * The body of a message, decoded. gzip and deflate are undone also where nobody asked
 * for them, as some proxies send them to everybody, but not where they grow as no honest
 * answer does. Any other encoding is an error of the body alone, so that the status can
 * still be told.
 */
export function openBody(
  message: IncomingMessage,
  request: HttpRequest,
  toError: (error: unknown) => HttpError,
): AsyncGenerator<Buffer> {
  const encodings = encodingsOf(message);
  return encodings.length === 0 || request.method === 'HEAD'
    ? chunksOf(message, toError)
    : decoded(message, encodings, request, toError);
}

async function* decoded(
  message: IncomingMessage,
  encodings: readonly string[],
  { url, acceptGzip }: HttpRequest,
  toError: (error: unknown) => HttpError,
): AsyncGenerator<Buffer> {
  const unasked = (more: string) => {
    message.destroy();
    return new HttpError(
      'invalid-response',
      `${url.host} answered in a content encoding that was not asked for${more}`,
    );
  };
  if (encodings.length > 1 || !/^(?:(?:x-)?gzip|deflate)$/.test(encodings[0])) {
    throw unasked('');
  }
  const isAsked = acceptGzip === true && encodings[0] !== 'deflate';
  const decoder = pipeline(message, createUnzip(), () => {
    // The error is thrown where the output is read.
  });
  let size = 0;
  for await (const chunk of chunksOf(decoder, toError)) {
    size += chunk.length;
    if (
      !isAsked &&
      size > HARMLESS &&
      size > MOST_GROWTH * decoder.bytesWritten
    ) {
      throw unasked(`, and in it more than ${MOST_GROWTH} times its bytes`);
    }
    yield chunk;
  }
}

function encodingsOf({ headers }: IncomingMessage): string[] {
  return (headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map(encoding => encoding.trim())
    .filter(encoding => encoding !== '' && encoding !== 'identity');
}

async function* chunksOf(
  source: Readable,
  toError: (error: unknown) => HttpError,
): AsyncGenerator<Buffer> {
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
