import { createHash } from 'node:crypto';

/** The smallest image that registries take: a configuration and no layers. */
export interface ImageContent {
  config: Buffer;
  configDigest: string;
  manifest: Buffer;
  digest: string;
}

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

/** An image whose digest differs with `content`, and with nothing else. */
export function imageContent(content: string): ImageContent {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      author: content,
      rootfs: { type: 'layers', diff_ids: [] },
    }),
  );
  const configDigest = sha256(config);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: configDigest,
        size: config.length,
      },
      layers: [],
    }),
  );
  return { config, configDigest, manifest, digest: sha256(manifest) };
}

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
