import { InputError } from '@backstage/errors';

// Not a URL but ssh all the same: `git@host:org/repo`, `host:org/repo`.
const scpLike = /^(?:[^@/\s]+@)?([^@:/\s]+):(?!\/\/)\/?([^@\s]+)$/;

/**
 * Checks the URL of a git remote: http or https, without credentials, query and
 * fragment.
 *
 * Throws `InputError`, for an ssh URL with the https form of it. The message
 * repeats no part of a URL that may be a credential.
 *
 * @public
 */
export function checkGitUrl(url: string): URL {
  const text = url.trim();
  const scp = scpLike.exec(text);
  if (scp) {
    throw sshError(scp[1], scp[2]);
  }
  if (!URL.canParse(text)) {
    throw new InputError(
      `The URL of the git repository ${
        text.includes('@') ? 'is' : `"${text}" is`
      } not valid; write https://host/org/repo`,
    );
  }
  const parsed = new URL(text);
  if (/^(git\+)?ssh(\+git)?:$/.test(parsed.protocol)) {
    throw sshError(parsed.hostname, parsed.pathname.replace(/^\/+/, ''));
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') {
    throw new InputError(
      `The URL of the git repository begins with ${parsed.protocol}//, only https:// and http:// can be read and written`,
    );
  }
  const where = `https://${parsed.host}${parsed.pathname}`;
  if (parsed.username || parsed.password) {
    throw new InputError(
      `The URL of the git repository ${where} holds credentials; write it without them and put them into a secret`,
    );
  }
  if (parsed.search || parsed.hash) {
    throw new InputError(
      `The URL of the git repository ${where} is followed by a query or fragment; write it without`,
    );
  }
  return parsed;
}

function sshError(host: string, path: string): InputError {
  return new InputError(
    `The URL of the git repository is an ssh URL, which cannot be read and written; use https://${host}/${path}`,
  );
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
 * Checks a branch name by the rules of `git check-ref-format`.
 * Throws `InputError`.
 */
export function checkBranchName(branch: string): string {
  const valid =
    branch !== '' &&
    branch !== '@' &&
    !/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|\.$/u.test(branch) &&
    !branch.startsWith('-') &&
    branch
      .split('/')
      .every(part => part && !part.startsWith('.') && !part.endsWith('.lock'));
  if (!valid) {
    throw new InputError(
      `${JSON.stringify(
        branch,
      )} is not a name that a git branch can have; write it without refs/heads/`,
    );
  }
  return branch;
}
