import fc from 'fast-check';

/** Any value, with the keys that matter now and then. */
export const anything = fc.anything({
  key: fc.oneof(
    fc.string(),
    fc.constantFrom(
      ...['metadata', 'spec', 'name', 'namespace', 'repo', 'branch', 'paths'],
      ...['imageScanInterval', 'imageScanCommit', 'authorName', 'paused'],
      ...['imageScans', 'tagName', 'image', 'policy', 'semver', 'range'],
      ...['__proto__', 'constructor', 'toString', '<<', ''],
    ),
  ),
  values: [
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.constantFrom<unknown>(null, undefined, 'https://a/b', '5m', '..', '\n'),
  ],
  maxDepth: 4,
});
