import { createHash } from 'node:crypto';
import { MANIFEST_TYPES } from './digests';
import { registryError } from './errors';
import type { RegistryError } from './errors';
import { isValidDigest } from './grammar';
import { isObject, readJsonObject } from '../json';
import type { RegistryLimits } from './limits';
import type { RegistrySession } from './RegistrySession';
import { pauseForPulls } from './retry';

const CONFIG_TYPES = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
].join(', ');

/** What an index calls signatures and what is said of builds. */
const UNKNOWN = 'unknown';

/** One part of a platform, as OCI and Go name them. */
const PART = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** Different ones of one image; no real index comes near. */
const MOST_PLATFORMS = 100;

/**
 * The platforms of the image with a digest, each once, as `os/architecture` or
 * `os/architecture/variant`: those that an index lists, or that of the config of a single
 * image. What the registry answers must have the digest that was asked for.
 *
 * @throws `RegistryError`
 */
export async function readPlatforms(
  session: RegistrySession,
  digest: string,
  limits: RegistryLimits,
): Promise<string[]> {
  const { image } = session;
  const path = `manifests/${digest}`;
  const request = {
    path,
    accept: MANIFEST_TYPES,
    maxBytes: limits.manifestBytes,
  };
  // HEAD is not counted as a pull, and tells how many are left for others.
  const { headers } = await session.send({
    ...request,
    method: 'HEAD',
    accepted: status => status === 405 || status === 501,
  });
  const pause = pauseForPulls(headers, limits);
  if (pause !== undefined) {
    throw registryError(
      image,
      'rate-limited',
      `hardly any pulls are left at the registry, and the platforms of ${digest} cannot be had without one`,
      { retryAfter: pause },
    );
  }
  const { body } = await session.send({ ...request, method: 'GET' });
  const manifest = readVerified(session, digest, body);
  if (Array.isArray(manifest.manifests)) {
    return distinct(
      manifest.manifests.map(each =>
        isObject(each) ? platformOf(each.platform) : undefined,
      ),
    );
  }
  const config = isObject(manifest.config) ? manifest.config.digest : undefined;
  if (typeof config !== 'string' || !isValidDigest(config)) {
    throw unusable(session, digest, 'is no manifest of an image or index');
  }
  const answer = await session.send({
    method: 'GET',
    path: `blobs/${config}`,
    accept: CONFIG_TYPES,
    maxBytes: limits.manifestBytes,
  });
  return distinct([platformOf(readVerified(session, config, answer.body))]);
}

function readVerified(
  session: RegistrySession,
  digest: string,
  body: Buffer,
): Record<string, unknown> {
  const [algorithm] = digest.split(':');
  const computed = createHash(algorithm).update(body).digest('hex');
  if (digest !== `${algorithm}:${computed}`) {
    throw unusable(session, digest, `is ${algorithm}:${computed}`);
  }
  const answer = readJsonObject(body);
  if ('problem' in answer) {
    throw unusable(session, digest, answer.problem);
  }
  return answer.object;
}

/** Undefined for what is none, as in the entry of a signature. */
function platformOf(value: unknown): string | undefined {
  if (!isObject(value)) {
    return undefined;
  }
  const { os, architecture, variant } = value;
  const parts = [
    os,
    architecture,
    ...(variant === undefined || variant === '' ? [] : [variant]),
  ];
  return parts.every(isPart) ? parts.join('/') : undefined;
}

function isPart(part: unknown): part is string {
  return typeof part === 'string' && part !== UNKNOWN && PART.test(part);
}

function distinct(platforms: readonly (string | undefined)[]): string[] {
  const all = new Set(platforms.flatMap(platform => platform ?? []));
  return [...all].slice(0, MOST_PLATFORMS).sort();
}

function unusable(
  { image }: RegistrySession,
  digest: string,
  problem: string,
): RegistryError {
  return registryError(
    image,
    'invalid-response',
    `the answer for ${digest} ${problem}`,
  );
}
