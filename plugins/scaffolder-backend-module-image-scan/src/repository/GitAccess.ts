import type { Config } from '@backstage/config';
import { InputError, toError } from '@backstage/errors';
import { ScmIntegrations } from '@backstage/integration';
import {
  checkGitUrl,
  commitUrl,
  createHttpTransport,
  type GitCredentials,
  type GitHostSettings,
  gitTimeoutOf,
  type HostOptions,
  type HttpTransport,
  IntegrationCredentials,
  parseGitHost,
  type WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';

/**
 * The way to git hosts: what Backstage's `integrations` name may be reached also where it
 * has a private address, and gets its own credential; every other host must be public and
 * gets none.
 */
export class GitAccess {
  readonly #integrations: ScmIntegrations;
  readonly #credentials: IntegrationCredentials;
  readonly #transport: HttpTransport;
  readonly #needsUserToken: boolean;
  readonly #gitHosts: readonly GitHostSettings[];

  /** @throws InputError where `imageScan.gitHosts` cannot be used */
  constructor(config: Config) {
    const integrations = ScmIntegrations.fromConfig(config);
    this.#integrations = integrations;
    this.#credentials = new IntegrationCredentials(integrations);
    this.#transport = createHttpTransport({ hosts: hostsOf(integrations) });
    this.#gitHosts = readGitHosts(config);
    this.#needsUserToken =
      config.getOptionalBoolean('scaffolder.requireScmUserCredentials') ??
      false;
  }

  /**
   * @param token - of the user, in place of the integration's; an empty one is none
   * @throws InputError for what cannot be the URL of a repository, for a token that no
   * integration takes, and where the token of a user is demanded
   */
  remote(text: string, token?: string): WorkTreeRemote {
    const { href: url, host } = checkGitUrl(text);
    const integration = this.#integrations.byUrl(url);
    if (token && !integration) {
      throw new InputError(
        `token: it is known how to send one to the hosts of integrations, and ${host} is none`,
      );
    }
    if (!token && integration && this.#needsUserToken) {
      throw new InputError(
        `No user credentials provided for host ${host}, but scaffolder.requireScmUserCredentials is enabled`,
      );
    }
    const remote = {
      url,
      transport: this.#transport,
      timeout: gitTimeoutOf(url, this.#gitHosts),
    };
    return token
      ? { ...remote, credentials: async () => this.#ofToken(url, token) }
      : {
          ...remote,
          credentials: () => this.#credentials.find(url),
          forget: () => this.#credentials.forget(url),
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
}

/** Those of `imageScan.gitHosts`, which the backend plugin reads as well. */
function readGitHosts(config: Config): GitHostSettings[] {
  const entries = config.getOptionalConfigArray('imageScan.gitHosts') ?? [];
  return entries.map((entry, index) => {
    const host = entry.getString('host');
    try {
      return parseGitHost({ host, timeout: entry.getString('timeout') });
    } catch (error) {
      throw new InputError(
        `imageScan.gitHosts[${index}] (${host}): ${toError(error).message}`,
      );
    }
  });
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
