import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { findDockerRegistry } from '../servers/DockerRegistry';
import { findProgram } from '../servers/findProgram';

/** Real manifests and tag lists, which lie beside the project where they are at hand. */
export const samples = resolvePackagePath(
  'image-scan-test',
  '../../shared/samples',
);

/** Folder of the tag lists: one tag a line. */
export const tagLists = join(samples, 'tags');

export const noRegistry =
  !findDockerRegistry() && 'docker-registry is not installed';
export const noOpenssl = !findProgram('openssl') && 'openssl is not installed';
export const noTar = !findProgram('tar') && 'tar is not installed';
export const noSamples = !existsSync(tagLists) && `there is no ${tagLists}`;

/** `describe`, or one that skips and says why. */
export function describeWith(missing: readonly (string | false)[]) {
  const reasons = missing.filter(Boolean);
  if (reasons.length > 0) {
    console.warn(`LEFT OUT: ${reasons.join(', ')}`);
    return describe.skip;
  }
  return describe;
}
