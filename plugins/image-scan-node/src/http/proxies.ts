import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { type IPv4, IPv6, parse, parseCIDR } from 'ipaddr.js';
import { getProxyForUrl } from 'proxy-from-env';

/**
 * The proxy for a URL by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in
 * capitals or not; empty without one.
 *
 * @remarks
 * `NO_PROXY` is read as Go programs read it, which is what stands in clusters: networks
 * (`10.0.0.0/8`), a domain with all below it (`example.com`, `cluster.local`), only what
 * is below it (`.example.com`), ports, and IPv6 with and without brackets. The package
 * knows some of these and is asked for the rest; blanks may separate entries as well.
 */
export function proxyFor(href: string): string {
  const proxy = getProxyForUrl(href);
  return proxy && !isExempt(new URL(href)) ? proxy : '';
}

function isExempt(url: URL): boolean {
  const list = process.env.no_proxy || process.env.NO_PROXY || '';
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port || (url.protocol === 'http:' ? '80' : '443');
  const address = addressOf(host);
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some(entry => entry !== '' && matches(entry, { host, port, address }));
}

interface Target {
  host: string;
  port: string;
  address?: IPv4 | IPv6;
}

function matches(entry: string, { host, port, address }: Target): boolean {
  if (entry === '*') {
    return true;
  }
  if (entry.includes('/')) {
    return address !== undefined && isInNetwork(address, entry);
  }
  const [name, entryPort] = splitPort(entry);
  if (entryPort !== undefined && entryPort !== port) {
    return false;
  }
  const entryAddress = addressOf(name);
  if (entryAddress) {
    return (
      address !== undefined && address.toString() === entryAddress.toString()
    );
  }
  const domain = name.replace(/^\*(?=\.)/, '').replace(/(.)\.$/, '$1');
  const ascii = domainToASCII(domain.replace(/^\./, ''));
  // Only names lie below a domain: 10.1.2.3 is not below 2.3.
  return (
    ascii !== '' &&
    address === undefined &&
    (host.endsWith(`.${ascii}`) || (!domain.startsWith('.') && host === ascii))
  );
}

/** Host without brackets, and the port where there is one. */
function splitPort(entry: string): [string, string | undefined] {
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  // Several colons without brackets are an IPv6 address.
  return [bracketed ?? plain ?? entry, port];
}

function addressOf(text: string): IPv4 | IPv6 | undefined {
  if (isIP(text) === 0) {
    return undefined;
  }
  const address = parse(text);
  return address instanceof IPv6 && address.isIPv4MappedAddress()
    ? address.toIPv4Address()
    : address;
}

function isInNetwork(address: IPv4 | IPv6, network: string): boolean {
  const [base, bits] = network.split('/');
  if (isIP(base) === 0 || !/^\d{1,3}$/.test(bits)) {
    return false;
  }
  if (Number(bits) > parse(base).toByteArray().length * 8) {
    return false;
  }
  const [first, length] = parseCIDR(network);
  return address.kind() === first.kind() && address.match(first, length);
}
