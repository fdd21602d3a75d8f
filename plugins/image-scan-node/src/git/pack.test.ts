import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toObject } from './objects';
import { writePack } from './pack';

// Around the places where the size of an entry takes a byte more.
const sizes = [0, 1, 15, 16, 2047, 2048, 262_143, 262_144, 5_000_000];
const blobs = sizes.map(size => toObject('blob', randomBytes(size)));

describe('writePack', () => {
  it('is read by git', () => {
    const directory = mkdtempSync(join(tmpdir(), 'image-scan-pack-'));
    try {
      const git = (args: string[], input?: Buffer) =>
        execFileSync('git', args, {
          cwd: directory,
          input,
          maxBuffer: 64 * 1024 * 1024,
          env: {
            PATH: process.env.PATH,
            GIT_CONFIG_NOSYSTEM: '1',
            GIT_CONFIG_GLOBAL: '/dev/null',
          },
        });
      git(['init', '--quiet', '--bare', '.']);
      git(['index-pack', '--strict', '--stdin'], writePack(blobs));
      for (const { oid, content } of blobs) {
        expect(git(['cat-file', 'blob', oid]).equals(content)).toBe(true);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
