import type { ForgeCapabilities } from './Forge';
import { ForgeError } from './ForgeError';

/** The error of a call that a kind of forge has not. */
export function unsupported(
  { name }: ForgeCapabilities,
  what: string,
): ForgeError {
  return new ForgeError(
    'unsupported',
    `${name} has no ${what} for pull requests`,
  );
}
