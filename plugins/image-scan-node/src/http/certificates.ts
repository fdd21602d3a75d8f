import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';

/**
 * What Node trusts where nothing else is said: its own roots or the system's, and those
 * of `NODE_EXTRA_CA_CERTS`. A `ca` given to TLS replaces all of them, so whoever adds to
 * them has to give these as well.
 */
export function defaultCertificates(): readonly string[] {
  // From Node 22.15 on.
  if (
    'getCACertificates' in tls &&
    typeof tls.getCACertificates === 'function'
  ) {
    const certificates: readonly string[] = tls.getCACertificates('default');
    return certificates;
  }
  return [...tls.rootCertificates, ...extraCertificates()];
}

function extraCertificates(): string[] {
  const file = process.env.NODE_EXTRA_CA_CERTS;
  if (!file) {
    return [];
  }
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    // Node has warned of it at its start, and goes on without it too.
    return [];
  }
}
