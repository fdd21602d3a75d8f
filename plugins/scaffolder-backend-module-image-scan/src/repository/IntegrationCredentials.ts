import { ServiceUnavailableError, toError } from '@backstage/errors';
import {
  DefaultAzureDevOpsCredentialsProvider,
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  getBitbucketCloudRequestOptions,
  type ScmIntegration,
  type ScmIntegrations,
} from '@backstage/integration';
import {
  cleanTokenServiceText,
  type GitCredentials,
  tokenWithin,
} from 'backstage-plugin-image-scan-node';

/**
 * The credentials that Backstage's `integrations` have for git. Tokens are remembered
 * until they expire.
 */
export class IntegrationCredentials {
  readonly #integrations: ScmIntegrations;
  readonly #timeout: number | undefined;
  #github: DefaultGithubCredentialsProvider;
  #azure: DefaultAzureDevOpsCredentialsProvider;

  /** @param timeout - milliseconds for a token; default 30 s */
  constructor(integrations: ScmIntegrations, timeout?: number) {
    this.#integrations = integrations;
    this.#timeout = timeout;
    this.#github =
      DefaultGithubCredentialsProvider.fromIntegrations(integrations);
    this.#azure =
      DefaultAzureDevOpsCredentialsProvider.fromIntegrations(integrations);
  }

  /**
   * Undefined where there are none: the remote is then asked without.
   *
   * @throws ServiceUnavailableError when the host gives no token, in its words
   */
  async find(url: string): Promise<GitCredentials | undefined> {
    const integration = this.#integrations.byUrl(url);
    if (!integration) {
      return undefined;
    }
    try {
      return await tokenWithin(
        this.#askTwice(integration, url),
        new URL(url).host,
        this.#timeout,
      );
    } catch (error) {
      // Without its cause, which may hold the request with all its headers.
      throw new ServiceUnavailableError(
        `There are no credentials for ${url} from integrations.${
          integration.type
        }: ${cleanTokenServiceText(toError(error).message, integration)}`,
      );
    }
  }

  /**
   * Forgets the tokens that are remembered for a remote that has refused one: it may have
   * been revoked before its time.
   *
   * @returns whether another may do better; not where it is the same again
   */
  forget(url: string): boolean {
    const integrations = this.#integrations;
    if (integrations.github.byUrl(url)?.config.apps?.length) {
      this.#github =
        DefaultGithubCredentialsProvider.fromIntegrations(integrations);
      return true;
    }
    if (integrations.azure.byUrl(url)?.config.credentials?.length) {
      this.#azure =
        DefaultAzureDevOpsCredentialsProvider.fromIntegrations(integrations);
      return true;
    }
    return false;
  }

  async #askTwice(
    integration: ScmIntegration,
    url: string,
  ): Promise<GitCredentials | undefined> {
    try {
      return await this.#ask(integration, url);
    } catch (error) {
      // What is remembered may say no for a repository that is new to an app.
      if (this.forget(url)) {
        return this.#ask(integration, url);
      }
      throw error;
    }
  }

  async #ask(
    { type }: ScmIntegration,
    url: string,
  ): Promise<GitCredentials | undefined> {
    const integrations = this.#integrations;
    switch (type) {
      case 'github': {
        const { token } = await this.#github.getCredentials({ url });
        return basic('x-access-token', token);
      }
      case 'gitlab': {
        const { token } =
          await DefaultGitlabCredentialsProvider.fromIntegrations(
            integrations,
          ).getCredentials({ url });
        return basic('oauth2', token);
      }
      case 'azure': {
        // Without any the provider looks for identities of the machine.
        if (!integrations.azure.byUrl(url)?.config.credentials?.length) {
          return undefined;
        }
        const credentials = await this.#azure.getCredentials({ url });
        return credentials && { headers: { ...credentials.headers } };
      }
      case 'gitea': {
        const config = integrations.gitea.byUrl(url)?.config;
        return basic(config?.username ?? 'git', config?.password);
      }
      case 'bitbucketCloud': {
        const config = integrations.bitbucketCloud.byUrl(url)?.config;
        if (config?.clientId !== undefined) {
          const { headers } = await getBitbucketCloudRequestOptions(config);
          return { headers };
        }
        return config?.token === undefined
          ? basic(config?.username, config?.appPassword)
          : basic('x-bitbucket-api-token-auth', config.token);
      }
      case 'bitbucketServer': {
        const config = integrations.bitbucketServer.byUrl(url)?.config;
        return config?.token === undefined
          ? basic(config?.username, config?.password)
          : { headers: { Authorization: `Bearer ${config.token}` } };
      }
      default:
        return undefined;
    }
  }
}

function basic(
  username: string | undefined,
  password: string | undefined,
): GitCredentials | undefined {
  return username === undefined || password === undefined
    ? undefined
    : { username, password };
}
