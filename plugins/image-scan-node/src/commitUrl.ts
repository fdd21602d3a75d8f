/**
 * Where people look at a commit, when it is known how the host's pages are built.
 *
 * @param type - of the host, as Backstage's integrations name it
 * @param repo - the URL that git uses
 * @public
 */
export function commitUrl(
  type: string | undefined,
  repo: string,
  commit: string,
): string | undefined {
  const base = repo.replace(/\/+$/, '').replace(/\.git$/, '');
  switch (type) {
    case 'github':
    case 'gitea':
    case 'azure':
      return `${base}/commit/${commit}`;
    case 'gitlab':
      return `${base}/-/commit/${commit}`;
    case 'bitbucketCloud':
      return `${base}/commits/${commit}`;
    case 'bitbucketServer':
      return bitbucketServerUrl(base, commit);
    default:
      return undefined;
  }
}

/**
 * Where people compare two commits, when it is known how the host's pages are built.
 *
 * @param type - of the host, as Backstage's integrations name it
 * @param repo - the URL that git uses
 * @public
 */
export function compareUrl(
  type: string | undefined,
  repo: string,
  before: string,
  after: string,
): string | undefined {
  const base = repo.replace(/\/+$/, '').replace(/\.git$/, '');
  switch (type) {
    case 'github':
    case 'gitea':
      return `${base}/compare/${before}...${after}`;
    case 'gitlab':
      return `${base}/-/compare/${before}...${after}`;
    case 'azure':
      return `${base}/branchCompare?baseVersion=GC${before}&targetVersion=GC${after}`;
    default:
      return undefined;
  }
}

/** Bitbucket Server clones from `/scm/KEY/name` and shows `/projects/KEY/repos/name`. */
function bitbucketServerUrl(base: string, commit: string): string | undefined {
  const match = /^(.*)\/scm\/([^/]+)\/([^/]+)$/.exec(base);
  if (!match) {
    return undefined;
  }
  const [, host, project, name] = match;
  return project.startsWith('~')
    ? `${host}/users/${project.slice(1)}/repos/${name}/commits/${commit}`
    : `${host}/projects/${project}/repos/${name}/commits/${commit}`;
}
