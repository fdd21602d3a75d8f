import { resolve } from 'node:path';
import { defineConfig } from '@playwright/test';
import { appUrl } from './src/demo/addresses';
import { browserOptions, guestIsSignedIn } from './src/run/browser';

const CI = process.env.CI === 'true';

/** Those that only look share what they look at. */
const LOOKING = /(?:accessibility|pages|permissions)\.test\.ts/;

/**
 * Every test of the pages runs in a real browser against one demo: registry, git,
 * backend and app.
 */
export default defineConfig({
  testDir: './e2e-tests',
  outputDir: './test-results',
  // One demo, and what a test pushes is there for all: those come after the others.
  projects: [
    { name: 'looking', testMatch: LOOKING, fullyParallel: true },
    {
      name: 'writing',
      testIgnore: LOOKING,
      workers: 1,
      dependencies: ['looking'],
    },
  ],
  workers: 2,
  forbidOnly: CI,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    baseURL: appUrl,
    storageState: guestIsSignedIn,
    viewport: { width: 1280, height: 900 },
    launchOptions: browserOptions(),
    screenshot: 'only-on-failure',
  },
  webServer: {
    // Without npm and a shell between, the demo notices when
    // Playwright itself is ended, and ends too.
    command:
      'exec node --require @backstage/cli/config/nodeTransform.cjs test/e2e-tests/support/demo.ts',
    cwd: resolve(__dirname, '..'),
    wait: { stdout: /Image Scan is running/ },
    reuseExistingServer: false,
    timeout: 480_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
    stdout: 'ignore',
    stderr: 'ignore',
  },
});
