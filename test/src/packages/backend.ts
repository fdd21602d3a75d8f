import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from '../run/runStep';

const TOKEN = 'package-test-token';

/** What the backend imports beside the packages of this project. */
export const BACKEND_DEPENDENCIES = [
  '@backstage/backend-defaults',
  '@backstage/plugin-auth-backend',
  '@backstage/plugin-catalog-backend',
  '@backstage/plugin-scaffolder-backend',
  'better-sqlite3',
];

/**
 * Starts by itself, asks itself what an installation has to answer, and ends with 0
 * when it did.
 */
const SOURCE = `
const { createBackend } = require('@backstage/backend-defaults');
require.resolve('backstage-plugin-image-scan-node/gitWorker');

const base = 'http://127.0.0.1:' + process.argv[2];
const ask = async path => {
  const response = await fetch(base + path, {
    headers: { authorization: 'Bearer ${TOKEN}' },
  });
  if (!response.ok) throw new Error(path + ' answered ' + response.status);
  return response.json();
};

async function main() {
  const backend = createBackend();
  backend.add(import('@backstage/plugin-auth-backend'));
  backend.add(import('@backstage/plugin-catalog-backend'));
  backend.add(import('@backstage/plugin-scaffolder-backend'));
  backend.add(import('backstage-plugin-image-scan-backend'));
  backend.add(import('backstage-plugin-scaffolder-backend-module-image-scan'));
  await backend.start();
  await ask('/.backstage/health/v1/readiness');
  const { items } = await ask('/api/image-scan/git-repos');
  const names = items.map(({ name }) => name);
  if (names.join() !== 'shop') throw new Error('Git repos: ' + names);
  const actions = (await ask('/api/scaffolder/v2/actions')).map(({ id }) => id);
  for (const id of ['image-scan:adopt', 'image-scan:rewrite', 'image-scan:update']) {
    if (!actions.includes(id)) throw new Error('There is no action ' + id);
  }
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error);
    process.exit(1);
  },
);
`;

/** Lays out a backend, with a configuration, beside the `node_modules` of a folder. */
export async function layOutBackend(
  folder: string,
  port: number,
): Promise<void> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const config = {
    app: { title: 'Packages', baseUrl },
    backend: {
      baseUrl,
      listen: { host: '127.0.0.1', port },
      database: { client: 'better-sqlite3', connection: ':memory:' },
      auth: {
        externalAccess: [
          { type: 'static', options: { token: TOKEN, subject: 'test' } },
        ],
      },
    },
    imageScan: {
      gitRepos: [
        {
          metadata: { name: 'shop' },
          spec: { repo: 'https://git.example.invalid/shop', branch: 'main' },
        },
      ],
    },
  };
  await writeFile(join(folder, 'backend.js'), SOURCE);
  await writeFile(join(folder, 'backend.json'), JSON.stringify(config));
}

/** Runs the backend until it has answered. */
export function backendStep(folder: string, port: number): Step {
  return {
    name: 'start of a backend',
    command: {
      program: process.execPath,
      args: ['backend.js', `${port}`, '--config', 'backend.json'],
      cwd: folder,
      env: { NODE_ENV: 'production' },
    },
    limitMinutes: 3,
  };
}
