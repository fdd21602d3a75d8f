import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { IPv4, IPv6 } from 'ipaddr.js';
import { HttpError } from './HttpError';

/** Azure serves metadata of machines from this address, which looks like any public one. */
const AZURE_METADATA = '168.63.129.16';

/** What is given out for hosts: all else of IPv6 is reserved. */
const GLOBAL_UNICAST = IPv6.parseCIDR('2000::/3');
/** Documentation (RFC 9637). */
const DOCUMENTATION = IPv6.parseCIDR('3fff::/20');
/** Ends in the IPv4 address to which it leads (RFC 6052). */
const NAT64 = IPv6.parseCIDR('64:ff9b::/96');

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
  // The parsers of the library read more, such as 127.1 and 0x7f000001.
  switch (isIP(bare)) {
    case 4:
      return isPublicIPv4(IPv4.parse(bare));
    case 6:
      return isPublicIPv6(IPv6.parse(hexadecimal(bare)));
    default:
      return false;
  }
}

/** Without the dots in which the library takes `::8.8.8.8` for `::ffff:8.8.8.8`. */
function hexadecimal(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function isPublicIPv4(address: IPv4): boolean {
  return address.range() === 'unicast' && address.toString() !== AZURE_METADATA;
}

function isPublicIPv6(address: IPv6): boolean {
  if (address.isIPv4MappedAddress()) {
    return isPublicIPv4(address.toIPv4Address());
  }
  if (address.match(NAT64)) {
    return isPublicIPv4(new IPv4(address.toByteArray().slice(12)));
  }
  return (
    address.range() === 'unicast' &&
    address.match(GLOBAL_UNICAST) &&
    !address.match(DOCUMENTATION)
  );
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
