import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessGroup } from '../run/ProcessGroup';
import { appUrl, backendUrl, demoPorts, gitUrl } from './addresses';
import { demoEnvironment, gitUser } from './credentials';
import { DEMO_OWNER } from './giteaPages';
import { checkPortsAreFree } from './ports';
import { withSampleServers } from './sampleServers';

const READY_LIMIT_MS = 3 * 60_000;

/** A part of the demo that runs until it is stopped; one that ends by itself has failed. */
export interface DemoPart {
  /** With an exit code. */
  readonly exited: Promise<number>;
  stop(): Promise<void>;
}

/** Starts a package of this project as `backstage-cli package start` does. */
export function startPackage(root: string, name: string): DemoPart {
  return ProcessGroup.start({
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
  });
}

/**
 * Runs the sample servers, the backend and an app until one of them ends or the demo
 * is interrupted.
 *
 * @param root - of the project
 * @param startApp - makes the app answer at its address
 */
export async function runDemo(
  root: string,
  startApp: () => Promise<DemoPart>,
  interrupt: AbortSignal,
): Promise<void> {
  await checkPortsAreFree(demoPorts);
  await withSampleServers(join(root, 'test/src/demo/repositories'), () =>
    runBackstage(root, startApp, interrupt),
  );
}

async function runBackstage(
  root: string,
  startApp: () => Promise<DemoPart>,
  interrupt: AbortSignal,
): Promise<void> {
  interrupt.throwIfAborted();
  // Started apart: run as one, the command that the backend saves its state to at
  // its end is gone before, and the backend waits for it.
  const parts = [startPackage(root, 'backstage-plugin-image-scan-backend')];
  const interrupted = new Promise<void>(done =>
    interrupt.addEventListener('abort', () => done()),
  );
  const over = new AbortController();
  try {
    parts.push(await startApp());
    const ended = Promise.race(parts.map(part => part.exited)).then(code => {
      throw new Error(`Backstage ended by itself, with code ${code}`);
    });
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
  npm run demo:roll-back
      reverts that commit as a person would: "web" is held at the older tag until
      somebody releases it, or the same command reverts the revert
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
