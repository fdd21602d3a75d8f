import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { build } from 'esbuild';

const run = promisify(execFile);

const root = resolvePackagePath('image-scan-test', '..');
const folder = join(root, 'node_modules/.cache/image-scan-test');
const entry = join(root, 'test/src/integration/backend.ts');

/**
 * Native code, what looks for files beside its own, and what is loaded only
 * where a configuration asks for it.
 */
const external = [
  '@google-cloud/cloud-sql-connector',
  'better-sqlite3',
  'mariadb',
  'mysql',
  'mysql2',
  'oracledb',
  'pg-format',
  'pg-native',
  'pg-query-stream',
  'sqlite3',
  'tedious',
  'typescript',
];

/** Of a bundle whose sources are no longer there. */
const MAX_AGE_MS = 24 * 3_600_000;

let bundled: Promise<string[]> | undefined;

/**
 * Puts the backend and all it needs into one file, so that starting it costs a
 * fraction of what it does package by package.
 *
 * @returns the arguments of node that run it
 */
export function bundleBackend(): Promise<string[]> {
  bundled ??= makeBundle();
  return bundled;
}

async function makeBundle(): Promise<string[]> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    bundle: true,
    entryPoints: [entry],
    external,
    format: 'cjs',
    keepNames: true,
    logLevel: 'error',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const [{ contents }] = outputFiles;
  // V8 tells code of one source from that of another by their lengths alone.
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const name = `backend-${hash}.cjs`;
  const file = join(folder, name);
  const runner = join(root, 'test/src/integration/runBundle.js');
  if (!existsSync(`${file}.code`)) {
    await mkdir(folder, { recursive: true });
    await removeOld();
    // Another test may do the same now.
    await writeFile(`${file}.${process.pid}`, contents);
    await rename(`${file}.${process.pid}`, file);
    await run(process.execPath, [runner, file, '--keep-code'], {
      env: { ...process.env, NODE_ENV: 'production' },
    });
  }
  return [runner, file];
}

/** A younger one may be in use: by a test that goes on, from sources of before. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    // Another test may remove it at this moment.
    const found = statSync(file, { throwIfNoEntry: false });
    if (found && found.mtimeMs < Date.now() - MAX_AGE_MS) {
      await rm(file, { force: true });
    }
  }
}
