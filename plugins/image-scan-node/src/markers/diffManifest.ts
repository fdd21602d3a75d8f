import { createTwoFilesPatch } from 'diff';

/** Unified diff of a manifest, as git prints it. @public */
export function diffManifest(
  file: string,
  before: Buffer,
  after: Buffer,
): string {
  const patch = createTwoFilesPatch(
    `a/${file}`,
    `b/${file}`,
    before.toString('utf8'),
    after.toString('utf8'),
    undefined,
    undefined,
    { context: 3 },
  );
  // The library puts a ruler above each file where git has its own header.
  return patch.replace(/^=+\n/, `diff --git a/${file} b/${file}\n`);
}
