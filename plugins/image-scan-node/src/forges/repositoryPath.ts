import { InputError } from '@backstage/errors';
import type { ForgeType } from './Forge';

/** Where a repository is in the API of its forge. */
export interface RepositoryPlace {
  /** Below the API's base, encoded, with a slash at its start and none at its end. */
  path: string;
  /** Owner, group or workspace, as it is written in the URL. */
  owner: string;
}

/**
 * Finds the place of a repository in the API of its forge from the URL that git uses.
 *
 * @param base - URL of the forge's pages, where it lies below a folder of its host
 * @throws InputError that says how the URL should look
 */
export function repositoryPlace(
  type: ForgeType,
  repo: string,
  base?: string,
): RepositoryPlace {
  const parts = pathParts(repo, base);
  const place = (pattern: string, ...segments: (string | undefined)[]) => {
    const known = segments.filter(segment => segment !== undefined);
    if (known.length < segments.length) {
      throw new InputError(
        `${repo} is not the URL of a repository of this forge; write it as ${pattern}`,
      );
    }
    return known;
  };
  switch (type) {
    case 'gitlab': {
      const [first] = place('https://HOST/GROUP/NAME', parts[0], parts[1]);
      return {
        path: `/projects/${encodeURIComponent(parts.join('/'))}`,
        owner: first,
      };
    }
    case 'bitbucketCloud': {
      const [owner, name] = place(
        'https://bitbucket.org/WORKSPACE/NAME',
        parts[0],
        parts[1],
      );
      return { path: `/repositories/${encode(owner)}/${encode(name)}`, owner };
    }
    case 'bitbucketServer': {
      const [project, name] = place(
        'https://HOST/scm/PROJECT/NAME.git',
        ...dataCenterParts(parts),
      );
      return {
        path: `/projects/${encode(project)}/repos/${encode(name)}`,
        owner: project,
      };
    }
    case 'azure': {
      const { project, name } = azureParts(parts, new URL(repo).hostname);
      const [owner, last] = place(
        'https://dev.azure.com/ORGANIZATION/PROJECT/_git/NAME',
        project,
        name,
      );
      return { path: `/_apis/git/repositories/${encode(last)}`, owner };
    }
    default: {
      const [owner, name] = place(
        'https://HOST/OWNER/NAME',
        parts.at(-2),
        parts.at(-1),
      );
      return { path: `/repos/${encode(owner)}/${encode(name)}`, owner };
    }
  }
}

/**
 * The base of the API of Azure DevOps for the project of a repository, which is part of
 * the URL that git uses.
 *
 * @throws InputError as {@link repositoryPlace}
 */
export function azureApiBase(repo: string): string {
  const url = new URL(repo);
  const { owner: project } = repositoryPlace('azure', repo);
  const { above } = azureParts(pathParts(repo), url.hostname);
  return [url.origin, ...[...above, project].map(encode)].join('/');
}

/** The decoded parts of the path, without `.git` at the end. */
function pathParts(repo: string, base?: string): string[] {
  const path = new URL(repo).pathname.replace(/\/+$/, '').replace(/\.git$/, '');
  const prefix = base ? new URL(base).pathname.replace(/\/+$/, '') : '';
  const below = path.startsWith(`${prefix}/`)
    ? path.slice(prefix.length)
    : path;
  return below
    .split('/')
    .filter(part => part !== '')
    .map(part => {
      try {
        return decodeURIComponent(part);
      } catch {
        throw new InputError(`${repo} has a % that begins no escape`);
      }
    });
}

/** Data Center clones from `/scm/KEY/name`, below any folder. */
function dataCenterParts(parts: string[]): (string | undefined)[] {
  const scm = parts.lastIndexOf('scm');
  if (scm >= 0) {
    return [parts[scm + 1], parts[scm + 2]];
  }
  const repos = parts.lastIndexOf('repos');
  const isUser = parts[repos - 2] === 'users';
  return repos < 2
    ? [undefined, undefined]
    : [`${isUser ? '~' : ''}${parts[repos - 1]}`, parts[repos + 1]];
}

/** Where a project holds a repository of its own name, its URL may leave one out. */
function azureParts(
  parts: string[],
  host: string,
): { above: string[]; project?: string; name?: string } {
  const git = parts.indexOf('_git');
  if (git < 0) {
    return { above: [] };
  }
  const name = parts[git + 1];
  const before = parts.slice(0, git);
  // The organisation is the first part, or in the name of the host.
  const fewest = host.endsWith('.visualstudio.com') ? 0 : 1;
  const own = before.filter(part => part !== 'DefaultCollection');
  return own.length > fewest
    ? { above: before.slice(0, -1), project: before.at(-1), name }
    : { above: before, project: name, name };
}

function encode(segment: string): string {
  return encodeURIComponent(segment);
}
