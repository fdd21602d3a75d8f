import {
  askRefusedAgain,
  type GitRemote,
} from 'backstage-plugin-image-scan-node';

/**
 * A remote that is asked once more where it refused credentials that were remembered.
 *
 * @param forget - forgets what is remembered, and answers whether that may help
 */
export function withFreshCredentials(
  remote: GitRemote,
  forget: () => boolean,
): GitRemote {
  const ask = <T>(question: () => Promise<T>) =>
    askRefusedAgain(question, forget);
  return {
    pushLimit: remote.pushLimit,
    head: options => ask(() => remote.head(options)),
    open: options => ask(() => remote.open(options)),
    contains: (commit, options) => ask(() => remote.contains(commit, options)),
    commitsBetween: (before, after, options) =>
      ask(() => remote.commitsBetween(before, after, options)),
    branchHead: (branch, options) =>
      ask(() => remote.branchHead(branch, options)),
    deleteBranch: (branch, expected, options) =>
      ask(() => remote.deleteBranch(branch, expected, options)),
  };
}
