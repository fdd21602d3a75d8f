import { InputError } from '@backstage/errors';
import { isValidDigest, isValidRepository, isValidTag } from './grammar';

/**
 * An image as users write it, taken apart.
 *
 * @public
 */
export interface ImageReference {
  /** Canonical `host` or `host:port`; `index.docker.io` for Docker Hub. */
  registry: string;
  /** Where its API answers: `registry`, but `registry-1.docker.io` for Docker Hub. */
  apiHost: string;
  /** Path in the registry, such as `library/nginx`. */
  repository: string;
  tag?: string;
  /** `sha256:…` or `sha512:…`. */
  digest?: string;
  /** As the user spelled it, without tag and digest: `nginx` stays `nginx`. */
  name: string;
  /**
   * `registry/repository`, the same for every spelling of one repository and an
   * image reference itself: a host that would be none without a port has one.
   */
  canonicalName: string;
}

/** A text that is no image reference. @public */
export class InvalidImageReferenceError extends InputError {}

const DOCKER_HUB = 'index.docker.io';
const DOCKER_HUB_API = 'registry-1.docker.io';
const dockerHubAliases = new Set(['docker.io', DOCKER_HUB, DOCKER_HUB_API]);

/**
 * The one name of a registry host: lower case, without https's default port,
 * and `index.docker.io` for every name of Docker Hub.
 */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase().replace(/:443$/, '');
  return dockerHubAliases.has(lower) ? DOCKER_HUB : lower;
}

/**
 * The host that answers the API of a registry: one for every name of Docker Hub.
 *
 * @public
 */
export function apiHostOf(host: string): string {
  const registry = canonicalHost(host);
  return registry === DOCKER_HUB ? DOCKER_HUB_API : registry;
}

/**
 * Takes an image reference apart: `[host[:port]/]repository[:tag][@digest]`. The
 * first part is a host if it is `localhost` or has a `.` or `:` in it; else the
 * image is Docker Hub's, where a name of one part lies under `library/`.
 *
 * @throws {@link InvalidImageReferenceError} saying which part is wrong
 * @public
 */
export function parseImageReference(text: string): ImageReference {
  const fail = (reason: string) =>
    new InvalidImageReferenceError(
      `Not an image reference: ${quote(text)}: ${reason}`,
    );
  if (text === '') {
    throw fail('it is empty');
  }
  if (/[\s\p{Cc}]/u.test(text)) {
    throw fail('there is a blank or control character in it');
  }
  if (text.includes('://')) {
    throw fail('it starts with a scheme; write only host/repository');
  }
  const [named, digest, ...more] = text.split('@');
  if (more.length > 0 || digest?.includes('/')) {
    throw fail('it has a user name; credentials belong into a secret');
  }
  if (digest !== undefined && !isValidDigest(digest)) {
    throw fail(
      'the part after @ is not a digest (sha256: and 64, or sha512: and 128 lower-case hexadecimal digits)',
    );
  }
  const { name, tag } = splitTag(named);
  if (tag !== undefined && !isValidTag(tag)) {
    throw fail(
      'the part after the last colon is not a tag (letters, digits, _ . -, at most 128)',
    );
  }
  const { host, path } = splitHost(name);
  if (host !== undefined && !isValidHost(host)) {
    throw fail('its first part is not a host name with an optional port');
  }
  const registry = canonicalHost(host ?? DOCKER_HUB);
  const repository =
    registry === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path;
  if (!isValidRepository(repository)) {
    throw fail(describeRepository(path));
  }
  return {
    registry,
    apiHost: apiHostOf(registry),
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    name,
    canonicalName: `${
      isReadAsHost(registry) ? registry : `${registry}:443`
    }/${repository}`,
  };
}

function splitTag(named: string): { name: string; tag?: string } {
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  return colon < 0
    ? { name: named }
    : { name: named.slice(0, colon), tag: named.slice(colon + 1) };
}

function splitHost(name: string): { host?: string; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  return slash > 0 && isReadAsHost(first)
    ? { host: first, path: name.slice(slash + 1) }
    : { path: name };
}

/** Whether the first part of an image is a host, and not a part of Docker Hub's. */
function isReadAsHost(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first);
}

function isValidHost(host: string): boolean {
  const match =
    /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([1-9]\d{0,4}))?$/.exec(
      host,
    );
  if (!match || host.length > 255 || /\.\.|\.-|-\./.test(host)) {
    return false;
  }
  const [, hostname, port = '443'] = match;
  const url = `https://${hostname}/`;
  return (
    Number(port) <= 65535 &&
    URL.canParse(url) &&
    // Credentials and limits go by the name as it is written, so a name that URLs
    // take for another one, such as 2130706433 for 127.0.0.1, is none.
    new URL(url).hostname === hostname.toLowerCase()
  );
}

function describeRepository(path: string): string {
  if (path === '') {
    return 'it names no repository';
  }
  if (path.length > 255) {
    return 'the repository is longer than 255 characters';
  }
  if (/[A-Z]/.test(path)) {
    return 'the repository has upper-case letters';
  }
  return 'the repository may only have lower-case letters and digits, separated by . _ __ - or /';
}

/** The text for an error message: short, on one line, and without a password. */
function quote(text: string): string {
  const masked = text.replace(/^.*@(?!sha(?:256|512):)/s, '***@');
  return JSON.stringify(
    masked.length > 200 ? `${masked.slice(0, 200)}…` : masked,
  );
}
