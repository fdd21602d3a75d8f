import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { HttpError } from './HttpError';

// Private, shared, local, documentation and reserved ranges of the IANA
// special-purpose registries, plus 168.63.129.16, where Azure serves machine metadata from a
// public address.
const refusedIPv4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  refusedIPv4.addSubnet(network, prefix, 'ipv4');
}

const refusedIPv6 = new BlockList();
for (const [network, prefix] of [
  ['::', 96], // unspecified, loopback and the old IPv4-compatible form
  ['::ffff:0:0:0', 96], // IPv4-translated
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32], // Teredo, may lead to any IPv4 address
  ['2001:2::', 48],
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4, as well
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  refusedIPv6.addSubnet(network, prefix, 'ipv6');
}

/**
 * Whether an IP address may be reached without an operator listing its host:
 * false for private, loopback, link-local, metadata, multicast and reserved
 * addresses, in IPv6 also for forms that carry such an IPv4 address, and for
 * text that is no IP address.
 *
 * @public
 */
export function isPublicAddress(address: string): boolean {
  const bare = address.replace(/%.*$/s, '');
  switch (isIP(bare)) {
    case 4:
      return !refusedIPv4.check(bare, 'ipv4');
    case 6: {
      const embedded = embeddedIPv4(bare);
      return embedded
        ? !refusedIPv4.check(embedded, 'ipv4')
        : !refusedIPv6.check(bare, 'ipv6');
    }
    default:
      return false;
  }
}

/** The IPv4 address in an IPv4-mapped (`::ffff:a.b.c.d`) or NAT64 (`64:ff9b::a.b.c.d`) one. */
function embeddedIPv4(address: string): string | undefined {
  // The URL parser writes every IPv6 address in one way: hexadecimal, compressed.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const match =
    /^(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/.exec(
      canonical,
    ) ?? (canonical === '64:ff9b::' ? ['', '0', '0'] : undefined);
  if (!match) {
    return undefined;
  }
  const [high, low] = [match[1] ?? '0', match[2]].map(part =>
    Number.parseInt(part, 16),
  );
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * Whether a host name stands for this machine or a metadata service whatever
 * the resolver says. Used where nothing but the name can be checked.
 */
export function isLocalName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, '');
  return /(^|\.)localhost$/.test(name) || name === 'metadata.google.internal';
}

/** The refusal of an address, in words that name the setting which allows it. */
export function refusedAddress(host: string): HttpError {
  return new HttpError(
    'refused-address',
    `${host} is a private, local or reserved address, which is only reached for hosts that the configuration lists`,
  );
}

/**
 * A `lookup` for sockets that drops every address which is not public. It
 * decides at connect time, so a name that changes its address between check and
 * use gains nothing. It is not called for IP literals: check those before.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) {
      callback(error, '', 0);
      return;
    }
    const allowed: LookupAddress[] = addresses.filter(({ address }) =>
      isPublicAddress(address),
    );
    if (allowed.length === 0) {
      callback(refusedAddress(hostname), '', 0);
    } else if (options.all) {
      callback(null, allowed);
    } else {
      callback(null, allowed[0].address, allowed[0].family);
    }
  });
};
