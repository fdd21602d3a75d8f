import { posix } from 'node:path';

/** What the pages of git hosts put between a repository and a path in it. */
const TREE_PATTERNS = [
  // GitLab, with its separator
  /^\/-\/(?<kind>tree|blob|raw)\/(?<rest>.*)$/,
  // Gitea and Forgejo
  /^\/(?<kind>src|raw)\/branch\/(?<rest>.*)$/,
  // GitHub, and GitLab of old
  /^\/(?<kind>tree|blob|raw|edit)\/(?<rest>.*)$/,
  // Bitbucket Cloud
  /^\/(?<kind>src)\/(?<rest>.*)$/,
];

/**
 * The folder in a repository that a location of the catalog points to, such as
 * `url:https://github.com/org/repo/tree/main/apps/redis/`; `.` is its root.
 * Undefined when it points elsewhere.
 */
export function folderInRepository(
  location: string,
  repository: { repo: string; branch?: string },
): string | undefined {
  if (!location.startsWith('url:') || !URL.canParse(location.slice(4))) {
    return undefined;
  }
  const url = new URL(location.slice(4));
  const remote = new URL(repository.repo);
  const root = remote.pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  if (url.host !== remote.host || !isAtOrBelow(url.pathname, root)) {
    return undefined;
  }
  const below = decodePath(url.pathname.slice(root.length));
  if (below === undefined) {
    return undefined;
  }
  const azurePath = url.searchParams.get('path');
  if (azurePath !== null) {
    return folderOf(azurePath);
  }
  for (const pattern of TREE_PATTERNS) {
    const match = pattern.exec(below);
    if (match?.groups) {
      const { kind, rest } = match.groups;
      const path = withoutBranch(rest, repository.branch);
      return path && kind === 'tree' ? folderOf(`${path}/`) : folderOf(path);
    }
  }
  return '.';
}

/** Undefined for a path that no page has: annotations are anyone's text. */
function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function isAtOrBelow(path: string, root: string): boolean {
  return path === root || path === `${root}.git` || path.startsWith(`${root}/`);
}

/** Branches may hold slashes, so the known one is tried before the first part. */
function withoutBranch(rest: string, branch: string | undefined): string {
  if (branch !== undefined && `${rest}/`.startsWith(`${branch}/`)) {
    return rest.slice(branch.length + 1);
  }
  const [, ...path] = rest.split('/');
  return path.join('/');
}

/** A path with a final slash is a folder; any other is a file in one. */
function folderOf(path: string): string {
  const folder = path.endsWith('/') ? path : posix.dirname(path);
  return posix.normalize(folder).replace(/^\/+|\/+$/g, '') || '.';
}
