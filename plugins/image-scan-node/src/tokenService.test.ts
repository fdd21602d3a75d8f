import { cleanTokenServiceText, tokenWithin } from './tokenService';

const KEY = `-----BEGIN KEY-----\n${'k'.repeat(300)}\n`;

const CONFIG = {
  type: 'bitbucketCloud',
  integrationConfig: {
    host: 'bitbucket.org',
    clientId: 'client-1',
    clientSecret: 's3cret+of/the=client',
    credentials: [{ tenantId: 'tenant', personalAccessToken: 'pat-1' }],
    privateKey: KEY,
  },
};

const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

const signed = [
  base64url('{"alg":"RS256","typ":"JWT"}'),
  base64url('{"iss":1,"exp":1700000000}'),
  base64url('signature of the token, of many bytes'),
].join('.');

describe('cleanTokenServiceText', () => {
  it.each([
    ['a secret', 's3cret+of/the=client'],
    ['a secret in a list', 'pat-1'],
    ['a secret of a form', encodeURIComponent('s3cret+of/the=client')],
    ['a pair', base64('client-1:s3cret+of/the=client')],
    ['a pair without a name', base64(':pat-1')],
    ['a key', KEY],
    ['a signed token', signed],
    ['a token of an installation', `ghs_${'a1B2'.repeat(9)}`],
  ])('hides %s', (_, secret) => {
    const text = cleanTokenServiceText(`denied to ${secret} here`, CONFIG);
    expect(text.replace(/[=.]+/g, '')).toMatch(/^denied to (?:\*\*\*)+ here$/);
  });

  it('leaves what helps', () => {
    const text =
      'No app installation found for platform-engineering in 12345 at https://ghe.example.com/api/v3/app/installations (status 404), client-1';
    expect(cleanTokenServiceText(text, CONFIG)).toBe(text);
  });
});

describe('tokenWithin', () => {
  it('waits for a token, and not for ever', async () => {
    await expect(tokenWithin(Promise.resolve('t'), 'a.corp')).resolves.toBe(
      't',
    );
    const failing = Promise.reject(new Error('no'));
    await expect(tokenWithin(failing, 'a.corp')).rejects.toThrow('no');
    await expect(
      tokenWithin(new Promise(() => {}), 'a.corp', 20),
    ).rejects.toThrow('a.corp gave no token in 0.02 s');
  });
});
