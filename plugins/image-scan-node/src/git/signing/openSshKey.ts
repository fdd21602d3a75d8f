import { createPrivateKey } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { InputError } from '@backstage/errors';
import { SshReader } from './sshWire';

const ARMOUR =
  /^-----BEGIN OPENSSH PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END OPENSSH PRIVATE KEY-----$/;

const MAGIC = 'openssh-key-v1\0';

/** Of `ecdsa-sha2-NAME`, and how many bytes each of its numbers has. */
const CURVES = new Map([
  ['nistp256', { crv: 'P-256', size: 32 }],
  ['nistp384', { crv: 'P-384', size: 48 }],
  ['nistp521', { crv: 'P-521', size: 66 }],
]);

const CONVERT =
  'take the passphrase off a copy with ssh-keygen -p -N "" -f COPY';

export function isOpenSshKey(text: string): boolean {
  return text.includes('BEGIN OPENSSH PRIVATE KEY');
}

/**
 * Reads a private key in OpenSSH's own form (PROTOCOL.key of OpenSSH), which Node cannot.
 *
 * @throws InputError with the second half of a sentence, which quotes nothing of the key
 */
export function readOpenSshKey(text: string): KeyObject {
  const base64 = ARMOUR.exec(text.trim())?.[1];
  if (base64 === undefined) {
    throw new InputError('has not all lines of an OpenSSH private key');
  }
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    throw new InputError('is no OpenSSH private key; it may have been cut');
  }
  const reader = new SshReader(bytes.subarray(MAGIC.length));
  const cipher = reader.text();
  if (cipher !== 'none') {
    throw new InputError(
      `is an OpenSSH private key with a passphrase, which cannot be read; ${CONVERT}, or give an ECDSA or RSA key the form PKCS#8, with its passphrase, with ssh-keygen -p -m PKCS8 -f COPY`,
    );
  }
  reader.text(); // kdfname
  reader.string(); // kdfoptions
  if (reader.uint32() !== 1) {
    throw new InputError('holds several keys; give one');
  }
  reader.string(); // the public key, which the private one has too
  const inner = new SshReader(reader.string());
  const [check, again] = [inner.uint32(), inner.uint32()];
  if (check !== again) {
    throw new InputError('is damaged');
  }
  return createPrivateKey({ key: readKey(inner), format: 'jwk' });
}

function readKey(reader: SshReader): JsonWebKey {
  const type = reader.text();
  if (type === 'ssh-ed25519') {
    const x = reader.string();
    const seed = reader.string().subarray(0, 32);
    return { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(seed) };
  }
  if (type === 'ssh-rsa') {
    return readRsaKey(reader);
  }
  const curve = CURVES.get(type.replace(/^ecdsa-sha2-/, ''));
  if (!curve) {
    throw new InputError(
      `is of the type ${JSON.stringify(
        type.slice(0, 50),
      )}; use ssh-ed25519, ecdsa-sha2-nistp256, -384 or -521, or ssh-rsa`,
    );
  }
  const { crv, size } = curve;
  reader.text(); // its name again
  const point = reader.string(); // 4, x, y
  const d = reader.string();
  return {
    kty: 'EC',
    crv,
    x: url(point.subarray(1, 1 + size)),
    y: url(point.subarray(1 + size)),
    d: url(Buffer.concat([Buffer.alloc(size), d]).subarray(-size)),
  };
}

function readRsaKey(reader: SshReader): JsonWebKey {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () =>
    withoutZeros(reader.string()),
  );
  // What OpenSSH leaves out, as it follows from the others.
  const remainder = (prime: Buffer) =>
    ofNumber(toNumber(d) % (toNumber(prime) - 1n));
  return {
    kty: 'RSA',
    ...{ n: url(n), e: url(e), d: url(d), p: url(p), q: url(q), qi: url(qi) },
    dp: url(remainder(p)),
    dq: url(remainder(q)),
  };
}

function withoutZeros(bytes: Buffer): Buffer {
  const start = bytes.findIndex(byte => byte !== 0);
  return start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex') || '0'}`);
}

function ofNumber(number: bigint): Buffer {
  const digits = number.toString(16);
  return Buffer.from(
    digits.padStart(digits.length + (digits.length % 2), '0'),
    'hex',
  );
}

function url(bytes: Buffer): string {
  return bytes.toString('base64url');
}
