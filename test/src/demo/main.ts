/*
 * What `npm start` runs: a sample registry and a git server with two sample
 * repositories in this process, and the backend and the app from `dev/` beside
 * it, with the app-config.yaml of this repository. Everything listens on this
 * machine only and ends with this process.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { interruption } from '../run/interruption';
import { ProcessGroup } from '../run/ProcessGroup';
import { appUrl, backendUrl, demoPorts, gitUrl } from './addresses';
import { demoEnvironment, gitUser } from './credentials';
import { DEMO_OWNER } from './giteaPages';
import { checkPortsAreFree } from './ports';
import { withSampleServers } from './sampleServers';

const READY_LIMIT_MS = 3 * 60_000;

/**
 * Started apart: run as one, the command that the backend saves its state to at
 * its end is gone before, and the backend waits for it.
 */
const packages = [
  'backstage-plugin-image-scan-backend',
  'backstage-plugin-image-scan',
];

/** npm runs the scripts of the root there. */
const root = process.cwd();

async function main(interrupt: AbortSignal): Promise<void> {
  await checkPortsAreFree(demoPorts);
  await withSampleServers(join(root, 'test/src/demo/repositories'), () =>
    runBackstage(interrupt),
  );
}

/** Runs app and backend until one of them ends or the demo is interrupted. */
async function runBackstage(interrupt: AbortSignal): Promise<void> {
  interrupt.throwIfAborted();
  const parts = packages.map(name =>
    ProcessGroup.start({
      program: 'backstage-cli',
      args: ['repo', 'start', name],
      cwd: root,
      env: {
        ...demoEnvironment,
        // Guests may sign in only there.
        NODE_ENV: 'development',
        // The address is printed once it answers, and there may be no browser.
        BROWSER: 'none',
      },
    }),
  );
  const interrupted = new Promise<void>(done =>
    interrupt.addEventListener('abort', () => done()),
  );
  const ended = Promise.race(parts.map(part => part.exited)).then(code => {
    throw new Error(`Backstage ended by itself, with code ${code}`);
  });
  const over = new AbortController();
  try {
    await Promise.race([ended, interrupted, announce(over.signal)]);
    await Promise.race([ended, interrupted]);
  } finally {
    over.abort();
    await Promise.all(parts.map(part => part.stop()));
  }
}

/** Waits until everything answers, then says what there is to see. */
async function announce(over: AbortSignal): Promise<void> {
  const readiness = `${backendUrl}/.backstage/health/v1/readiness`;
  const deadline = Date.now() + READY_LIMIT_MS;
  while (!((await answers(readiness)) && (await answers(appUrl)))) {
    if (over.aborted) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error('Backstage does not answer; its messages are above');
    }
    await sleep(500);
  }
  console.log(`
────────────────────────────────────────────────────────────────────────────
Image Scan is running:  ${appUrl}/image-scan      (Ctrl-C ends it)

What to try, in another terminal:
  npm run demo:push-tag
      pushes a newer tag of shop/web: within seconds it is a commit in the
      git repository "storefront", which writes by itself
  npm run demo:push-tag payments/api
      the same for "payments", which is paused: the update waits for you on
      ${appUrl}/catalog/default/component/payments
  npm run demo:push-tag shop/search 1.9.0
      brings back a tag that was deleted: "search" is held until then, because
      going back to 1.8.2 is left to a person
  git clone ${gitUrl.replace(
    '//',
    `//${gitUser.username}:${gitUser.password}@`,
  )}/${DEMO_OWNER}/storefront.git
      shows the commits
────────────────────────────────────────────────────────────────────────────
`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return response.ok;
  } catch {
    // Not listening yet, or busy with its first build.
    return false;
  }
}

const interrupt = interruption();

main(interrupt).catch(error => {
  if (!interrupt.aborted) {
    console.error(`${error}`);
    process.exitCode = 1;
  }
});
