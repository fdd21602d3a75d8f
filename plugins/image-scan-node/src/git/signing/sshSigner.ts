import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as signCallback,
} from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { InputError } from '@backstage/errors';
import type { CommitSigner } from './CommitSigner';
import { isOpenSshKey, readOpenSshKey } from './openSshKey';
import { sshNumber, sshString, uint32 } from './sshWire';

const sign = promisify(signCallback);

const MAGIC = 'SSHSIG';
const VERSION = 1;
/** What git signs for, so that a signature counts nowhere else. */
const NAMESPACE = 'git';
const HASH = 'sha512';
const COLUMNS = 70;

/** Shorter ones can be broken; longer ones take longer than anybody waits. */
const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;

/** How a kind of key is written and signs. */
interface SshKey {
  /** The public key in SSH's form. */
  publicKey: Buffer;
  type: string;
  sign(data: Buffer): Promise<{ algorithm: string; signature: Buffer }>;
}

/**
 * Signs commits with a private SSH key as `ssh-keygen -Y sign` does (PROTOCOL.sshsig of
 * OpenSSH).
 *
 * @param privateKey - ed25519, ECDSA or RSA (2048 bits at least); in OpenSSH's form
 * without a passphrase, else as PEM, such as PKCS#8
 * @param passphrase - of PEM
 * @throws InputError with the second half of a sentence, which quotes nothing of the key
 * @public
 */
export function readSshSigner(
  privateKey: string,
  passphrase?: string,
): CommitSigner {
  const key = toSshKey(readPrivateKey(privateKey, passphrase));
  const hash = createHash('sha256').update(key.publicKey).digest('base64');
  return {
    fingerprint: `SHA256:${hash.replace(/=+$/, '')}`,
    publicKey: `${key.type} ${key.publicKey.toString('base64')}`,
    sign: async commit => armour(await signatureOf(key, commit)),
  };
}

function readPrivateKey(
  text: string,
  passphrase: string | undefined,
): KeyObject {
  if (/BEGIN PGP/.test(text)) {
    throw new InputError(
      'is an OpenPGP key; commits are signed with an SSH key, which ssh-keygen -t ed25519 makes',
    );
  }
  if (/^(?:ssh-|ecdsa-)|BEGIN (?:SSH2 )?PUBLIC KEY/.test(text.trim())) {
    throw new InputError(
      'is a public key; the private one is in the file without .pub',
    );
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new InputError(
      'is no private key; it begins with -----BEGIN OPENSSH PRIVATE KEY----- or -----BEGIN PRIVATE KEY-----',
    );
  }
  if (!/[\r\n]/.test(text.trim())) {
    throw new InputError(
      'has lost its line breaks; read it from a file with sshPrivateKey: {$file: ./key}',
    );
  }
  if (isOpenSshKey(text)) {
    return readOpenSshKey(text);
  }
  const isEncrypted = /BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (isEncrypted && !passphrase) {
    throw new InputError('is encrypted; write its passphrase beside it');
  }
  try {
    return createPrivateKey({ key: text, passphrase });
  } catch {
    // In words of OpenSSL's that help nobody.
    throw new InputError(
      isEncrypted
        ? 'cannot be read; its passphrase may be another'
        : 'cannot be read; it may have been cut',
    );
  }
}

function toSshKey(key: KeyObject): SshKey {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  switch (key.asymmetricKeyType) {
    case 'ed25519':
      return {
        type: 'ssh-ed25519',
        publicKey: Buffer.concat([
          sshString('ssh-ed25519'),
          sshString(numberOf(jwk, 'x')),
        ]),
        sign: async data => ({
          algorithm: 'ssh-ed25519',
          signature: await sign(null, data, key),
        }),
      };
    case 'ec':
      return ecdsaKey(key, jwk);
    case 'rsa':
      return rsaKey(key, jwk);
    default:
      throw new InputError(
        `is of the kind ${key.asymmetricKeyType}; use ed25519, ECDSA or RSA`,
      );
  }
}

/** By the curve's name in a JWK: that of SSH, and the hash that goes with it. */
const CURVES: Readonly<
  Partial<Record<string, { name: string; hash: string }>>
> = {
  'P-256': { name: 'nistp256', hash: 'sha256' },
  'P-384': { name: 'nistp384', hash: 'sha384' },
  'P-521': { name: 'nistp521', hash: 'sha512' },
};

function ecdsaKey(key: KeyObject, jwk: JsonWebKey): SshKey {
  const curve = CURVES[jwk.crv ?? ''];
  if (!curve) {
    throw new InputError(
      `is on the curve ${jwk.crv}; use P-256, P-384 or P-521, or an ed25519 key`,
    );
  }
  const type = `ecdsa-sha2-${curve.name}`;
  const point = Buffer.concat([
    Buffer.of(4),
    numberOf(jwk, 'x'),
    numberOf(jwk, 'y'),
  ]);
  return {
    type,
    publicKey: Buffer.concat([type, curve.name, point].map(sshString)),
    sign: async data => {
      const both = await sign(curve.hash, data, {
        key,
        dsaEncoding: 'ieee-p1363',
      });
      const half = both.length / 2;
      return {
        algorithm: type,
        signature: Buffer.concat([
          sshNumber(both.subarray(0, half)),
          sshNumber(both.subarray(half)),
        ]),
      };
    },
  };
}

function rsaKey(key: KeyObject, jwk: JsonWebKey): SshKey {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) {
    throw new InputError(
      `is an RSA key of ${bits} bits; use ${LEAST_RSA_BITS} to ${MOST_RSA_BITS}, or an ed25519 key`,
    );
  }
  return {
    type: 'ssh-rsa',
    publicKey: Buffer.concat([
      sshString('ssh-rsa'),
      sshNumber(numberOf(jwk, 'e')),
      sshNumber(numberOf(jwk, 'n')),
    ]),
    sign: async data => ({
      algorithm: 'rsa-sha2-512',
      signature: await sign('sha512', data, key),
    }),
  };
}

function numberOf(jwk: JsonWebKey, name: 'x' | 'y' | 'e' | 'n'): Buffer {
  return Buffer.from(jwk[name] ?? '', 'base64url');
}

async function signatureOf(key: SshKey, content: Buffer): Promise<Buffer> {
  const digest = createHash(HASH).update(content).digest();
  const { algorithm, signature } = await key.sign(
    Buffer.concat([
      Buffer.from(MAGIC),
      ...[NAMESPACE, '', HASH, digest].map(sshString),
    ]),
  );
  return Buffer.concat([
    Buffer.from(MAGIC),
    uint32(VERSION),
    ...[key.publicKey, NAMESPACE, '', HASH].map(sshString),
    sshString(Buffer.concat([sshString(algorithm), sshString(signature)])),
  ]);
}

function armour(signature: Buffer): string {
  const base64 = signature.toString('base64');
  const lines = base64.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [];
  return [
    '-----BEGIN SSH SIGNATURE-----',
    ...lines,
    '-----END SSH SIGNATURE-----',
    '',
  ].join('\n');
}
