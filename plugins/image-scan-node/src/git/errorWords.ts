import { HttpError } from '../http';
import type { HttpResponse } from '../http';

const MAX_ERROR_BYTES = 16 * 1024;

/**
 * The beginning of an error's body; a web page has nothing to say.
 *
 * @param signal - ends the work that it belongs to; where the time is over, what has
 *   come is enough
 */
export async function readErrorWords(
  response: HttpResponse,
  signal: AbortSignal | undefined,
): Promise<string> {
  const contentType = response.headers['content-type'] ?? '';
  if (/html/i.test(contentType)) {
    response.discard();
    return '';
  }
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ERROR_BYTES) {
        response.discard();
        break;
      }
    }
  } catch (error) {
    // The status says more than a body that breaks off.
    if (!(error instanceof HttpError) || signal?.aborted) {
      throw error;
    }
  }
  return Buffer.concat(chunks).toString();
}
