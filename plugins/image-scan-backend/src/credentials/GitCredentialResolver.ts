import type { Config } from '@backstage/config';
import {
  DefaultAzureDevOpsCredentialsProvider,
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  getBitbucketCloudRequestOptions,
  type ScmIntegration,
  ScmIntegrations,
} from '@backstage/integration';
import { ServiceUnavailableError, toError } from '@backstage/errors';
import {
  cleanTokenServiceText,
  type GitCredentials,
  type GitRepoDefinition,
  tokenWithin,
} from 'backstage-plugin-image-scan-node';
import type { Secret } from '../config/readImageScanConfig';

/**
 * How long what is remembered is not forgotten again: where one fresh token was
 * refused, the next ones most likely are as well, and each costs requests.
 */
const FRESH_MS = 10 * 60_000;

/**
 * Finds the credentials for a git remote: those of its `clientSecretName`, else
 * those that Backstage's `integrations` have for its host. They can expire, so
 * ask before every run; tokens are remembered here until then.
 */
export class GitCredentialResolver {
  readonly #secrets: readonly Secret[];
  readonly #integrations: ScmIntegrations;
  readonly #timeout: number | undefined;
  #github: Kept<DefaultGithubCredentialsProvider> | undefined;
  #azure: Kept<DefaultAzureDevOpsCredentialsProvider> | undefined;
  /** Who asks for the token of an owner first: others find it answered. */
  readonly #asking = new Map<string, Promise<unknown>>();

  constructor(options: {
    secrets: readonly Secret[];
    config: Config;
    /** Milliseconds for a token; default 30 s. */
    timeout?: number;
  }) {
    this.#secrets = options.secrets;
    this.#integrations = ScmIntegrations.fromConfig(options.config);
    this.#timeout = options.timeout;
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
    const ask = () => this.#fromIntegration(integration, definition.repo);
    try {
      return await ask().catch(error => {
        // What is remembered may say no for a repository that is new to an app.
        if (this.forget(definition)) {
          return ask();
        }
        throw error;
      });
    } catch (error) {
      // Without its cause, which may hold the request with all its headers.
      throw new ServiceUnavailableError(
        `There are no credentials for ${definition.repo} from integrations.${
          integration.type
        }: ${cleanTokenServiceText(toError(error).message, integration)}`,
      );
    }
  }

  /**
   * Forgets the tokens that are remembered for a remote that has refused one: it
   * may have been revoked before its time.
   *
   * @returns whether another may do better; not where it is the same again
   */
  forget(definition: GitRepoDefinition): boolean {
    if (definition.clientSecretName !== undefined) {
      return false;
    }
    const { github, azure } = this.#integrations;
    if (github.byUrl(definition.repo)?.config.apps?.length) {
      const isForgotten = isOld(this.#github);
      this.#github = isForgotten ? undefined : this.#github;
      return isForgotten;
    }
    if (azure.byUrl(definition.repo)?.config.credentials?.length) {
      const isForgotten = isOld(this.#azure);
      this.#azure = isForgotten ? undefined : this.#azure;
      return isForgotten;
    }
    return false;
  }

  /** Those who ask at the same time for repositories of one owner need one token. */
  async #together<T>(url: string, ask: () => Promise<T>): Promise<T> {
    const { host, pathname } = new URL(url);
    const owner = `${host}/${pathname.split('/')[1]}`;
    const first = this.#asking.get(owner);
    if (first) {
      await first.catch(() => undefined);
      // Mostly from what is remembered now; if that failed, in its own words.
      return tokenWithin(ask(), host, this.#timeout);
    }
    const asked = tokenWithin(ask(), host, this.#timeout);
    this.#asking.set(owner, asked);
    try {
      return await asked;
    } finally {
      this.#asking.delete(owner);
    }
  }

  async #fromIntegration(
    integration: ScmIntegration,
    url: string,
  ): Promise<GitCredentials | undefined> {
    switch (integration.type) {
      case 'github': {
        this.#github ??= keep(
          DefaultGithubCredentialsProvider.fromIntegrations(this.#integrations),
        );
        const { provider } = this.#github;
        const { token } = await this.#together(url, () =>
          provider.getCredentials({ url }),
        );
        return basic('x-access-token', token);
      }
      case 'gitlab': {
        // Reads the configuration; there is no token to wait for or to remember.
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
        this.#azure ??= keep(
          DefaultAzureDevOpsCredentialsProvider.fromIntegrations(
            this.#integrations,
          ),
        );
        const { provider } = this.#azure;
        const credentials = await this.#together(url, () =>
          provider.getCredentials({ url }),
        );
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
      const { headers } = await this.#together(url, () =>
        getBitbucketCloudRequestOptions(config),
      );
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

/** A provider of tokens, which remembers them, and since when it does. */
interface Kept<T> {
  provider: T;
  /** On the monotonic clock. */
  madeAt: number;
}

function isOld(kept: Kept<unknown> | undefined): boolean {
  return kept !== undefined && performance.now() > kept.madeAt + FRESH_MS;
}

function keep<T>(provider: T): Kept<T> {
  return { provider, madeAt: performance.now() };
}

function basic(
  username: string,
  password: string | undefined,
): GitCredentials | undefined {
  return password === undefined ? undefined : { username, password };
}
