import { HttpError } from '../http';
import { toHttpError } from '../http/HttpError';
import {
  fromHttpError,
  fromStatus,
  registryError,
  registryWords,
} from './errors';
import { parseImageReference } from './imageReference';

const own = parseImageReference('registry.example:5000/team/app');
const hub = parseImageReference('nginx');

describe('the message of a RegistryError', () => {
  it('names the host of the image once', () => {
    const answer = { status: 500, words: 'down' };
    const host = 'registry.example:5000';
    expect(fromStatus(own, { ...answer, host }).message).toBe(
      'registry.example:5000/team/app: the registry answered 500: down',
    );
    expect(
      fromHttpError(own, new HttpError('timeout', `${host} was silent`))
        .message,
    ).toBe('registry.example:5000/team/app: the registry was silent');
  });

  it('names a host that is another than that of the image', () => {
    const answer = { status: 404, words: '' };
    for (const [image, host, message] of [
      [
        hub,
        'registry-1.docker.io',
        'index.docker.io/library/nginx: registry-1.docker.io answered 404 (not found)',
      ],
      [
        own,
        'registry.example',
        'registry.example:5000/team/app: registry.example answered 404 (not found)',
      ],
      [
        own,
        'registry.example:50001',
        'registry.example:5000/team/app: registry.example:50001 answered 404 (not found)',
      ],
    ] as const) {
      expect(fromStatus(image, { ...answer, host }).message).toBe(message);
    }
  });

  it('does not repeat what its cause says, and has it', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), {
      code: 'ECONNRESET',
    });
    const failed = toHttpError(reset, 'cdn.example');
    expect(failed.message).toBe(
      'cdn.example could not be reached: read ECONNRESET',
    );
    expect(failed.cause).toBe(reset);
    const error = fromHttpError(own, failed);
    expect(error.message).toBe(
      'registry.example:5000/team/app: cdn.example could not be reached: read ECONNRESET',
    );
    expect(error.cause).toBe(failed);
    expect(registryError(own, 'denied', 'no')).toMatchObject({
      cause: undefined,
    });
  });
});

const words = (
  text: string,
  type = 'application/json',
  secrets: string[] = [],
) => registryWords(Buffer.from(text), type, secrets);

describe('registryWords', () => {
  it.each([
    [
      '{"errors":[{"code":"DENIED","message":"no access","detail":{"x":1}},{"code":"X"}]}',
      'DENIED: no access; X',
    ],
    [
      '{"details":"incorrect username or password"}',
      'incorrect username or password',
    ],
    [
      '{"error":"invalid_grant","error_description":"expired"}',
      'invalid_grant: expired',
    ],
    ['{"errors":{"a":1}}', ''],
    ['[1]', ''],
    ['null', ''],
    ['<html>x</html>', ''],
    ['', ''],
  ])('%s', (body, expected) => {
    expect(words(body)).toBe(expected);
  });

  it('keeps plain text, on one line and at most 1 KiB', () => {
    expect(words('slow\r\n\u001b[31mdown\u202e', 'text/plain')).toBe(
      'slow down',
    );
    expect(words('<p>', 'text/html')).toBe('');
    const long = words('x'.repeat(5000), 'text/plain');
    expect(Buffer.byteLength(long)).toBe(1024);
  });

  it('shows neither secrets nor the query of a URL', () => {
    const text =
      'geheim at https://cdn/x?X-Amz-Signature=abc&y=1 or http://y#frag';
    expect(words(text, 'text/plain', ['geheim'])).toBe(
      '*** at https://cdn/x or http://y',
    );
  });
});
