import { createTwoFilesPatch } from 'diff';
import { Manifest } from './readRepository';

/** Unified diff of the changed files, as git prints it; empty without changes. */
export function diffManifests(
  manifests: readonly Manifest[],
  outputs: ReadonlyMap<string, Buffer>,
): string {
  return manifests
    .flatMap(({ file, source }) => {
      const output = outputs.get(file);
      return output ? [diffFile(file, source, output)] : [];
    })
    .join('');
}

function diffFile(file: string, before: Buffer, after: Buffer): string {
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
