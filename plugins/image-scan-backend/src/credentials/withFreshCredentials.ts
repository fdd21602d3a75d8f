import {
  GitAuthError,
  type GitRemote,
  RepositoryNotFoundError,
} from 'backstage-plugin-image-scan-node';

/**
 * A remote that is asked once more where it refused credentials that were
 * remembered: a token may be revoked before its time, or be older than what its
 * account may see. A repository that may not be seen looks as one that is not
 * there.
 *
 * @param forget - forgets what is remembered, and answers whether that may help
 */
export function withFreshCredentials(
  remote: GitRemote,
  forget: () => boolean,
): GitRemote {
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      const isRefused =
        error instanceof GitAuthError ||
        error instanceof RepositoryNotFoundError;
      if (isRefused && forget()) {
        return question();
      }
      throw error;
    }
  };
  return {
    head: options => ask(() => remote.head(options)),
    open: options => ask(() => remote.open(options)),
    contains: (commit, options) => ask(() => remote.contains(commit, options)),
  };
}
