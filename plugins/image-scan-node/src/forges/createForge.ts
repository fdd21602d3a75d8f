import { InputError } from '@backstage/errors';
import { AzureForge, readAzureRefusal } from './AzureForge';
import {
  BitbucketCloudForge,
  readBitbucketCloudRefusal,
} from './BitbucketCloudForge';
import {
  BitbucketServerForge,
  readBitbucketServerRefusal,
} from './BitbucketServerForge';
import type { Forge, ForgeType } from './Forge';
import { ForgeHttp } from './ForgeHttp';
import type { ForgeConnection } from './ForgeHttp';
import { GiteaForge, readGiteaRefusal } from './GiteaForge';
import { GitHubForge, readGitHubRefusal } from './GitHubForge';
import { GitLabForge, readGitLabRefusal } from './GitLabForge';
import { azureApiBase, repositoryPlace } from './repositoryPath';

/** @public */
export interface ForgeOptions extends Omit<ForgeConnection, 'apiBaseUrl'> {
  type: ForgeType;
  /** The URL that git uses. */
  repo: string;
  /** Where the API is; Azure DevOps has it where the repository is. */
  apiBaseUrl?: string;
  /** URL of the forge's pages, where it lies below a folder of its host. */
  baseUrl?: string;
}

/**
 * The pull requests of a repository.
 *
 * @throws InputError where the URL is none of a repository of this forge, or where
 * nothing says where the API is
 * @public
 */
export function createForge(options: ForgeOptions): Forge {
  const { type, repo } = options;
  const place = repositoryPlace(type, repo, options.baseUrl);
  const apiBaseUrl = forgeApiBaseUrl(options);
  const connection = { ...options, apiBaseUrl };
  switch (type) {
    case 'github':
      return new GitHubForge(
        new ForgeHttp(type, connection, readGitHubRefusal),
        place,
        apiBaseUrl,
      );
    case 'gitlab':
      return new GitLabForge(
        new ForgeHttp(type, connection, readGitLabRefusal),
        place,
      );
    case 'gitea':
      return new GiteaForge(
        new ForgeHttp(type, connection, readGiteaRefusal),
        place,
      );
    case 'bitbucketCloud':
      return new BitbucketCloudForge(
        new ForgeHttp(type, connection, readBitbucketCloudRefusal),
        place,
      );
    case 'bitbucketServer':
      return new BitbucketServerForge(
        new ForgeHttp(type, connection, readBitbucketServerRefusal),
        place,
      );
    default:
      return new AzureForge(
        new ForgeHttp(type, connection, readAzureRefusal),
        place,
        repo,
      );
  }
}

/**
 * Where the API of a forge is, whose host the operator must list as reachable.
 *
 * @throws InputError as {@link createForge}
 * @public
 */
export function forgeApiBaseUrl({
  type,
  repo,
  apiBaseUrl,
}: Pick<ForgeOptions, 'type' | 'repo' | 'apiBaseUrl'>): string {
  if (type === 'azure') {
    return azureApiBase(repo);
  }
  if (apiBaseUrl === undefined || !URL.canParse(apiBaseUrl)) {
    throw new InputError(
      `Nothing says where the API for ${repo} is; write apiBaseUrl to its entry in integrations.${type}`,
    );
  }
  return apiBaseUrl;
}
