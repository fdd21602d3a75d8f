import { cleanRemoteText, secretsOfHeader } from './remoteText';

const SECRET = 'p/a"s s+w<ö>r\\d&{1}=^~😀';

describe('cleanRemoteText', () => {
  it('is one line without colours, control and direction characters', () => {
    expect(
      cleanRemoteText(
        '\u001b[1;31merror:\u001b[0m no\r\n\tway\u0000 \u202egnp.exe\u2028end\n',
        [],
      ),
    ).toBe('error: no way gnp.exe end');
  });

  it.each([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
    [
      'in JSON of ASCII',
      JSON.stringify(SECRET)
        .slice(1, -1)
        .replace(
          /[^ -~]/g,
          unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
    ],
    ['in a URL component', encodeURIComponent(SECRET)],
    ['in a URL in a URL', encodeURIComponent(encodeURIComponent(SECRET))],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(SECRET)).slice(3, -3)],
    ['in JSON in a URL', encodeURI(JSON.stringify(SECRET).slice(1, -1))],
    ['in a path', encodeURI(SECRET)],
    ['in a form', new URLSearchParams([['', SECRET]]).toString().slice(1)],
    [
      'in HTML',
      SECRET.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`),
    ],
    ['in HTML with names', SECRET.replace(/&/g, '&amp;').replace(/</g, '&lt;')],
    ['in base64', Buffer.from(SECRET).toString('base64')],
    ['in base64 of URLs', Buffer.from(SECRET).toString('base64url')],
    [
      'in lines of base64',
      Buffer.from(SECRET)
        .toString('base64')
        .replace(/.{5}/g, line => `${line}\n`),
    ],
    ['in colours', SECRET.replace('s+w', 's\u001b[31m+\u001b[0mw')],
    ['with more blanks', SECRET.replace(' ', '\r\n ')],
    ['in other letters', SECRET.toUpperCase()],
  ])('hides a secret %s', (_, echoed) => {
    const text = cleanRemoteText(`>> ${echoed} << and ${echoed}.`, [SECRET]);
    expect(text.replace(/=+/g, '')).toBe('>> *** << and ***.');
  });

  it('hides the longer of two secrets of which one begins the other', () => {
    expect(cleanRemoteText('token-1234', ['token', 'token-1234'])).toBe('***');
    expect(cleanRemoteText('x $e.cret y', ['$e.cret', 'x', ''])).toBe(
      'x *** y',
    );
  });

  it('shows nothing of a secret that it cuts in two', () => {
    for (let blanks = 4060; blanks < 4100; blanks += 1) {
      const text = `no${' '.repeat(blanks)}${encodeURI(SECRET)}`;
      expect(cleanRemoteText(text, [SECRET])).toMatch(
        /^(?:no(?: \*\*\*)?)?…?$/,
      );
    }
  });

  it('shows the beginning of a long text in spite of a long secret', () => {
    const token = 'abcdefghij'.repeat(100);
    const text = `denied ${'x '.repeat(5000)}${token}`;
    expect(cleanRemoteText(text, [token])).toMatch(/^denied (?:x )+x?…$/);
  });

  it('shows neither credentials nor the query of a URL', () => {
    expect(
      cleanRemoteText(
        'at https://u:p@ss@cdn/x@1?X-Amz-Signature=abc&y=1, ssh://t@h or "http://y#frag"',
        [],
      ),
    ).toBe('at https://***@cdn/x@1 ssh://***@h or "http://y"');
  });

  it('takes at most 1 KiB and splits no character', () => {
    const line = cleanRemoteText('ü'.repeat(2000), []);
    expect(line).toMatch(/^ü+…$/);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1024);
  });

  it('takes no time for hostile texts', () => {
    const started = process.cpuUsage();
    for (const text of ['http://', 'a', '\\', ' ', '%70', '&#', 'p/a"s ']) {
      cleanRemoteText(text.repeat(1_000_000), [SECRET, 'aaaaaaaaab', 'http']);
    }
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(5_000);
  });
});

describe('secretsOfHeader', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it.each([
    ['bot', `Basic ${base64(`bot:${SECRET}`)}`],
    [
      'a-token-as-user-name',
      `basic ${base64(`a-token-as-user-name:${SECRET}`)}`,
    ],
  ])('hides all of what signs in as %s', (username, header) => {
    const secrets = secretsOfHeader(header);
    for (const echo of [
      header,
      header.replace(/=+$/, '').replace(/\+/g, '-').replace(/\//g, '_'),
      `${username}:${SECRET}`,
      Buffer.from(`${username}:${SECRET}`).toString('base64url'),
    ]) {
      const text = cleanRemoteText(`> ${echo} <`, secrets).replace(/=+/g, '');
      expect(text).toMatch(/^> (?:basic )?\*\*\* <$/i);
    }
    expect(cleanRemoteText(`no ${username}`, secrets)).toBe(
      username === 'bot' ? 'no bot' : 'no ***',
    );
  });

  it('hides a token', () => {
    expect(cleanRemoteText('no abcdef', secretsOfHeader('Bearer abcdef'))).toBe(
      'no ***',
    );
    expect(cleanRemoteText('a bearer', secretsOfHeader('Bearer abcdef'))).toBe(
      'a bearer',
    );
  });
});
