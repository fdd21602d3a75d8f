import type { Config } from '@backstage/config';
import {
  InputError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import {
  DefaultAzureDevOpsCredentialsProvider,
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  getBitbucketCloudRequestOptions,
  ScmIntegrations,
} from '@backstage/integration';
import {
  checkGitUrl,
  commitUrl,
  createHttpTransport,
  type GitCredentials,
  type HostOptions,
  type HttpTransport,
  type WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';

/**
 * The way to git hosts: what Backstage's `integrations` name may be reached also where it
 * has a private address, and gets its own credential; every other host must be public and
 * gets none.
 */
export class GitAccess {
  readonly #integrations: ScmIntegrations;
  readonly #github: DefaultGithubCredentialsProvider;
  readonly #gitlab: DefaultGitlabCredentialsProvider;
  readonly #azure: DefaultAzureDevOpsCredentialsProvider;
  readonly #transport: HttpTransport;
  readonly #needsUserToken: boolean;

  constructor(config: Config) {
    const integrations = ScmIntegrations.fromConfig(config);
    this.#integrations = integrations;
    // They keep tokens until these expire.
    this.#github =
      DefaultGithubCredentialsProvider.fromIntegrations(integrations);
    this.#gitlab =
      DefaultGitlabCredentialsProvider.fromIntegrations(integrations);
    this.#azure =
      DefaultAzureDevOpsCredentialsProvider.fromIntegrations(integrations);
    this.#transport = createHttpTransport({ hosts: hostsOf(integrations) });
    this.#needsUserToken =
      config.getOptionalBoolean('scaffolder.requireScmUserCredentials') ??
      false;
  }

  /**
   * @param token - of the user, in place of the integration's
   * @throws InputError for what cannot be the URL of a repository, for a token that no
   * integration takes, and where the token of a user is demanded
   */
  remote(text: string, token?: string): WorkTreeRemote {
    const { href: url, host } = checkGitUrl(text);
    const integration = this.#integrations.byUrl(url);
    if (token !== undefined && !integration) {
      throw new InputError(
        `token: it is known how to send one to the hosts of integrations, and ${host} is none`,
      );
    }
    if (token === undefined && integration && this.#needsUserToken) {
      throw new InputError(
        `No user credentials provided for host ${host}, but scaffolder.requireScmUserCredentials is enabled`,
      );
    }
    return {
      url,
      transport: this.#transport,
      credentials: async () =>
        token === undefined
          ? this.#ofIntegration(url)
          : this.#ofToken(url, token),
    };
  }

  /** Where people look at a commit, when that is known. */
  commitUrl(url: string, commit: string): string | undefined {
    return commitUrl(this.#integrations.byUrl(url)?.type, url, commit);
  }

  close(): void {
    this.#transport.close();
  }

  #ofToken(url: string, token: string): GitCredentials {
    switch (this.#integrations.byUrl(url)?.type) {
      case 'github':
        return { username: 'x-access-token', password: token };
      case 'gitlab':
        return { username: 'oauth2', password: token };
      case 'bitbucketCloud':
        return { username: 'x-token-auth', password: token };
      case 'bitbucketServer':
        return { headers: { Authorization: `Bearer ${token}` } };
      case 'azure':
        return { username: 'notempty', password: token };
      default: {
        const config = this.#integrations.gitea.byUrl(url)?.config;
        return { username: config?.username ?? 'git', password: token };
      }
    }
  }

  async #ofIntegration(url: string): Promise<GitCredentials | undefined> {
    const integration = this.#integrations.byUrl(url);
    try {
      return await this.#ask(integration?.type, url);
    } catch (error) {
      // Without its cause and its words: they may hold the credentials asked with.
      throw new ServiceUnavailableError(
        `There are no credentials for ${url} from integrations.${
          integration?.type
        } (${
          toError(error).name
        }); look at its settings and at the log of its host`,
      );
    }
  }

  async #ask(
    type: string | undefined,
    url: string,
  ): Promise<GitCredentials | undefined> {
    const integrations = this.#integrations;
    switch (type) {
      case 'github': {
        const { token } = await this.#github.getCredentials({ url });
        return basic('x-access-token', token);
      }
      case 'gitlab': {
        const { token } = await this.#gitlab.getCredentials({ url });
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

/** Named by the operator, so they may have private addresses. */
function hostsOf(integrations: ScmIntegrations): HostOptions[] {
  const configs: { host: string; baseUrl?: string; apiBaseUrl?: string }[] = [
    ...integrations.azure.list(),
    ...integrations.bitbucketCloud.list(),
    ...integrations.bitbucketServer.list(),
    ...integrations.gerrit.list(),
    ...integrations.gitea.list(),
    ...integrations.github.list(),
    ...integrations.gitlab.list(),
    ...integrations.harness.list(),
  ].map(({ config }) => config);
  return configs.map(({ host, baseUrl, apiBaseUrl }) => ({
    host,
    insecure: [baseUrl, apiBaseUrl].some(url => url?.startsWith('http:')),
  }));
}
