import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A folder of a test file, removed after its tests. That of Backstage's test utils
 * brings half a backend along, which takes a second to load.
 */
export function testFolder() {
  const path = mkdtempSync(join(tmpdir(), 'image-scan-test-'));
  const resolve = (name: string) => join(path, name);
  afterAll(() => rmSync(path, { recursive: true }));
  return {
    path,
    resolve,
    /** Has these files and no others, by path. */
    setContent(files: Record<string, string>): void {
      rmSync(path, { recursive: true });
      mkdirSync(path);
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(resolve(name)), { recursive: true });
        writeFileSync(resolve(name), content);
      }
    },
  };
}
