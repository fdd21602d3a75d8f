import { GitAuthError, RepositoryNotFoundError } from './errors';

/**
 * Asks once more where a remote refused credentials that were remembered: a token may be
 * revoked before its time, or be older than what its account may see. A repository that
 * may not be seen looks as one that is not there.
 *
 * @param forget - forgets what is remembered, and answers whether that may help
 * @public
 */
export async function askRefusedAgain<T>(
  question: () => Promise<T>,
  forget: (() => boolean) | undefined,
): Promise<T> {
  try {
    return await question();
  } catch (error) {
    const isRefused =
      error instanceof GitAuthError || error instanceof RepositoryNotFoundError;
    if (isRefused && forget?.()) {
      return question();
    }
    throw error;
  }
}
