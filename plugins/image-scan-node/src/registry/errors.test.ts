import { registryWords } from './errors';

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
