import { resolve } from 'node:path';
import { defineConfig } from '@playwright/test';
import { appUrl } from './src/demo/addresses';
import { browserOptions, guestIsSignedIn } from './src/run/browser';

const CI = process.env.CI === 'true';

/**
 * Every test of the pages runs in a real browser against one demo, which is the
 * command of `npm start`: registry, git, backend and app.
 */
export default defineConfig({
  testDir: './e2e-tests',
  outputDir: './test-results',
  // One demo, and what a test pushes is there for all.
  workers: 1,
  fullyParallel: false,
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
    // As `npm start`. Without npm and a shell between, the demo notices when
    // Playwright itself is ended, and ends too.
    command:
      'exec node --require @backstage/cli/config/nodeTransform.cjs test/src/demo/main.ts',
    cwd: resolve(__dirname, '..'),
    wait: { stdout: /Image Scan is running/ },
    reuseExistingServer: false,
    timeout: 240_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
    stdout: 'ignore',
    stderr: 'ignore',
  },
});
