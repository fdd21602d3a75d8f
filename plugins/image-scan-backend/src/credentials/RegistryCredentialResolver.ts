import { NotAllowedError } from '@backstage/errors';
import type {
  ImageReference,
  RegistryCredentials,
} from 'backstage-plugin-image-scan-node';
import type { RegistrySettings, Secret } from '../config/readImageScanConfig';

/** Whose scan asks for which image. */
export interface CredentialRequest {
  /** Key of the git repo. */
  gitRepo: string;
  reference: ImageReference;
  secretRef?: string;
}

/**
 * Finds the credentials of a scan.
 *
 * @remarks
 * Whoever can push to a git repo chooses image and secretRef. So a secretRef
 * reaches dockerConfigJson secrets only, such a secret only the hosts inside
 * it, and both can be limited to some git repos.
 */
export class RegistryCredentialResolver {
  readonly #secrets: ReadonlyMap<string, Secret>;
  readonly #registries: readonly RegistrySettings[];

  constructor(options: {
    secrets: readonly Secret[];
    registries: readonly RegistrySettings[];
  }) {
    this.#secrets = new Map(
      options.secrets.map(secret => [secret.name, secret]),
    );
    this.#registries = options.registries;
  }

  /**
   * Names the credentials without showing them: scans of one image that have
   * the same name here share a list of tags. A git repo that may not use a
   * secret shares with nobody who may.
   */
  keyOf(request: CredentialRequest): string {
    const { secretRef, gitRepo } = request;
    if (secretRef !== undefined) {
      const secret = this.#secrets.get(secretRef);
      return secret && mayUse(secret, gitRepo)
        ? `secret:${secretRef}`
        : `refused:${gitRepo}:${secretRef}`;
    }
    const registry = this.#registryOf(request);
    return registry ? `registry:${registry.host}` : 'anonymous';
  }

  /**
   * @throws NotAllowedError when the secretRef cannot be used, saying why.
   */
  resolve(request: CredentialRequest): RegistryCredentials | undefined {
    if (request.secretRef !== undefined) {
      return this.#fromSecret(request.secretRef, request);
    }
    const credentials = this.#registryOf(request)?.credentials;
    return credentials && { type: 'basic', ...credentials };
  }

  #fromSecret(
    name: string,
    request: CredentialRequest,
  ): RegistryCredentials | undefined {
    const secret = this.#secrets.get(name);
    if (!secret) {
      throw new NotAllowedError(
        `secretRef names ${name}, which no entry of imageScan.secrets has`,
      );
    }
    if (secret.type !== 'docker-config') {
      throw new NotAllowedError(
        `secretRef names ${name}, which is not a dockerConfigJson secret; only such a secret may go to a registry`,
      );
    }
    if (!mayUse(secret, request.gitRepo)) {
      throw new NotAllowedError(
        `secretRef names ${name}, which git repo ${request.gitRepo} may not use; see gitRepos of that secret in imageScan.secrets`,
      );
    }
    const { dockerConfig } = secret;
    const credentials = dockerConfig.credentialsFor(request.reference);
    // An entry that is there and empty says that the registry needs no sign-in.
    if (!credentials && !dockerConfig.isAnonymousFor(request.reference)) {
      throw new NotAllowedError(
        `secret ${name} has no entry for ${request.reference.registry}`,
      );
    }
    return credentials;
  }

  #registryOf({
    gitRepo,
    reference,
  }: CredentialRequest): RegistrySettings | undefined {
    return this.#registries.find(
      ({ host, credentials, gitRepos }) =>
        credentials &&
        [reference.registry, reference.apiHost].includes(host) &&
        (!gitRepos || gitRepos.includes(gitRepo)),
    );
  }
}

function mayUse(secret: Secret, gitRepo: string): boolean {
  return (
    secret.type === 'docker-config' &&
    (!secret.gitRepos || secret.gitRepos.includes(gitRepo))
  );
}
