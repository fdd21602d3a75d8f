import type { MessagePort } from 'node:worker_threads';
import type { HttpClient } from 'isomorphic-git';
import { parseAdvertisement, throwRemoteError } from '../advertisement';
import { GitUnreachableError, RemoteFailureError } from '../errors';
import type { GitService } from '../GitHttp';
import { flushPacket, framed, lineText, readPackets } from '../pktLine';
import { checkPack, takePack } from './checkPack';
import {
  MAX_PACK_BYTES,
  MAX_PUSH_BYTES,
  MAX_WORDS_BYTES,
  tooLarge,
} from './limits';
import type { FromWorker, ToWorker } from './messages';

/** What the transport on the other side failed with; it has the error itself. */
export class RemoteFailure extends Error {}

/** @see createPortHttp */
export interface PortHttp extends HttpClient {
  /** Bytes of the largest object that was fetched, unpacked. */
  readonly largestObject: number;
}

/** Where a pack goes. Its bytes are not valid any longer than that takes. */
export type StorePack = (pack: Buffer) => Promise<void>;

/**
 * The `http` of isomorphic-git, over a port: the other side knows the URL, the
 * credentials and what may be reached. Answers are checked before they go on.
 *
 * @param storePack - gets each pack; isomorphic-git is answered as if there were none,
 * because it would hold the pack three times at once
 */
export function createPortHttp(
  port: MessagePort,
  remote: string,
  storePack: StorePack,
): PortHttp {
  let largestObject = 0;
  const waiting = new Map<number, (message: ToWorker) => void>();
  let requests = 0;
  port.on('message', (message: ToWorker) => waiting.get(message.id)?.(message));

  const ask = (message: FromWorker & { id: number }): Promise<ToWorker> =>
    new Promise(done => {
      waiting.set(message.id, done);
      port.postMessage(message);
    });

  async function exchange(
    service: GitService,
    body: Uint8Array | undefined,
  ): Promise<Buffer> {
    const id = (requests += 1);
    // Takes no memory before it is written to.
    const content = Buffer.allocUnsafeSlow(answerLimit(service, body));
    let length = 0;
    let answer = await ask({ type: 'request', id, service, body });
    while (answer.type === 'piece') {
      content.set(answer.piece, length);
      length += answer.piece.length;
      answer = await ask({ type: 'pull', id });
    }
    waiting.delete(id);
    if (answer.type === 'broken') {
      throw new RemoteFailure(answer.message);
    }
    return content.subarray(0, length);
  }

  return {
    get largestObject() {
      return largestObject;
    },
    async request({ url, method = 'GET', body }) {
      const service: GitService = url.includes('git-receive-pack')
        ? 'git-receive-pack'
        : 'git-upload-pack';
      const isLook = method === 'GET';
      const answer = await exchange(
        service,
        isLook ? undefined : await join(body),
      );
      let content = once(answer);
      if (isLook) {
        // One that is cut short would pass for an empty repository.
        parseAdvertisement(answer, remote, asSaid);
      } else {
        throwRefusal(answer, remote);
        if (service === 'git-upload-pack') {
          const { lines, pack } = takePack(answer, remote);
          if (pack.length > 0) {
            largestObject = await checkPack(pack, remote);
            await storePack(pack);
          }
          content = once(Buffer.concat([...lines.map(framed), flushPacket]));
        }
      }
      const kind = isLook ? 'advertisement' : 'result';
      return {
        url,
        method,
        statusCode: 200,
        statusMessage: 'OK',
        headers: { 'content-type': `application/x-${service}-${kind}` },
        body: content,
      };
    },
  };
}

/** A server's words, until the other side takes out the credentials, which it knows. */
function asSaid(words: string): string {
  return words;
}

/** Where a server says in its answer that it does not go on; isomorphic-git passes over it. */
function throwRefusal(answer: Buffer, remote: string): void {
  for (const next of readPackets(answer, remote)) {
    if (next.kind === 'data' && next.data[0] === 3) {
      const words = lineText(next.data.subarray(1));
      throw new RemoteFailureError(`${remote} failed: ${words}`);
    }
    if (next.kind === 'data' && next.data[0] > 3) {
      throwRemoteError(lineText(next.data), remote, asSaid);
    }
  }
}

/** The most that the answer to a request may have. */
export function answerLimit(
  service: GitService,
  body: Uint8Array | undefined,
): number {
  return service === 'git-upload-pack' && body
    ? MAX_PACK_BYTES
    : MAX_WORDS_BYTES;
}

async function join(
  body: AsyncIterable<Uint8Array> | undefined,
): Promise<Uint8Array> {
  if (!body) {
    throw new GitUnreachableError('A request to a git server has no content');
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > MAX_PUSH_BYTES) {
      throw tooLarge('What is pushed has', MAX_PUSH_BYTES, 'bytes');
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield content;
}
