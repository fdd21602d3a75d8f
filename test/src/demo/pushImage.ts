import { imageContent, MANIFEST_TYPE } from '../servers/imageContent';

/** Where to push, and as whom. */
export interface PushTarget {
  /** Such as `http://127.0.0.1:7020`. */
  registryUrl: string;
  username: string;
  password: string;
  /** Without host and tag. */
  repository: string;
}

/** The tags that a registry lists. */
export async function listTags(target: PushTarget): Promise<string[]> {
  const response = await send(target, 'tags/list');
  const { tags }: { tags: string[] | null } = await response.json();
  return tags ?? [];
}

/**
 * Pushes an image without content under a tag, as a client would: its
 * configuration, then its manifest.
 *
 * @returns the digest of the manifest
 */
export async function pushImage(
  target: PushTarget,
  tag: string,
): Promise<string> {
  const image = imageContent(
    `${target.repository} ${tag} ${new Date().toISOString()}`,
  );
  const started = await send(target, 'blobs/uploads/', { method: 'POST' });
  const upload = new URL(
    started.headers.get('location') ?? '',
    target.registryUrl,
  );
  upload.searchParams.set('digest', image.configDigest);
  await send(target, upload.href, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: image.config,
  });
  await send(target, `manifests/${encodeURIComponent(tag)}`, {
    method: 'PUT',
    headers: { 'Content-Type': MANIFEST_TYPE },
    body: image.manifest,
  });
  return image.digest;
}

/** @throws Error with the status and body of an answer that is not a success */
async function send(
  target: PushTarget,
  path: string,
  init: {
    method?: string;
    headers?: Record<string, string>;
    body?: Buffer;
  } = {},
): Promise<Response> {
  const { registryUrl, repository, username, password } = target;
  const login = Buffer.from(`${username}:${password}`).toString('base64');
  const response = await fetch(
    new URL(path, `${registryUrl}/v2/${repository}/`),
    { ...init, headers: { ...init.headers, Authorization: `Basic ${login}` } },
  );
  if (!response.ok) {
    throw new Error(
      `The registry answered ${response.status}: ${await response.text()}`,
    );
  }
  return response;
}
