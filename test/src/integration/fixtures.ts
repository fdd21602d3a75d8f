import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePackagePath } from '@backstage/backend-plugin-api';

/** Folder of the release tags of five public projects: one tag a line. */
export const tagLists = resolvePackagePath(
  'image-scan-test',
  'src/integration/__fixtures__/tags',
);

/** Sets of manifests: bundles of Fleet, and what people write by hand. */
export const manifestSets = ['fleet', 'kubernetes'] as const;

/** The files of a set of manifests, by path. */
export function readManifests(
  set: (typeof manifestSets)[number],
): Record<string, Buffer> {
  const folder = resolvePackagePath(
    'backstage-plugin-image-scan-node',
    'src/markers/__fixtures__/manifests',
    set,
  );
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(path => statSync(join(folder, path)).isFile())
      .map(path => [path, readFileSync(join(folder, path))]),
  );
}
