import type { ImageScan } from 'backstage-plugin-image-scan-common';

/** A scan as the backend shows it: `web` in the root, with 1.2.0 in git and 1.3.0 found. */
export function imageScan(overrides: Partial<ImageScan> = {}): ImageScan {
  const tagName = overrides.tagName ?? 'web';
  const path = overrides.path ?? '.';
  const image = overrides.image ?? `registry.example.com/${tagName}`;
  const latestTag = '1.3.0';
  return {
    id: `${path}/${tagName}`,
    gitRepo: 'my-repo',
    path,
    tagName,
    image,
    policy: { semver: { range: '*' } },
    interval: 900_000,
    suspend: false,
    latestImage: `${image}:${latestTag}`,
    latestTag,
    state: 'update-available',
    decisions: [],
    markers: [],
    problems: [],
    warnings: [],
    ...overrides,
  };
}
