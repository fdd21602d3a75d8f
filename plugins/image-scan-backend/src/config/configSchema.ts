import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';

/** Why a value may be missing: Backstage drops keys of unset variables silently. */
export const UNSET_VARIABLE =
  'if it comes from an environment variable, that variable is not set';
const required = (what: string) =>
  z
    .string({
      error: ({ input }) =>
        input === undefined || input === null
          ? `${what} is missing; ${UNSET_VARIABLE}`
          : 'must be text; write it in quotes',
    })
    .min(1, { error: `${what} is empty; ${UNSET_VARIABLE}`, abort: true });
const text = z
  .string({ error: 'must be text; write it in quotes' })
  .nullish()
  .transform(value => value ?? undefined);
const flag = z
  .boolean({ error: 'must be true or false, without quotes' })
  .nullish();
const gitRepoNames = z
  .array(z.string({ error: 'must be the name of a git repo' }), {
    error: 'must be a list of names of git repos, such as [my-repo]',
  })
  .nullish()
  .transform(value => value ?? undefined);

/** Says what a map must be where there is something else. */
const mapOf = (example: string) => ({
  error: ({ code }: { code?: string }) =>
    code === 'invalid_type' ? `must be a map, such as ${example}` : undefined,
});
const listOf = <T extends z.ZodType>(entry: T, example: string) =>
  z
    .array(entry, {
      error: `must be a list: begin each entry with a dash, as in "- ${example}`,
    })
    .nullish();

const secretSchema = z.strictObject(
  {
    name: required('the name'),
    username: text,
    password: text,
    dockerConfigJson: z
      .string({
        error:
          'must be the JSON as text, not as a map; read it with $file or from an environment variable, or write it in quotes',
      })
      .nullish(),
    sshPrivateKey: text,
    passphrase: text,
    gitRepos: gitRepoNames,
  },
  mapOf('{name: NAME, username: USER, password: PASSWORD}'),
);

const hostName = required('the host').refine(isHost, {
  error:
    'must be a host or host:port, without scheme, user, path or wildcard, such as harbor.example.com:8443',
});
const concurrencyError = { error: 'must be a whole number from 1 to 64' };
const pemError = {
  error:
    'must be a certificate in PEM form; read it from a file with ca: {$file: ./ca.pem}',
};
const registrySchema = z.strictObject(
  {
    host: hostName,
    insecure: flag,
    ca: z
      .string(pemError)
      .includes('-----BEGIN CERTIFICATE-----', pemError)
      .nullish(),
    username: text,
    password: text,
    gitRepos: gitRepoNames,
    concurrency: z
      .int(concurrencyError)
      .min(1, concurrencyError)
      .max(64, concurrencyError)
      .nullish(),
    timeout: text,
  },
  mapOf('{host: HOST}'),
);

const gitHostSchema = z.strictObject(
  { host: hostName, timeout: required('the timeout') },
  mapOf('{host: HOST, timeout: 5m}'),
);

function isHost(host: string): boolean {
  const [, port = '443'] =
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/.exec(
      host,
    ) ?? ['', '0'];
  return (
    host.length <= 255 && Number(port) >= 1 && URL.canParse(`https://${host}/`)
  );
}

const configSchema = z.strictObject(
  {
    gitRepos: listOf(
      z.unknown(),
      'metadata: {name: NAME}", with spec: {repo: URL} below it',
    ),
    secrets: listOf(secretSchema, 'name: NAME"'),
    registries: listOf(registrySchema, 'host: HOST"'),
    gitHosts: listOf(gitHostSchema, 'host: HOST"'),
  },
  mapOf('{gitRepos: [], secrets: [], registries: []}'),
);

/** An entry of `imageScan.secrets` of the right shape. */
export type RawSecret = z.infer<typeof secretSchema>;
/** An entry of `imageScan.registries` of the right shape. */
export type RawRegistry = z.infer<typeof registrySchema>;

/**
 * The shapes of the `imageScan` configuration; what its values mean is checked by
 * `readImageScanConfig`.
 *
 * @throws InputError that names every wrong key and what is allowed there.
 */
export function parseRawConfig(value: unknown): z.infer<typeof configSchema> {
  const parsed = configSchema.safeParse(value ?? {});
  if (!parsed.success) {
    throw configError(parsed.error.issues.flatMap(describeIssue));
  }
  return parsed.data;
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
      key => `${place}.${key}: is unknown; allowed here: ${allowed}`,
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
    case 'gitHosts':
      return Object.keys(gitHostSchema.shape);
    default:
      return Object.keys(configSchema.shape);
  }
}

/** One error for everything that is wrong. */
export function configError(errors: readonly string[]): InputError {
  return new InputError(
    `The imageScan configuration cannot be used:\n${errors
      .map(error => `- ${error}`)
      .join('\n')}`,
  );
}
