import type { Config } from '@backstage/config';
import { InputError, toError } from '@backstage/errors';
import {
  apiHostOf,
  canonicalGitHost,
  type CommitSigner,
  type DockerConfig,
  type GitHostSettings,
  type GitRepoDefinition,
  type HostOptions,
  isOnHost,
  parseDockerConfig,
  parseGitHost,
  parseGitRepo,
  parseTimeout,
  readSshSigner,
} from 'backstage-plugin-image-scan-node';
import {
  configError,
  parseRawConfig,
  type RawRegistry,
  type RawSecret,
  UNSET_VARIABLE,
} from './configSchema';
import { qualifiedName } from '../model/GitRepoDirectory';
import { checkMessageTemplate } from '../model/commitMessage';
import { describeOverlap, findOverlaps } from '../model/overlaps';

/** A secret for `clientSecretName`: goes to the host of the GitRepo that names it. */
export interface GitSecret {
  type: 'git';
  name: string;
  username: string;
  password: string;
}

/** A secret for `secretRef`: goes to the hosts inside it. */
export interface DockerConfigSecret {
  type: 'docker-config';
  name: string;
  dockerConfig: DockerConfig;
  /** Keys of the git repos that may name it; undefined for all. */
  gitRepos?: readonly string[];
}

/** A secret for `signingSecretName`: goes nowhere. */
export interface SigningSecret {
  type: 'signing';
  name: string;
  signer: CommitSigner;
}

export type Secret = GitSecret | DockerConfigSecret | SigningSecret;

/** A registry that differs from the defaults. */
export interface RegistrySettings extends HostOptions {
  credentials?: { username: string; password: string };
  /** Keys of the git repos whose scans may use the credentials; undefined for all. */
  gitRepos?: readonly string[];
}

/** The `imageScan` configuration, checked. */
export interface ImageScanConfig {
  gitRepos: readonly GitRepoDefinition[];
  secrets: readonly Secret[];
  registries: readonly RegistrySettings[];
  /** Absent where none is listed. */
  gitHosts?: readonly GitHostSettings[];
  /** What works but may be meant otherwise. */
  warnings: readonly string[];
}

/** What the database keeps of `namespace/name`. */
const MAX_KEY = 255;

/**
 * Reads and checks the `imageScan` configuration, once, at start.
 *
 * @throws InputError that names every wrong key and what is allowed there.
 */
export function readImageScanConfig(config: Config): ImageScanConfig {
  const raw = parseRawConfig(config.getOptional('imageScan'));
  const errors: string[] = [];
  const collect = <T>(place: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      errors.push(`${place}: ${toError(error).message}`);
      return undefined;
    }
  };

  const gitRepos = (raw.gitRepos ?? []).flatMap(
    (manifest, index) =>
      collect(`imageScan.gitRepos[${index}]`, () => readGitRepo(manifest)) ??
      [],
  );
  errors.push(
    ...duplicates(
      'gitRepos',
      gitRepos.map(({ key }) => key),
    ),
  );
  const keysOf = (names: readonly string[] | undefined) =>
    names?.map(name => findGitRepoKey(gitRepos, name));

  const secrets = (raw.secrets ?? []).flatMap(
    (secret, index) =>
      collect(`imageScan.secrets[${index}] (${secret.name})`, () =>
        readSecret(secret, keysOf(secret.gitRepos)),
      ) ?? [],
  );
  errors.push(
    ...duplicates(
      'secrets',
      (raw.secrets ?? []).map(({ name }) => name),
    ),
  );
  const registries = (raw.registries ?? []).flatMap(
    (registry, index) =>
      collect(`imageScan.registries[${index}] (${registry.host})`, () =>
        readRegistry(registry, keysOf(registry.gitRepos)),
      ) ?? [],
  );
  errors.push(
    ...duplicates(
      'registries',
      (raw.registries ?? []).map(({ host }) => apiHostOf(host)),
    ),
  );
  const gitHosts = (raw.gitHosts ?? []).flatMap(
    (gitHost, index) =>
      collect(`imageScan.gitHosts[${index}] (${gitHost.host})`, () =>
        parseGitHost(gitHost),
      ) ?? [],
  );
  errors.push(
    ...duplicates(
      'gitHosts',
      (raw.gitHosts ?? []).map(({ host }) => canonicalGitHost(host)),
    ),
  );
  for (const gitRepo of gitRepos) {
    collect(`imageScan.gitRepos (${gitRepo.key})`, () =>
      checkClientSecret(gitRepo, raw.secrets ?? []),
    );
    collect(`imageScan.gitRepos (${gitRepo.key})`, () =>
      checkSigningSecret(gitRepo, raw.secrets ?? []),
    );
  }

  if (errors.length > 0) {
    throw configError(errors);
  }
  return {
    gitRepos,
    secrets,
    registries,
    gitHosts: gitHosts.length > 0 ? gitHosts : undefined,
    warnings: [
      ...(gitRepos.length === 0
        ? ['imageScan.gitRepos is empty, so nothing is scanned']
        : []),
      ...gitRepos.flatMap(({ key, warnings }) =>
        warnings.map(warning => `imageScan.gitRepos (${key}): ${warning}`),
      ),
      ...[...findOverlaps(gitRepos, ({ branch }) => branch)].flatMap(
        ([key, overlaps]) =>
          overlaps.map(
            ({ path, other }) =>
              `imageScan.gitRepos (${key}): ${describeOverlap(
                path,
                `git repo ${other}`,
              )}`,
          ),
      ),
      ...gitHosts
        .filter(
          gitHost => !gitRepos.some(({ repo }) => isOnHost(repo, gitHost)),
        )
        .map(
          ({ host }) =>
            `imageScan.gitHosts (${host}): no entry of imageScan.gitRepos is on this host`,
        ),
    ],
  };
}

function readGitRepo(manifest: unknown): GitRepoDefinition {
  const definition = parseGitRepo(manifest);
  if (definition.key.length > MAX_KEY) {
    throw new InputError(
      `metadata: namespace and name have ${definition.key.length} characters together; at most ${MAX_KEY} are allowed`,
    );
  }
  try {
    checkMessageTemplate(definition.commit.messageTemplate);
  } catch (error) {
    throw new InputError(
      `spec.imageScanCommit.messageTemplate: ${toError(error).message}`,
    );
  }
  return definition;
}

function readSecret(
  secret: RawSecret,
  gitRepos: readonly string[] | undefined,
): Secret {
  const { name, username, password, dockerConfigJson } = secret;
  if (secret.sshPrivateKey !== undefined || secret.passphrase !== undefined) {
    return readSigningSecret(secret);
  }
  if (typeof dockerConfigJson === 'string') {
    if (username !== undefined || password !== undefined) {
      throw new InputError(
        'has dockerConfigJson beside username or password; one secret is for registries (dockerConfigJson) or for git (username and password), not both',
      );
    }
    const dockerConfig = readDockerConfig(dockerConfigJson);
    return { type: 'docker-config', name, dockerConfig, gitRepos };
  }
  if (secret.gitRepos) {
    throw new InputError(
      'has gitRepos, which only a dockerConfigJson secret may have; a git secret goes to the host of the GitRepo that names it',
    );
  }
  if (!username && !password) {
    throw new InputError(
      `has no value: give username and password, dockerConfigJson, or sshPrivateKey; ${UNSET_VARIABLE}`,
    );
  }
  if (!username || !password) {
    const missing = username ? 'password' : 'username';
    throw new InputError(`has no ${missing}; ${UNSET_VARIABLE}`);
  }
  return { type: 'git', name, username, password };
}

function readSigningSecret(secret: RawSecret): SigningSecret {
  const { name, sshPrivateKey, passphrase } = secret;
  const others = (
    ['username', 'password', 'dockerConfigJson', 'gitRepos'] as const
  ).filter(key => secret[key] !== undefined && secret[key] !== null);
  if (others.length > 0) {
    throw new InputError(
      `has ${others.join(
        ', ',
      )} beside sshPrivateKey or passphrase; one secret is for registries, for git or to sign commits (sshPrivateKey and passphrase), not for two of them`,
    );
  }
  if (!sshPrivateKey?.trim()) {
    throw new InputError(`has no sshPrivateKey; ${UNSET_VARIABLE}`);
  }
  try {
    const signer = readSshSigner(sshPrivateKey, passphrase);
    return { type: 'signing', name, signer };
  } catch (error) {
    throw new InputError(`sshPrivateKey ${toError(error).message}`);
  }
}

function readDockerConfig(json: string): DockerConfig {
  if (json.trim() === '') {
    throw new InputError(`has an empty dockerConfigJson; ${UNSET_VARIABLE}`);
  }
  // As `data` of a Kubernetes secret has it.
  if (/^[A-Za-z0-9+/=\s]+$/.test(json)) {
    throw new InputError(
      'has a dockerConfigJson that is no JSON and looks like base64; decode it first, as with kubectl … | base64 -d',
    );
  }
  const dockerConfig = parseDockerConfig(json);
  if (dockerConfig.hosts.length === 0) {
    throw new InputError(
      'has a dockerConfigJson without a registry; write {"auths": {"HOST": {"username": USER, "password": PASSWORD}}}',
    );
  }
  return dockerConfig;
}

function readRegistry(
  registry: RawRegistry,
  gitRepos: readonly string[] | undefined,
): RegistrySettings {
  const { host, insecure, ca, concurrency, username, password } = registry;
  if (insecure && ca) {
    throw new InputError(
      'has a ca but is insecure: plain http has no certificates',
    );
  }
  const given = username !== undefined || password !== undefined;
  if (given && (!username || !password)) {
    const missing = username ? 'password' : 'username';
    throw new InputError(`has no ${missing}; ${UNSET_VARIABLE}`);
  }
  const credentials = username && password ? { username, password } : undefined;
  if (gitRepos && !credentials) {
    throw new InputError(
      'has gitRepos but no username and password whose use they could limit',
    );
  }
  return {
    host: apiHostOf(host),
    insecure: insecure ?? undefined,
    ca: ca ?? undefined,
    concurrency: concurrency ?? undefined,
    timeout: readTimeout(registry.timeout),
    credentials,
    gitRepos,
  };
}

function readTimeout(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseTimeout(text);
}

function checkClientSecret(
  gitRepo: GitRepoDefinition,
  secrets: readonly RawSecret[],
): void {
  const name = gitRepo.clientSecretName;
  if (name === undefined) {
    return;
  }
  const secret = findSecret('spec.clientSecretName', name, secrets);
  const kind = kindOf(secret);
  if (kind !== undefined) {
    throw new InputError(
      `spec.clientSecretName is ${name}, a secret with ${kind}; git needs one with username and password`,
    );
  }
}

function checkSigningSecret(
  { commit }: GitRepoDefinition,
  secrets: readonly RawSecret[],
): void {
  const name = commit.signingSecretName;
  if (name === undefined) {
    return;
  }
  const place = 'spec.imageScanCommit.signingSecretName';
  const secret = findSecret(place, name, secrets);
  if (kindOf(secret) !== 'sshPrivateKey') {
    throw new InputError(
      `${place} is ${name}, a secret without sshPrivateKey; commits are signed with one that has it`,
    );
  }
}

function findSecret(
  place: string,
  name: string,
  secrets: readonly RawSecret[],
): RawSecret {
  const secret = secrets.find(candidate => candidate.name === name);
  if (!secret) {
    const known = secrets.map(candidate => candidate.name).join(', ') || 'none';
    throw new InputError(
      `${place} is ${name}, which no entry of imageScan.secrets has; known: ${known}`,
    );
  }
  return secret;
}

/** What a secret is for that is not one of git. */
function kindOf(secret: RawSecret): string | undefined {
  if (secret.sshPrivateKey !== undefined) {
    return 'sshPrivateKey';
  }
  return typeof secret.dockerConfigJson === 'string'
    ? 'dockerConfigJson'
    : undefined;
}

/**
 * The key of the git repo that a name stands for: `name`, `namespace:name` or
 * `namespace/name`.
 */
export function findGitRepoKey(
  gitRepos: readonly { key: string; name: string; namespace?: string }[],
  name: string,
): string {
  // A name alone is the key of the git repo without a namespace.
  const exact = gitRepos.filter(({ key }) => key === name);
  const matches =
    exact.length > 0
      ? exact
      : gitRepos.filter(
          gitRepo => gitRepo.name === name || qualifiedName(gitRepo) === name,
        );
  if (matches.length === 1) {
    return matches[0].key;
  }
  const known = gitRepos.map(({ key }) => key).join(', ') || 'none';
  throw new InputError(
    matches.length === 0
      ? `gitRepos names ${name}, which no entry of imageScan.gitRepos has; known: ${known}`
      : `gitRepos names ${name}, which is not unique; write namespace:name`,
  );
}

function duplicates(list: string, names: readonly string[]): string[] {
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(repeated)].map(
    name => `imageScan.${list}: ${name} is there more than once`,
  );
}
