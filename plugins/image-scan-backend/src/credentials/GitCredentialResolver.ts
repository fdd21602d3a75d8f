import type { Config } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import {
  type GitCredentials,
  type GitRepoDefinition,
  IntegrationCredentials,
} from 'backstage-plugin-image-scan-node';
import type { Secret } from '../config/readImageScanConfig';

/**
 * How long what is remembered is not forgotten again. Git repos are read on a schedule:
 * where one fresh token was refused, the next ones most likely are as well, and each
 * costs requests.
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
  readonly #ofIntegrations: IntegrationCredentials;

  constructor(options: {
    secrets: readonly Secret[];
    config: Config;
    /** Milliseconds for a token; default 30 s. */
    timeout?: number;
  }) {
    this.#secrets = options.secrets;
    this.#integrations = ScmIntegrations.fromConfig(options.config);
    this.#ofIntegrations = new IntegrationCredentials(this.#integrations, {
      timeout: options.timeout,
      freshTime: FRESH_MS,
    });
  }

  get integrations(): ScmIntegrations {
    return this.#integrations;
  }

  /**
   * Undefined where there are none: the remote is then asked without.
   *
   * @throws ServiceUnavailableError when the host gives no token, in its words.
   */
  async resolve({
    clientSecretName,
    repo,
  }: GitRepoDefinition): Promise<GitCredentials | undefined> {
    if (clientSecretName === undefined) {
      return this.#ofIntegrations.find(repo);
    }
    const secret = this.#secrets.find(({ name }) => name === clientSecretName);
    return secret?.type === 'git'
      ? { username: secret.username, password: secret.password }
      : undefined;
  }

  /**
   * Forgets the tokens that are remembered for a remote that has refused one: it
   * may have been revoked before its time.
   *
   * @returns whether another may do better; not where it is the same again
   */
  forget({ clientSecretName, repo }: GitRepoDefinition): boolean {
    return clientSecretName === undefined && this.#ofIntegrations.forget(repo);
  }
}
