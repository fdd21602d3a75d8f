import { Config } from '@backstage/config';
import { InputError, toError } from '@backstage/errors';
import {
  DockerConfig,
  GitRepoDefinition,
  HostOptions,
  parseDockerConfig,
  parseGitRepo,
} from 'backstage-plugin-image-scan-node';
import { z } from 'zod/v4';
import { qualifiedName } from './GitRepoDirectory';
import { checkMessageTemplate } from './updating/commitMessage';

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

export type Secret = GitSecret | DockerConfigSecret;

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
  /** What works but may be meant otherwise. */
  warnings: readonly string[];
}

const unset =
  'if it comes from an environment variable, that variable is not set';
const text = (what: string) =>
  z.string({ error: `${what} is missing or not text; ${unset}` }).min(1, {
    error: `${what} is empty; ${unset}`,
  });
const gitRepoNames = z
  .array(z.string(), { error: 'must be a list of names of git repos' })
  .optional();

const secretSchema = z.strictObject({
  name: text('the name'),
  username: z.string({ error: 'must be text' }).optional(),
  password: z.string({ error: 'must be text' }).optional(),
  dockerConfigJson: z.string({ error: 'must be text' }).optional(),
  gitRepos: gitRepoNames,
});

const registrySchema = z.strictObject({
  host: text('the host').regex(/^[^\s/?#@]+$/, {
    error: 'must be a host or host:port, without scheme, user or path',
  }),
  insecure: z.boolean({ error: 'must be true or false' }).optional(),
  ca: z
    .string({ error: 'must be a certificate in PEM form' })
    .includes('-----BEGIN CERTIFICATE-----', {
      error: 'must be a certificate in PEM form',
    })
    .optional(),
  username: z.string({ error: 'must be text' }).optional(),
  password: z.string({ error: 'must be text' }).optional(),
  gitRepos: gitRepoNames,
  concurrency: z
    .int({ error: 'must be a whole number from 1 to 64' })
    .min(1, { error: 'must be a whole number from 1 to 64' })
    .max(64, { error: 'must be a whole number from 1 to 64' })
    .optional(),
});

/** The names of Docker Hub; the last is the host that answers. */
const DOCKER_HUB_API = 'registry-1.docker.io';
const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', DOCKER_HUB_API]);

const configSchema = z.strictObject({
  gitRepos: z.array(z.unknown(), { error: 'must be a list' }).optional(),
  secrets: z.array(secretSchema, { error: 'must be a list' }).optional(),
  registries: z.array(registrySchema, { error: 'must be a list' }).optional(),
});

type RawSecret = z.infer<typeof secretSchema>;
type RawRegistry = z.infer<typeof registrySchema>;

/**
 * Reads and checks the `imageScan` configuration, once, at start.
 *
 * @throws InputError that names every wrong key and what is allowed there.
 */
export function readImageScanConfig(config: Config): ImageScanConfig {
  const parsed = configSchema.safeParse(config.getOptional('imageScan') ?? {});
  if (!parsed.success) {
    throw configError(parsed.error.issues.flatMap(describeIssue));
  }
  const raw = parsed.data;
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
  for (const gitRepo of gitRepos) {
    collect(`imageScan.gitRepos (${gitRepo.key})`, () =>
      checkClientSecret(gitRepo, raw.secrets ?? []),
    );
  }

  if (errors.length > 0) {
    throw configError(errors);
  }
  return {
    gitRepos,
    secrets,
    registries,
    warnings: gitRepos.flatMap(({ key, warnings }) =>
      warnings.map(warning => `imageScan.gitRepos (${key}): ${warning}`),
    ),
  };
}

function readGitRepo(manifest: unknown): GitRepoDefinition {
  const definition = parseGitRepo(manifest);
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
  if (dockerConfigJson !== undefined) {
    if (username !== undefined || password !== undefined) {
      throw new InputError(
        'has dockerConfigJson beside username or password; one secret is for registries (dockerConfigJson) or for git (username and password), not both',
      );
    }
    const dockerConfig = parseDockerConfig(dockerConfigJson);
    return { type: 'docker-config', name, dockerConfig, gitRepos };
  }
  if (secret.gitRepos) {
    throw new InputError(
      'has gitRepos, which only a dockerConfigJson secret may have; a git secret goes to the host of the GitRepo that names it',
    );
  }
  if (!username && !password) {
    throw new InputError(
      `has no value: give username and password, or dockerConfigJson; ${unset}`,
    );
  }
  if (!username || !password) {
    const missing = username ? 'password' : 'username';
    throw new InputError(`has no ${missing}; ${unset}`);
  }
  return { type: 'git', name, username, password };
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
    throw new InputError(`has no ${missing}; ${unset}`);
  }
  const credentials = username && password ? { username, password } : undefined;
  if (gitRepos && !credentials) {
    throw new InputError(
      'has gitRepos but no username and password whose use they could limit',
    );
  }
  return {
    host: apiHostOf(host),
    insecure,
    ca,
    concurrency,
    credentials,
    gitRepos,
  };
}

/** A registry's host as scans name it: one spelling for one registry. */
function apiHostOf(host: string): string {
  const canonical = host.toLowerCase().replace(/:443$/, '');
  return DOCKER_HUB.has(canonical) ? DOCKER_HUB_API : canonical;
}

function checkClientSecret(
  gitRepo: GitRepoDefinition,
  secrets: readonly RawSecret[],
): void {
  const name = gitRepo.clientSecretName;
  if (name === undefined) {
    return;
  }
  const secret = secrets.find(candidate => candidate.name === name);
  if (!secret) {
    const known = secrets.map(candidate => candidate.name).join(', ') || 'none';
    throw new InputError(
      `spec.clientSecretName is ${name}, which no entry of imageScan.secrets has; known: ${known}`,
    );
  }
  if (secret.dockerConfigJson !== undefined) {
    throw new InputError(
      `spec.clientSecretName is ${name}, a dockerConfigJson secret; git needs one with username and password`,
    );
  }
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

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.reduce<string>(
    (path, part) =>
      typeof part === 'number' ? `${path}[${part}]` : `${path}.${String(part)}`,
    'imageScan',
  );
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedKeys(issue.path).join(', ');
    return issue.keys.map(
      key => `${place}.${key}: is not a key of imageScan; allowed: ${allowed}`,
    );
  }
  return [`${place}: ${issue.message}`];
}

function allowedKeys(path: readonly PropertyKey[]): string[] {
  switch (path[0]) {
    case 'secrets':
      return Object.keys(secretSchema.shape);
    case 'registries':
      return Object.keys(registrySchema.shape);
    default:
      return Object.keys(configSchema.shape);
  }
}

function configError(errors: readonly string[]): InputError {
  return new InputError(
    `The imageScan configuration cannot be used:\n${errors
      .map(error => `- ${error}`)
      .join('\n')}`,
  );
}
