import { InputError } from '@backstage/errors';
import type { RegistryCredentials } from '../types';
import { canonicalHost } from './imageReference';
import type { ImageReference } from './imageReference';
import { isObject, parseJson } from '../json';

/**
 * The credentials in a `.dockerconfigjson`.
 *
 * @public
 */
export interface DockerConfig {
  /**
   * The registries it has entries for, in their canonical form (`index.docker.io`
   * for Docker Hub); globs such as `*.azurecr.io` as written.
   */
  hosts: string[];
  /**
   * The credentials of the entry that fits best and is not empty: the longest path
   * on exactly this host, then the host, then globs. Undefined where there is none.
   *
   * @throws `InputError` where the entry that fits best cannot be decoded; it
   *   names the entry's key and nothing of its content
   */
  credentialsFor(image: ImageReference): RegistryCredentials | undefined;
  /**
   * Whether an entry that fits is empty, which is how tools write that this registry
   * needs no sign-in (`"auth": "Og=="`). False where a credential helper has the
   * content.
   */
  isAnonymousFor(image: ImageReference): boolean;
}

interface Entry {
  key: string;
  host: string;
  /** Without slashes at its ends; empty for the whole host. */
  path: string;
  isGlob: boolean;
  /** Decoded on use, so that one bad entry does not spoil the others. */
  value: unknown;
}

/**
 * Reads a docker config: `{"auths": {…}}` as docker and
 * `kubectl create secret docker-registry` write it, or the older `.dockercfg`,
 * which is what stands under `auths`. Keys may be a host, host and path, or a URL
 * with or without `/v1/` or `/v2/`. Credential helpers are never run.
 *
 * @throws `InputError` for what is no such config; it quotes nothing of the text
 * @public
 */
export function parseDockerConfig(text: string): DockerConfig {
  // PowerShell writes files with a byte order mark.
  const parsed = parseJson(Buffer.from(text.replace(/^\ufeff/, ''), 'utf8'));
  if (!isObject(parsed)) {
    throw new InputError(
      isBase64OfJson(text)
        ? 'The docker config is the base64 form of a JSON object; decode it first, as with kubectl … | base64 -d'
        : 'The docker config is not a JSON object',
    );
  }
  const auths = 'auths' in parsed ? parsed.auths : legacyEntries(parsed);
  if (!isObject(auths)) {
    throw new InputError('The "auths" of the docker config is not an object');
  }
  const entries = Object.entries(auths)
    .flatMap(([key, value]) => parseEntry(key, value))
    .filter(entry => entry.host !== '')
    .sort(bestFirst);
  const keepers = [
    ...(parsed.credsStore ? ['*'] : []),
    ...Object.keys(isObject(parsed.credHelpers) ? parsed.credHelpers : {}),
  ];
  return {
    hosts: [...new Set(entries.map(({ host }) => host))],
    credentialsFor: image => {
      for (const entry of entries) {
        const credentials = fits(entry, image) && decodeEntry(entry);
        if (credentials) {
          return credentials;
        }
      }
      return undefined;
    },
    isAnonymousFor: image =>
      !keepers.some(
        keeper =>
          keeper === '*' ||
          parseEntry(keeper, undefined).some(entry => fits(entry, image)),
      ) && entries.some(entry => fits(entry, image) && !decodeEntry(entry)),
  };
}

function isBase64OfJson(text: string): boolean {
  return (
    /^[A-Za-z0-9+/=\s]+$/.test(text) &&
    isObject(parseJson(Buffer.from(text, 'base64')))
  );
}

// In .dockercfg the hosts stand at the top; a config.json without "auths" has
// settings there, none of which looks like credentials.
function legacyEntries(parsed: Record<string, unknown>) {
  return Object.fromEntries(
    Object.entries(parsed).filter(
      ([, value]) =>
        isObject(value) &&
        ['auth', 'username', 'identitytoken', 'registrytoken'].some(
          field => field in value,
        ),
    ),
  );
}

function parseEntry(key: string, value: unknown): Entry[] {
  const bare = key.trim().replace(/^https?:\/\//i, '');
  const [host, ...parts] = bare.split('/');
  const path = parts.filter(part => part !== '').join('/');
  // As kubelet reads keys such as https://gcr.io/v2/project. Without a scheme it may
  // as well be a repository that is called so.
  const stripped = path.replace(/^v[12](?:\/|$)/, '');
  const isUrl = bare !== key.trim();
  // Docker Desktop keeps tokens beside the pair, under names that are no paths.
  const isToken = /^v[12]\/(?:access|refresh)-token$/.test(path);
  const paths = isToken || stripped === path ? [path] : [stripped];
  if (stripped !== path && stripped !== '' && !isUrl && !isToken) {
    paths.push(path);
  }
  return paths.map(each => ({
    key,
    host: credentialHost(host),
    path: each,
    isGlob: /[*?]/.test(host),
    value,
  }));
}

/** Docker Hub answers under one more name, for which `docker login` writes a key. */
function credentialHost(host: string): string {
  const canonical = canonicalHost(host);
  return canonical === 'registry.hub.docker.com'
    ? canonicalHost('docker.io')
    : canonical;
}

function bestFirst(a: Entry, b: Entry): number {
  return (
    Number(a.isGlob) - Number(b.isGlob) ||
    b.path.length - a.path.length ||
    b.host.length - a.host.length
  );
}

function fits(entry: Entry, image: ImageReference): boolean {
  const registry = credentialHost(image.registry);
  const hostFits = entry.isGlob
    ? matchesGlob(entry.host, registry)
    : entry.host === registry;
  return (
    hostFits &&
    (entry.path === '' || `${image.repository}/`.startsWith(`${entry.path}/`))
  );
}

// As kubelet does it: label by label, so that `*.azurecr.io` fits one more label
// and never a port.
function matchesGlob(glob: string, host: string): boolean {
  const globs = glob.split('.');
  const labels = host.split('.');
  return (
    globs.length === labels.length &&
    globs.every((part, index) => {
      const pattern = part
        .replace(/[^*?]/g, char => `\\u{${char.codePointAt(0)?.toString(16)}}`)
        .replace(/\*+/g, '[^:]*')
        .replace(/\?/g, '[^:]');
      return new RegExp(`^${pattern}$`, 'u').test(labels[index]);
    })
  );
}

function decodeEntry({ key, value }: Entry): RegistryCredentials | undefined {
  const fail = (reason: string) =>
    new InputError(
      `The entry ${JSON.stringify(
        key.replace(/^(\w+:\/\/)?[^/]*@/, '$1***@'),
      )} of the docker config cannot be used: ${reason}`,
    );
  if (!isObject(value)) {
    throw fail('it is not an object');
  }
  const field = (name: string): string => {
    const content = value[name] ?? '';
    if (typeof content !== 'string') {
      throw fail(`its ${name} is not a string`);
    }
    return content;
  };
  if (field('identitytoken')) {
    return { type: 'identity-token', token: field('identitytoken') };
  }
  if (field('registrytoken')) {
    return { type: 'registry-token', token: field('registrytoken') };
  }
  if (field('auth')) {
    const pair = decodeAuth(field('auth'));
    if (!pair) {
      throw fail('its auth is not the base64 form of user:password');
    }
    const credentials = fromPair(pair.username, pair.password);
    if (credentials) {
      return credentials;
    }
  }
  if (field('username') || field('password')) {
    return fromPair(field('username'), field('password'));
  }
  return undefined;
}

/**
 * The user name `<token>` is docker's sign that the password is a refresh token; a
 * pair of nothing (`Og==`) is how other tools write that there are no credentials.
 */
function fromPair(
  username: string,
  password: string,
): RegistryCredentials | undefined {
  if (username === '' && password === '') {
    return undefined;
  }
  return username === '<token>'
    ? { type: 'identity-token', token: password }
    : { type: 'basic', username, password };
}

function decodeAuth(
  auth: string,
): { username: string; password: string } | undefined {
  const base64 = auth.replace(/\s+/g, '');
  // `Buffer.from` skips what is not base64, so the alphabet is checked here.
  if (!/^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/.test(base64)) {
    return undefined;
  }
  let decoded: string;
  try {
    decoded = new TextDecoder('utf-8', { fatal: true }).decode(
      Buffer.from(base64, 'base64'),
    );
  } catch {
    return undefined;
  }
  // Docker pads with NUL; `echo user:password | base64` adds a line break.
  const pair = decoded.replace(/[\0\r\n]+$/, '');
  const colon = pair.indexOf(':');
  return colon < 0
    ? undefined
    : { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
