import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { HttpResponse } from '.';
import { readBody } from '.';

function respond(body: AsyncIterable<Buffer>): HttpResponse {
  return {
    url: new URL('https://r.example/'),
    status: 200,
    headers: {},
    body,
    discard: () => {},
  };
}

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

it('keeps the bytes of a body that comes byte by byte, and not its pieces', async () => {
  const count = 50_000;
  const before = heapInUse();
  let grown = 0;
  async function* pieces() {
    const bytes = Buffer.from('0123456789');
    for (let at = 0; at < count; at++) {
      yield bytes.subarray(at % 10, (at % 10) + 1);
    }
    grown = heapInUse() - before;
  }
  const body = await readBody(respond(pieces()), count);
  expect(body.toString()).toBe('0123456789'.repeat(count / 10));
  // As pieces they would take five MB.
  expect(grown).toBeLessThan(1_000_000);
  await expect(readBody(respond(pieces()), count - 1)).rejects.toMatchObject({
    category: 'too-large',
  });
});
