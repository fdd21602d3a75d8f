import { appUrl } from '../demo/addresses';
import { findChromium } from './programs';

/** Names a browser for tests and screenshots; default: one on the PATH. */
export const CHROMIUM_VARIABLE = 'IMAGE_SCAN_TEST_CHROMIUM';

/** How the browser is started: without a screen, and silent on the network. */
export function browserOptions(): {
  executablePath: string | undefined;
  args: string[];
} {
  return {
    executablePath: process.env[CHROMIUM_VARIABLE] ?? findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  };
}

/** A browser in which the guest has chosen to enter before: no sign-in page. */
export const guestIsSignedIn = {
  cookies: [],
  origins: [
    {
      origin: appUrl,
      localStorage: [
        { name: '@backstage/core:SignInPage:provider', value: 'guest' },
      ],
    },
  ],
};
