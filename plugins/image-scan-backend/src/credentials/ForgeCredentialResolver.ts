import { InputError } from '@backstage/errors';
import type { ScmIntegration, ScmIntegrations } from '@backstage/integration';
import type {
  ForgeType,
  GitCredentials,
  GitRepoDefinition,
} from 'backstage-plugin-image-scan-node';

/** Which forge a git repo is on, and where its API is. */
export interface ForgePlace {
  type: ForgeType;
  /** Absent for Azure DevOps, which has it where the repository is. */
  apiBaseUrl?: string;
  /** URL of its pages, where Backstage knows it. */
  baseUrl?: string;
}

/** User names with which git hosts take a token that their API wants without one. */
const TOKEN_USERNAME = 'x-token-auth';
/** The one of Bitbucket Cloud for git, in place of which its API wants an address. */
const API_TOKEN_USERNAME = 'x-bitbucket-api-token-auth';

/**
 * Finds the forge of a git repo among Backstage's `integrations`, and how its API is
 * signed in to: with the credentials that git uses there, in the form that the API takes.
 */
export class ForgeCredentialResolver {
  readonly #integrations: ScmIntegrations;
  readonly #resolve: (
    definition: GitRepoDefinition,
  ) => Promise<GitCredentials | undefined>;

  constructor(git: {
    integrations: ScmIntegrations;
    resolve(definition: GitRepoDefinition): Promise<GitCredentials | undefined>;
  }) {
    this.#integrations = git.integrations;
    this.#resolve = definition => git.resolve(definition);
  }

  /**
   * @throws InputError where no entry of `integrations` names the forge, or one without
   * pull requests
   */
  placeOf({ repo }: GitRepoDefinition): ForgePlace {
    const integration = this.#integrations.byUrl(repo);
    const place = integration && this.#placeOf(integration, repo);
    if (!place) {
      const { host } = new URL(repo);
      throw new InputError(
        integration
          ? `pull requests are not opened on ${host}, which integrations.${integration.type} names; known are github, gitlab, gitea, bitbucketCloud, bitbucketServer and azure`
          : `no entry of integrations names ${host}, so it is not known which forge it is; add one, without a token where clientSecretName has it`,
      );
    }
    return place;
  }

  /**
   * The Authorization header for the API; undefined where there are no credentials.
   *
   * @throws ServiceUnavailableError as for git, InputError where the API takes them in no
   * form
   */
  async authorization(
    definition: GitRepoDefinition,
  ): Promise<string | undefined> {
    const { type } = this.placeOf(definition);
    const credentials = await this.#resolve(definition);
    if (!credentials) {
      return undefined;
    }
    if ('headers' in credentials) {
      const [, header] =
        Object.entries(credentials.headers).find(
          ([name]) => name.toLowerCase() === 'authorization',
        ) ?? [];
      return header;
    }
    const { username, password } = credentials;
    switch (type) {
      case 'github':
      case 'gitlab':
        return `Bearer ${password}`;
      case 'gitea':
        return this.#isGiteaToken(definition)
          ? `token ${password}`
          : basic(username, password);
      case 'bitbucketCloud':
        return this.#bitbucketCloud(definition, username, password);
      case 'bitbucketServer':
        return username === TOKEN_USERNAME
          ? `Bearer ${password}`
          : basic(username, password);
      default:
        return basic(username, password);
    }
  }

  #placeOf({ type }: ScmIntegration, repo: string): ForgePlace | undefined {
    const { github, gitlab, gitea, bitbucketCloud, bitbucketServer } =
      this.#integrations;
    switch (type) {
      case 'github':
        return { type, apiBaseUrl: github.byUrl(repo)?.config.apiBaseUrl };
      case 'gitlab': {
        const config = gitlab.byUrl(repo)?.config;
        return {
          type,
          apiBaseUrl: config?.apiBaseUrl,
          baseUrl: config?.baseUrl,
        };
      }
      case 'gitea': {
        const config = gitea.byUrl(repo)?.config;
        const baseUrl = config?.baseUrl ?? new URL(repo).origin;
        return {
          type,
          apiBaseUrl: `${baseUrl.replace(/\/+$/, '')}/api/v1`,
          baseUrl,
        };
      }
      case 'bitbucketCloud':
        return {
          type,
          apiBaseUrl: bitbucketCloud.byUrl(repo)?.config.apiBaseUrl,
        };
      case 'bitbucketServer':
        return {
          type,
          apiBaseUrl: bitbucketServer.byUrl(repo)?.config.apiBaseUrl,
        };
      case 'azure':
        return { type };
      default:
        return undefined;
    }
  }

  /** One of `integrations` without a user name, which git is given one for. */
  #isGiteaToken({ repo, clientSecretName }: GitRepoDefinition): boolean {
    return (
      clientSecretName === undefined &&
      this.#integrations.gitea.byUrl(repo)?.config.username === undefined
    );
  }

  #bitbucketCloud(
    { repo, clientSecretName }: GitRepoDefinition,
    username: string,
    password: string,
  ): string {
    if (username === TOKEN_USERNAME) {
      return `Bearer ${password}`;
    }
    if (username !== API_TOKEN_USERNAME) {
      return basic(username, password);
    }
    const address =
      this.#integrations.bitbucketCloud.byUrl(repo)?.config.username;
    if (address === undefined) {
      throw new InputError(
        `The API of Bitbucket Cloud takes an API token only with the Atlassian address of its account; write it as ${
          clientSecretName === undefined
            ? 'username beside the token in integrations.bitbucketCloud'
            : `username of integrations.bitbucketCloud, beside the secret ${clientSecretName}`
        }`,
      );
    }
    return basic(address, password);
  }
}

function basic(username: string, password: string): string {
  const pair = Buffer.from(`${username}:${password}`).toString('base64');
  return `Basic ${pair}`;
}
