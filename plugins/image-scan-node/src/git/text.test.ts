import { cleanRemoteText } from './text';

describe('cleanRemoteText', () => {
  it('is one line without colours, control and direction characters', () => {
    expect(
      cleanRemoteText(
        '\u001b[1;31merror:\u001b[0m no\r\n\tway\u0000 \u202egnp.exe\u2028end\n',
        [],
      ),
    ).toBe('error: no way gnp.exe end');
  });

  it('hides secrets', () => {
    expect(cleanRemoteText('x $e.cret y $e.cret', ['$e.cret'])).toBe(
      'x *** y ***',
    );
  });

  it('takes at most 1 KiB and splits no character', () => {
    const line = cleanRemoteText('ü'.repeat(2000), []);
    expect(line).toMatch(/^ü+…$/);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1024);
  });
});
