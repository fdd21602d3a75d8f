import { settledWithin } from './git/settledWithin';
import { cleanRemoteText } from './remoteText';

/** How long a service may take for a token; most clients have no limit of their own. */
const TOKEN_TIMEOUT_MS = 30_000;

const SECRET_NAMES = /token|password|secret|privateKey/i;

const LONGEST_PASSWORD = 256;

/** Of no host a name, and of a sentence no word. */
const LONG_WORDS = /[A-Za-z0-9_~+=-]{20,}/g;
const TOKEN_LIKE = /\d|[a-z][A-Z]/;

/**
 * What a service that hands out tokens has said, as one line that can be shown: without
 * the secrets of its configuration, also in pairs as they are sent, and without whatever
 * looks like a token. It is asked with tokens too, which nobody here knows: a signed one
 * of an app, one of an installation.
 *
 * @param config - of the integration with the service
 * @public
 */
export function cleanTokenServiceText(text: string, config: object): string {
  const secrets = secretsIn(config);
  // Keys sign and are not sent, so nobody escapes them; a pattern would take long.
  const withoutKeys = secrets
    .filter(isKey)
    .reduce((rest, key) => rest.replaceAll(key, '***'), text);
  const passwords = secrets.filter(secret => !isKey(secret));
  return cleanRemoteText(withoutKeys, passwords).replace(LONG_WORDS, word =>
    TOKEN_LIKE.test(word) ? '***' : word,
  );
}

function isKey(secret: string): boolean {
  return secret.length > LONGEST_PASSWORD;
}

/**
 * Waits for a token, and not for ever.
 *
 * @param time - milliseconds; default 30 s
 * @throws Error where the time is over
 * @public
 */
export async function tokenWithin<T>(
  asked: Promise<T>,
  host: string,
  time = TOKEN_TIMEOUT_MS,
): Promise<T> {
  if (!(await settledWithin(time, asked))) {
    throw new Error(`${host} gave no token in ${time / 1_000} s`);
  }
  return asked;
}

/**
 * Every text of a configuration that is a secret by its name, and the pairs that it makes
 * with the texts beside it, such as a client's id.
 */
function secretsIn(config: object): string[] {
  const fields = Object.entries(config);
  const texts = fields.flatMap(([name, value]) =>
    typeof value === 'string'
      ? [{ value, isSecret: SECRET_NAMES.test(name) }]
      : [],
  );
  const names = texts.flatMap(({ value, isSecret }) =>
    isSecret ? [] : [value],
  );
  const here = texts.flatMap(({ value, isSecret }) =>
    isSecret ? [value, ...pairsOf(value, names)] : [],
  );
  const below = fields.flatMap(([, value]) =>
    typeof value === 'object' && value !== null ? secretsIn(value) : [],
  );
  return [...here, ...below];
}

/** As Basic sends them. */
function pairsOf(secret: string, names: readonly string[]): string[] {
  return isKey(secret) ? [] : ['', ...names].map(name => `${name}:${secret}`);
}
