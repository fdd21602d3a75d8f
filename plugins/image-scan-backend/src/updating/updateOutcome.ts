import { ConflictError, InputError, toError } from '@backstage/errors';
import {
  type GitRepoDefinition,
  PushRefusedError,
  windowAt,
} from 'backstage-plugin-image-scan-node';
import type { GitRepoClaim, GitRepoOutcome } from '../database/GitRepoStore';
import { retryDelay, withJitter } from '../work/retryDelay';
import type { WriteResult } from './RepositoryWriter';

/** When a window is looked at again whose next opening is not in sight. */
const LOOK_AGAIN_MS = 24 * 60 * 60_000;

/** What a write leaves behind on its git repo. */
export function writtenOutcome(
  result: WriteResult,
  { imageScanInterval }: GitRepoDefinition,
): GitRepoOutcome['update'] {
  if (!result.update) {
    return { result: 'nothing' };
  }
  const at = Date.now();
  return { result: 'written', at, notBefore: at + imageScanInterval };
}

/** When a write waits for the window of its git repo; undefined where that is open. */
export function waitsForWindow({
  window,
}: GitRepoDefinition): GitRepoOutcome['update'] {
  const now = Date.now();
  const { isOpen, until } = window
    ? windowAt(window, now)
    : { isOpen: true, until: undefined };
  return isOpen
    ? undefined
    : { result: 'waits', notBefore: until ?? now + LOOK_AGAIN_MS };
}

/** What a write that failed leaves to be seen, and when it is tried again. */
export function failedOutcome(
  claim: GitRepoClaim,
  { imageScanInterval }: GitRepoDefinition,
  error: unknown,
): GitRepoOutcome['update'] {
  const delay = retryDelay({
    failures: (claim.gitRepo.updateFailure?.count ?? 0) + 1,
    interval: imageScanInterval,
  });
  const at = Date.now();
  return {
    result: 'failed',
    message: toError(error).message,
    at,
    notBefore: at + withJitter(delay),
  };
}

/**
 * Whether a write failed for what was asked, such as an unknown tagName or an
 * outdated plan. That says nothing about the git repo.
 */
export function isRequestersFault(error: unknown): boolean {
  return (
    error instanceof InputError ||
    (error instanceof ConflictError && !(error instanceof PushRefusedError))
  );
}
