import type { HttpRequest } from '../http';
import type { RegistryCredentials } from '../types';
import type { Authorization } from './Authorizer';
import type { Challenge } from './challenge';
import { registryError } from './errors';
import type { ImageReference } from './imageReference';
import { readJsonObject } from '../json';

/** What a token service answered, read to its end. */
export interface TokenAnswer {
  status: number;
  body: Buffer;
}

/**
 * Sends one request to a token service. It throws for every status but 200 and
 * those accepted.
 */
export type SendTokenRequest = (
  request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
  accepted?: readonly number[],
) => Promise<TokenAnswer>;

/** A request for a token that reads one repository. */
export interface TokenRequest {
  image: ImageReference;
  /** Where the registry's API answers. */
  registry: URL;
  challenge: Challenge;
  /** What to read: the image's, and the one where the registry redirects. */
  repositories: readonly string[];
  credentials?: RegistryCredentials;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Gets a bearer token from the service a challenge names (the distribution
 * project's token specification). Credentials go to the realm only.
 *
 * @throws `RegistryError`
 */
export async function fetchToken(
  request: TokenRequest,
  send: SendTokenRequest,
): Promise<Authorization> {
  const { credentials } = request;
  const realm = realmOf(request);
  const parameters: [string, string][] = [];
  const service = request.challenge.parameters.get('service');
  if (service) {
    parameters.push(['service', service]);
  }
  const scopes = request.repositories.map(repository =>
    scopeFor({ repository }, request.challenge),
  );
  if (credentials?.type === 'identity-token') {
    const answer = await postRefreshToken(
      realm,
      [...parameters, ['scope', scopes.join(' ')]],
      credentials.token,
      send,
    );
    if (answer.status === 200) {
      return readToken(request, realm, answer.body);
    }
  }
  const url = new URL(realm);
  for (const [name, value] of parameters) {
    url.searchParams.set(name, value);
  }
  url.searchParams.delete('scope');
  scopes.forEach(scope => url.searchParams.append('scope', scope));
  const headers: Record<string, string> = { accept: 'application/json' };
  const basic = basicPair(credentials);
  if (basic) {
    headers.authorization = basicHeader(basic.username, basic.password);
    if (credentials?.type === 'basic') {
      url.searchParams.set('account', basic.username);
    }
  }
  const answer = await send({ method: 'GET', url, headers });
  return readToken(request, realm, answer.body);
}

/** The value of an Authorization header for Basic (RFC 7617, in UTF-8). */
export function basicHeader(username: string, password: string): string {
  const pair = Buffer.from(`${username}:${password}`, 'utf8');
  return `Basic ${pair.toString('base64')}`;
}

/** The value of an Authorization header for Bearer, or undefined for no valid token. */
export function bearerHeader(token: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(token) ? `Bearer ${token}` : undefined;
}

function basicPair(credentials: RegistryCredentials | undefined) {
  switch (credentials?.type) {
    case 'basic':
      return credentials;
    case 'identity-token':
      // For services that do not know the POST: the pair docker stores it as.
      return { username: '<token>', password: credentials.token };
    default:
      return undefined;
  }
}

/** 404 and 405 come from services that only know GET. */
function postRefreshToken(
  realm: URL,
  parameters: [string, string][],
  refreshToken: string,
  send: SendTokenRequest,
): Promise<TokenAnswer> {
  const form = new URLSearchParams([
    ['grant_type', 'refresh_token'],
    ...parameters,
    ['client_id', 'backstage-plugin-image-scan'],
    ['refresh_token', refreshToken],
  ]);
  return send(
    {
      method: 'POST',
      url: realm,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: Buffer.from(form.toString(), 'utf8'),
    },
    [404, 405],
  );
}

// The transport refuses addresses that are not public and plain http to hosts
// that are not listed; here it is settled what a registry may send its clients to.
function realmOf({ image, registry, challenge }: TokenRequest): URL {
  const fail = (reason: string) =>
    registryError(
      image,
      'invalid-response',
      `${registry.host} names a token service that cannot be used: ${reason}`,
    );
  const realm = challenge.parameters.get('realm');
  if (!realm) {
    throw fail('it has no address');
  }
  if (!URL.canParse(realm)) {
    throw fail('its address is not an absolute URL');
  }
  const url = new URL(realm);
  if (url.username || url.password) {
    throw fail('its address has credentials in it');
  }
  const plain = url.protocol === 'http:' && registry.protocol === 'http:';
  if (url.protocol !== 'https:' && !plain) {
    throw fail(`its address is ${url.protocol.slice(0, 20)} instead of https:`);
  }
  url.hash = '';
  return url;
}

/**
 * `repository:<name>:pull`, plus `metadata_read` where the challenge asks for it
 * on this repository (Azure needs that to list tags). Nothing else that a
 * challenge asks for, such as push or another repository, is requested.
 */
export function scopeFor(
  { repository }: Pick<ImageReference, 'repository'>,
  challenge: Challenge,
): string {
  const prefix = `repository:${repository}:`;
  const needsMetadata = (challenge.parameters.get('scope') ?? '')
    .split(/\s+/)
    .filter(scope => scope.startsWith(prefix))
    .flatMap(scope => scope.slice(prefix.length).split(','))
    .includes('metadata_read');
  return `${prefix}${needsMetadata ? 'metadata_read,pull' : 'pull'}`;
}

function readToken(
  { image, credentials }: TokenRequest,
  realm: URL,
  body: Buffer,
): Authorization {
  const answer = readJsonObject(body);
  const fields = 'object' in answer ? answer.object : {};
  const given = [fields.token, fields.access_token];
  const token = given.find(field => typeof field === 'string' && field.trim());
  if (credentials && !token && given.some(isEmpty)) {
    // Quay's way to say that it does not know the user or the password.
    throw registryError(
      image,
      'unauthorized',
      `${realm.host} answered with an empty token: it does not accept these credentials`,
    );
  }
  const header = typeof token === 'string' ? bearerHeader(token) : undefined;
  if (!header) {
    throw registryError(
      image,
      'invalid-response',
      `${realm.host} answered without a usable token`,
    );
  }
  // Less than a minute, or none, means a minute; issued_at is not looked at,
  // since the two clocks need not agree.
  const seconds =
    typeof fields.expires_in === 'number' ? fields.expires_in : 60;
  const lifetime = Math.min(Math.max(seconds * 1000, MINUTE), DAY);
  return { header, lifetime };
}

function isEmpty(field: unknown): boolean {
  return field === null || (typeof field === 'string' && !field.trim());
}
