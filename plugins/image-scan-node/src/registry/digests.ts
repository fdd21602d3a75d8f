import { createHash } from 'node:crypto';
import { fromStatus, registryError } from './errors';
import type { RegistryError } from './errors';
import { isValidDigest } from './grammar';
import type { ImageReference } from './imageReference';
import { readJsonObject } from '../json';
import type { RegistryLimits } from './limits';
import type { RegistrySession } from './RegistrySession';
import { pauseForPulls } from './retry';

// Without the list types a registry may answer with the manifest of one platform.
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

// What registries answer to a HEAD of something they would give to a GET.
const HEAD_NOT_SERVED = [400, 404, 405, 501];
// Answers that ask for patience, or are a proxy's.
const NO_REFUSAL = [407, 408, 429, 503];

/**
 * The digest of what a tag points to: the index, for a multi-platform image. Asks
 * with HEAD, which registries do not count as a pull; where that brings no
 * digest, with GET, and hashes the bytes.
 *
 * @throws `RegistryError`
 */
export async function readDigest(
  session: RegistrySession,
  tag: string,
  limits: RegistryLimits,
): Promise<string> {
  const { image } = session;
  const request = {
    path: `manifests/${tag}`,
    accept: MANIFEST_TYPES,
    maxBytes: limits.manifestBytes,
  };
  const head = await session.send({
    ...request,
    method: 'HEAD',
    // Gateways refuse a HEAD in any way where they serve the GET. A host where the
    // registry redirects has said all it has to say.
    accepted: (status, { host }) =>
      status >= 400 &&
      !NO_REFUSAL.includes(status) &&
      (status !== 401 || host === image.apiHost),
  });
  const announced = head.headers['docker-content-digest'] ?? '';
  if (head.status === 200 && isValidDigest(announced)) {
    refuseSchema1(image, tag, head.headers['content-type']);
    return announced;
  }
  // HEAD is not counted as a pull, GET is: the rest is left to those who pull.
  const pause = pauseForPulls(head.headers, limits);
  if (pause !== undefined) {
    throw registryError(
      image,
      'rate-limited',
      `hardly any pulls are left at the registry, and the digest of tag ${tag} cannot be had without one`,
      { retryAfter: pause },
    );
  }
  const { headers, body } = await session.send({ ...request, method: 'GET' });
  refuseSchema1(image, tag, headers['content-type']);
  const refused =
    head.status === 200 || HEAD_NOT_SERVED.includes(head.status)
      ? undefined
      : fromStatus(image, {
          host: head.url.host,
          status: head.status,
          words: '',
        });
  return digestOf(image, tag, headers['docker-content-digest'], body, refused);
}

/** @param refused - what is wrong where the body is no manifest */
function digestOf(
  image: ImageReference,
  tag: string,
  announced: string | undefined,
  body: Buffer,
  refused: RegistryError | undefined,
): string {
  const answer = readJsonObject(body);
  const version = 'object' in answer ? answer.object.schemaVersion : undefined;
  if (typeof version !== 'number') {
    const problem = 'problem' in answer ? `: it ${answer.problem}` : '';
    throw (
      refused ??
      registryError(
        image,
        'invalid-response',
        `the answer for tag ${tag} is not a manifest${problem}`,
      )
    );
  }
  if (version === 1) {
    throw schema1Error(image, tag);
  }
  const stated =
    announced !== undefined && isValidDigest(announced) ? announced : undefined;
  const algorithm = stated?.split(':')[0] ?? 'sha256';
  const computed = `${algorithm}:${createHash(algorithm)
    .update(body)
    .digest('hex')}`;
  if (stated !== undefined && stated !== computed) {
    throw registryError(
      image,
      'invalid-response',
      `the manifest of tag ${tag} is ${computed}, but the registry says ${stated}`,
    );
  }
  return computed;
}

/** The digest of schema 1 is not that of its bytes, and nothing new uses it. */
function refuseSchema1(
  image: ImageReference,
  tag: string,
  contentType: string | undefined,
): void {
  if (/docker\.distribution\.manifest\.v1\+/i.test(contentType ?? '')) {
    throw schema1Error(image, tag);
  }
}

function schema1Error(image: ImageReference, tag: string) {
  return registryError(
    image,
    'invalid-response',
    `tag ${tag} has a manifest of schema 1, which is not supported`,
  );
}
