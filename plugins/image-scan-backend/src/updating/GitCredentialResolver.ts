import { Config } from '@backstage/config';
import {
  DefaultAzureDevOpsCredentialsProvider,
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  getBitbucketCloudRequestOptions,
  ScmIntegration,
  ScmIntegrations,
} from '@backstage/integration';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import {
  cleanRemoteText,
  GitCredentials,
  GitRepoDefinition,
} from 'backstage-plugin-image-scan-node';
import { Secret } from '../config';

const SECRET_NAMES = /token|password|secret|privateKey/i;

/**
 * Finds the credentials for a git remote: those of its `clientSecretName`, else
 * those that Backstage's `integrations` have for its host. They can expire, so
 * ask before every run.
 */
export class GitCredentialResolver {
  readonly #secrets: readonly Secret[];
  readonly #integrations: ScmIntegrations;

  constructor(options: { secrets: readonly Secret[]; config: Config }) {
    this.#secrets = options.secrets;
    this.#integrations = ScmIntegrations.fromConfig(options.config);
  }

  get integrations(): ScmIntegrations {
    return this.#integrations;
  }

  /**
   * Undefined where there are none: the remote is then asked without.
   *
   * @throws ServiceUnavailableError when the host gives no token, in its words.
   */
  async resolve(
    definition: GitRepoDefinition,
  ): Promise<GitCredentials | undefined> {
    if (definition.clientSecretName !== undefined) {
      const secret = this.#secrets.find(
        ({ name }) => name === definition.clientSecretName,
      );
      return secret?.type === 'git'
        ? { username: secret.username, password: secret.password }
        : undefined;
    }
    const integration = this.#integrations.byUrl(definition.repo);
    if (!integration) {
      return undefined;
    }
    try {
      return await this.#fromIntegration(integration, definition.repo);
    } catch (error) {
      // Without its cause, which may hold the request with all its headers.
      throw new ServiceUnavailableError(
        `There are no credentials for ${definition.repo} from integrations.${
          integration.type
        }: ${cleanRemoteText(toError(error).message, secretsIn(integration))}`,
      );
    }
  }

  async #fromIntegration(
    integration: ScmIntegration,
    url: string,
  ): Promise<GitCredentials | undefined> {
    switch (integration.type) {
      case 'github': {
        const { token } =
          await DefaultGithubCredentialsProvider.fromIntegrations(
            this.#integrations,
          ).getCredentials({ url });
        return basic('x-access-token', token);
      }
      case 'gitlab': {
        const { token } =
          await DefaultGitlabCredentialsProvider.fromIntegrations(
            this.#integrations,
          ).getCredentials({ url });
        return basic('oauth2', token);
      }
      case 'azure': {
        // Without any the provider looks for identities of the machine and
        // fails where there are none; a public repository needs none.
        if (!this.#integrations.azure.byUrl(url)?.config.credentials?.length) {
          return undefined;
        }
        const credentials =
          await DefaultAzureDevOpsCredentialsProvider.fromIntegrations(
            this.#integrations,
          ).getCredentials({ url });
        return credentials && { headers: { ...credentials.headers } };
      }
      case 'gitea': {
        const config = this.#integrations.gitea.byUrl(url)?.config;
        return basic(config?.username ?? 'git', config?.password);
      }
      case 'bitbucketCloud':
        return this.#bitbucketCloud(url);
      case 'bitbucketServer':
        return this.#bitbucketServer(url);
      default:
        return undefined;
    }
  }

  /** Bitbucket Cloud takes other user names for git than for its API. */
  async #bitbucketCloud(url: string): Promise<GitCredentials | undefined> {
    const config = this.#integrations.bitbucketCloud.byUrl(url)?.config;
    if (!config) {
      return undefined;
    }
    if (config.clientId !== undefined) {
      const { headers } = await getBitbucketCloudRequestOptions(config);
      return { headers };
    }
    if (config.token !== undefined) {
      return basic('x-bitbucket-api-token-auth', config.token);
    }
    return config.username === undefined
      ? undefined
      : basic(config.username, config.appPassword);
  }

  #bitbucketServer(url: string): GitCredentials | undefined {
    const config = this.#integrations.bitbucketServer.byUrl(url)?.config;
    if (config?.token !== undefined) {
      return { headers: { Authorization: `Bearer ${config.token}` } };
    }
    return config?.username === undefined
      ? undefined
      : basic(config.username, config.password);
  }
}

function basic(
  username: string,
  password: string | undefined,
): GitCredentials | undefined {
  return password === undefined ? undefined : { username, password };
}

/** Every text of an integration's configuration that is a secret by its name. */
function secretsIn(integration: object): string[] {
  return Object.entries(integration).flatMap(([name, value]) => {
    if (typeof value === 'string') {
      return SECRET_NAMES.test(name) ? [value] : [];
    }
    return typeof value === 'object' && value !== null ? secretsIn(value) : [];
  });
}
