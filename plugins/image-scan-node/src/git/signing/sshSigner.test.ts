import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toCommit } from '../commitObject';
import { readSshSigner } from './sshSigner';

const AUTHOR = { name: 'Bot ü', email: 'bot@example.com' };
const PASSPHRASE = 'pass phrase';

let directory: string;
let keys = 0;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'image-scan-signing-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function run(command: string, args: string[], input?: Buffer): Buffer {
  return execFileSync(command, args, {
    input,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
    },
  });
}

/** A key that ssh-keygen made: its private part and its path. */
function sshKey(
  type: string,
  options: { bits?: string; passphrase?: string; form?: string } = {},
): { text: string; path: string } {
  const { bits, passphrase = '', form } = options;
  keys += 1;
  const path = join(directory, `key${keys}`);
  run('ssh-keygen', [
    ...['-q', '-t', type, '-N', passphrase, '-C', 'bot', '-f', path],
    ...(bits ? ['-b', bits] : []),
    ...(form ? ['-m', form] : []),
  ]);
  return { text: readFileSync(path, 'utf8'), path };
}

const KINDS: [string, string, string | undefined][] = [
  ['ed25519', 'ed25519', undefined],
  ['ECDSA P-256', 'ecdsa', '256'],
  ['ECDSA P-384', 'ecdsa', '384'],
  ['ECDSA P-521', 'ecdsa', '521'],
  ['RSA', 'rsa', '2048'],
];

/** A repository with a commit of ours in it, and what git says of its signature. */
async function verify(
  signer: ReturnType<typeof readSshSigner>,
  allowed: string,
  message = 'Update\n\ngpgsig no\r\n -----BEGIN\n',
): Promise<{ oid: string; repository: string; said: string }> {
  const repository = join(directory, `repository${keys}-${Math.random()}`);
  mkdirSync(repository);
  run('git', ['-C', repository, 'init', '-q', '--bare']);
  const git = (args: string[], input?: Buffer) =>
    run('git', ['-C', repository, ...args], input)
      .toString()
      .trim();
  const tree = git(['mktree'], Buffer.alloc(0));
  const parent = git([
    ...['-c', 'user.name=x', '-c', 'user.email=x'],
    ...['commit-tree', '-m', 'first', tree],
  ]);
  const commit = await toCommit(
    { files: new Map(), message, author: AUTHOR, time: new Date(1.7e12) },
    tree,
    parent,
    signer,
  );
  const oid = git(
    ['hash-object', '-t', 'commit', '-w', '--stdin'],
    commit.content,
  );
  expect(oid).toBe(commit.oid);
  git(['fsck', '--strict', oid]);
  const allowedFile = join(repository, 'allowed');
  writeFileSync(allowedFile, `${AUTHOR.email} ${allowed}\n`);
  const said = git([
    ...['-c', `gpg.ssh.allowedSignersFile=${allowedFile}`],
    ...['log', '-1', '--format=%G? %GS %GF', oid],
  ]);
  run('git', [
    ...['-C', repository, '-c', `gpg.ssh.allowedSignersFile=${allowedFile}`],
    ...['verify-commit', oid],
  ]);
  return { oid, repository, said };
}

describe.each(KINDS)('%s', (_, type, bits) => {
  it('in OpenSSH form signs commits that git verifies', async () => {
    const { text, path } = sshKey(type, { bits });
    const signer = readSshSigner(text);
    const publicKey = readFileSync(`${path}.pub`, 'utf8');
    expect(`${signer.publicKey} bot\n`).toBe(publicKey);
    expect(run('ssh-keygen', ['-l', '-f', path]).toString()).toContain(
      ` ${signer.fingerprint} `,
    );
    const { said } = await verify(signer, publicKey);
    expect(said).toBe(`G ${AUTHOR.email} ${signer.fingerprint}`);
  });

  it.each(['', PASSPHRASE])(
    'as PEM with the passphrase "%s"',
    async passphrase => {
      const { privateKey } = pemOf(type, bits, passphrase);
      const signer = readSshSigner(privateKey, passphrase || undefined);
      const { said } = await verify(signer, signer.publicKey);
      expect(said).toMatch(/^G /);
    },
  );
});

function pemOf(type: string, bits: string | undefined, passphrase: string) {
  const options = {
    publicKeyEncoding: { type: 'spki' as const, format: 'pem' as const },
    privateKeyEncoding: {
      type: 'pkcs8' as const,
      format: 'pem' as const,
      ...(passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}),
    },
  };
  if (type === 'ed25519') {
    return generateKeyPairSync('ed25519', options);
  }
  return type === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048, ...options })
    : generateKeyPairSync('ec', { namedCurve: `P-${bits}`, ...options });
}

const CONTENT = Buffer.from('some commit\n');

function signedBySsh(path: string): string {
  return run(
    'ssh-keygen',
    ['-q', '-Y', 'sign', '-n', 'git', '-f', path],
    CONTENT,
  ).toString();
}

it.each([
  ['ed25519', undefined],
  ['rsa', '2048'],
])('signs with %s as ssh-keygen does', async (type, bits) => {
  const { text, path } = sshKey(type, { bits });
  const ours = await readSshSigner(text).sign(CONTENT);
  expect(ours).toBe(signedBySsh(path));
});

it('signs with ECDSA another way each time', async () => {
  const signer = readSshSigner(sshKey('ecdsa', { bits: '256' }).text);
  expect(await signer.sign(CONTENT)).not.toBe(await signer.sign(CONTENT));
});

it('reads what ssh-keygen converts to PKCS#8', async () => {
  const { text } = sshKey('rsa', {
    bits: '2048',
    passphrase: PASSPHRASE,
    form: 'PKCS8',
  });
  const signer = readSshSigner(text, PASSPHRASE);
  expect((await verify(signer, signer.publicKey)).said).toMatch(/^G /);
});

it('does not verify what was changed, or signed by another', async () => {
  const { text } = sshKey('ed25519');
  const { path } = sshKey('ed25519');
  const signer = readSshSigner(text);
  const other = readFileSync(`${path}.pub`, 'utf8');
  await expect(verify(signer, other)).rejects.toThrow();
  const cheat = { ...signer, sign: () => signer.sign(Buffer.from('another')) };
  await expect(verify(cheat, signer.publicKey)).rejects.toThrow();
});

it('keeps every byte of a message under its signature', async () => {
  const signer = readSshSigner(sshKey('ed25519').text);
  for (const message of [
    'a\r\n\r\n\n\nb\n\n',
    'ü\u2028 🚀',
    '\ngpgsig x\n y',
  ]) {
    const { oid, repository } = await verify(
      signer,
      signer.publicKey,
      `x${message}`,
    );
    const raw = run('git', ['-C', repository, 'cat-file', 'commit', oid]);
    const end = message.endsWith('\n') ? '' : '\n';
    expect(raw.toString().endsWith(`\n\nx${message}${end}`)).toBe(true);
  }
});

describe('a key that cannot be used', () => {
  it.each<[string, () => string, RegExp]>([
    ['nothing', () => 'x', /is no private key; it begins with/],
    [
      'a public one',
      () => readFileSync(`${sshKey('ed25519').path}.pub`, 'utf8'),
      /is a public key/,
    ],
    [
      'one with a passphrase in OpenSSH form',
      () => sshKey('ed25519', { passphrase: PASSPHRASE }).text,
      /with a passphrase.*ssh-keygen -p -N ""/,
    ],
    [
      'an encrypted one without its passphrase',
      () => pemOf('ed25519', undefined, PASSPHRASE).privateKey,
      /is encrypted; write its passphrase/,
    ],
    [
      'one of OpenPGP',
      () => '-----BEGIN PGP PRIVATE KEY BLOCK-----\n',
      /ssh-keygen -t ed25519/,
    ],
    [
      'one in one line',
      () => sshKey('ed25519').text.replaceAll('\n', '\\n'),
      /lost its line breaks.*\$file/,
    ],
    [
      'one that was cut',
      () =>
        sshKey('ed25519').text.replace(
          /(KEY-----\n[^\n]+\n)[^]*(-----END)/,
          '$1$2',
        ),
      /may have been cut/,
    ],
    [
      'one without its end',
      () => sshKey('ed25519').text.split('-----END')[0],
      /has not all lines/,
    ],
    [
      'PEM that was cut',
      () => pemOf('rsa', undefined, '').privateKey.replace(/\n[^-]{200}/, '\n'),
      /may have been cut/,
    ],
    [
      'a short RSA key',
      () =>
        generateKeyPairSync('rsa', {
          modulusLength: 1024,
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        }).privateKey,
      /RSA key of 1024 bits; use 2048/,
    ],
    [
      'a curve that SSH has not',
      () =>
        generateKeyPairSync('ec', {
          namedCurve: 'secp256k1',
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        }).privateKey,
      /curve secp256k1; use P-256/,
    ],
    [
      'a kind that SSH has not',
      () =>
        generateKeyPairSync('x25519', {
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        }).privateKey,
      /kind x25519; use ed25519/,
    ],
  ])('is %s', (_, text, message) => {
    expect(() => readSshSigner(text())).toThrow(message);
  });

  it('is one with another passphrase', () => {
    const { privateKey } = pemOf('rsa', undefined, PASSPHRASE);
    expect(() => readSshSigner(privateKey, 'other')).toThrow(
      /its passphrase may be another/,
    );
  });
});
