import { ServiceUnavailableError, toError } from '@backstage/errors';
import {
  DefaultAzureDevOpsCredentialsProvider,
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  getBitbucketCloudRequestOptions,
} from '@backstage/integration';
import type { ScmIntegration, ScmIntegrations } from '@backstage/integration';
import { cleanTokenServiceText, tokenWithin } from './tokenService';
import type { GitCredentials } from './types';

/** A provider of tokens, which remembers them, and since when it does. */
interface Kept<T> {
  provider: T;
  /** On the monotonic clock. */
  madeAt: number;
}

/**
 * The credentials that Backstage's `integrations` have for git. They can expire, so ask
 * before every run; tokens are remembered here until then.
 *
 * @public
 */
export class IntegrationCredentials {
  readonly #integrations: ScmIntegrations;
  readonly #timeout: number | undefined;
  readonly #freshTime: number;
  #github: Kept<DefaultGithubCredentialsProvider> | undefined;
  #azure: Kept<DefaultAzureDevOpsCredentialsProvider> | undefined;
  /** Who asks for the token of an owner first: others find it answered. */
  readonly #asking = new Map<string, Promise<unknown>>();

  /**
   * @param options - `timeout`: milliseconds for a token, default 30 s; `freshTime`:
   * milliseconds for which what is remembered is not forgotten again, default 0
   */
  constructor(
    integrations: ScmIntegrations,
    options: { timeout?: number; freshTime?: number } = {},
  ) {
    this.#integrations = integrations;
    this.#timeout = options.timeout;
    this.#freshTime = options.freshTime ?? 0;
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
      return await this.#askTwice(integration, url);
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
    const { github, azure } = this.#integrations;
    if (github.byUrl(url)?.config.apps?.length) {
      const isForgotten = this.#isOld(this.#github);
      this.#github = isForgotten ? undefined : this.#github;
      return isForgotten;
    }
    if (azure.byUrl(url)?.config.credentials?.length) {
      const isForgotten = this.#isOld(this.#azure);
      this.#azure = isForgotten ? undefined : this.#azure;
      return isForgotten;
    }
    return false;
  }

  #isOld(kept: Kept<unknown> | undefined): boolean {
    return (
      kept !== undefined && performance.now() >= kept.madeAt + this.#freshTime
    );
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

  async #ask(
    { type }: ScmIntegration,
    url: string,
  ): Promise<GitCredentials | undefined> {
    const integrations = this.#integrations;
    switch (type) {
      case 'github': {
        this.#github ??= keep(
          DefaultGithubCredentialsProvider.fromIntegrations(integrations),
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
            integrations,
          ).getCredentials({ url });
        return basic('oauth2', token);
      }
      case 'azure': {
        // Without any the provider looks for identities of the machine and fails where
        // there are none; a public repository needs none.
        if (!integrations.azure.byUrl(url)?.config.credentials?.length) {
          return undefined;
        }
        this.#azure ??= keep(
          DefaultAzureDevOpsCredentialsProvider.fromIntegrations(integrations),
        );
        const { provider } = this.#azure;
        const credentials = await this.#together(url, () =>
          provider.getCredentials({ url }),
        );
        return credentials && { headers: { ...credentials.headers } };
      }
      case 'gitea': {
        const config = integrations.gitea.byUrl(url)?.config;
        return basic(config?.username ?? 'git', config?.password);
      }
      case 'bitbucketCloud':
        return this.#bitbucketCloud(url);
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

  /** Bitbucket Cloud takes other user names for git than for its API. */
  async #bitbucketCloud(url: string): Promise<GitCredentials | undefined> {
    const config = this.#integrations.bitbucketCloud.byUrl(url)?.config;
    if (config?.clientId !== undefined) {
      const { headers } = await this.#together(url, () =>
        getBitbucketCloudRequestOptions(config),
      );
      return { headers };
    }
    return config?.token === undefined
      ? basic(config?.username, config?.appPassword)
      : basic('x-bitbucket-api-token-auth', config.token);
  }
}

function keep<T>(provider: T): Kept<T> {
  return { provider, madeAt: performance.now() };
}

function basic(
  username: string | undefined,
  password: string | undefined,
): GitCredentials | undefined {
  return username === undefined || password === undefined
    ? undefined
    : { username, password };
}
