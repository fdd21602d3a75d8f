// Needs: openssl
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './findProgram';
import { checkProvided } from './provided';

/** For `describeWith`. */
export function noOpenssl(): string | false {
  checkProvided('openssl');
  return !findProgram('openssl') && 'openssl is not installed';
}

/** PEM texts of a private CA and of a server certificate that it signed. */
export interface Certificates {
  ca: string;
  key: string;
  cert: string;
}

const keyOptions =
  '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256'.split(' ');

/**
 * Makes a private CA and a certificate that it signed, with the `openssl` command.
 *
 * @param options - `names` as openssl writes subject alternative names, by default
 *   those of this machine; `days` of the certificate, negative for one that has
 *   expired
 */
export function createCertificates({
  names = 'DNS:localhost,IP:127.0.0.1',
  days = 2,
} = {}): Certificates {
  checkProvided('openssl');
  const folder = mkdtempSync(join(tmpdir(), 'image-scan-tls-'));
  const openssl = (command: string, ...more: string[]) =>
    execFileSync('openssl', [...command.split(' '), ...more], {
      cwd: folder,
      stdio: 'pipe',
    });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    openssl(
      'req -x509 -keyout ca.key -out ca.pem -days 2 -subj',
      '/CN=Image Scan Test CA',
      ...keyOptions,
    );
    openssl(
      'req -keyout server.key -out server.csr -subj /CN=localhost',
      ...keyOptions,
    );
    writeFileSync(join(folder, 'extensions'), `subjectAltName=${names}\n`);
    openssl(
      `x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days ${days} -sha256 -extfile extensions -out server.pem`,
    );
    return {
      ca: read('ca.pem'),
      key: read('server.key'),
      cert: read('server.pem'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
