import { InputError } from '@backstage/errors';

// Not a URL but ssh all the same: `git@host:org/repo`, `host:org/repo`.
const SCP_LIKE = /^(?:[^@/\s]+@)?([^@:/\s]+):(?!\/\/)\/?([^@\s]+)$/;

/**
 * Says why a text cannot be the URL of a git remote: http or https, without
 * credentials, query and fragment. Repeats nothing that may be a credential.
 *
 * @returns the second half of a sentence, with the https form for an ssh URL;
 * undefined where the URL can be used
 */
export function explainGitUrl(text: string): string | undefined {
  const scp = SCP_LIKE.exec(text);
  if (scp) {
    return useHttps(scp[1], scp[2]);
  }
  if (/\s/.test(text) || !URL.canParse(text)) {
    return 'is not a URL; write it as https://host/org/repo';
  }
  const url = new URL(text);
  if (/^(?:git\+)?ssh(?:\+git)?:$/.test(url.protocol)) {
    return useHttps(url.hostname, url.pathname.replace(/^\/+/, ''));
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    // In `token:x-oauth-basic@host/org` the token would be the scheme.
    return /^[a-z+]{2,10}:\/\//i.test(text)
      ? `begins with ${url.protocol} and must begin with https:// or http://`
      : 'is not a URL; write it as https://host/org/repo';
  }
  if (url.username || url.password) {
    return `holds credentials; write https://${url.host}${url.pathname} and put them into a secret that clientSecretName names`;
  }
  if (url.search || url.hash) {
    return `must not have a query or fragment; write https://${url.host}${url.pathname}`;
  }
  return undefined;
}

function useHttps(host: string, path: string): string {
  return `is an ssh URL, and git is only spoken over https here; write its https form, mostly https://${host}/${path}`;
}

/**
 * Checks the URL of a git remote.
 *
 * @throws InputError with what `explainGitUrl` says
 * @public
 */
export function checkGitUrl(text: string): URL {
  const problem = explainGitUrl(text);
  if (problem !== undefined) {
    throw new InputError(`The URL of the git repository ${problem}`);
  }
  return new URL(text);
}

/**
 * One key for all spellings of a remote and branch, to serialise writes: without
 * scheme and default port, the host in lower case, no `/` or `.git` at the end.
 * Throws `InputError` as `checkGitUrl` does.
 *
 * @param branch - without `refs/heads/`
 * @public
 */
export function remoteKey(url: string, branch: string): string {
  // A URL has its host in lower case and its scheme's default port dropped.
  const { host, pathname } = checkGitUrl(url);
  const path = pathname
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/\/+$/, '');
  return `${host}${path}#${branch}`;
}

/**
 * Whether a branch can have this name, by the rules of `git check-ref-format`;
 * without `refs/heads/`.
 */
export function isBranchName(branch: string): boolean {
  return (
    branch !== '' &&
    branch !== '@' &&
    !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\.$/u.test(branch) &&
    !branch.startsWith('-') &&
    !branch.startsWith('refs/') &&
    branch
      .split('/')
      .every(part => part && !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

/**
 * Checks a branch name.
 *
 * @throws InputError
 */
export function checkBranchName(branch: string): string {
  if (!isBranchName(branch)) {
    throw new InputError(
      `${JSON.stringify(
        branch,
      )} is not the name of a branch; write it without refs/heads/`,
    );
  }
  return branch;
}
