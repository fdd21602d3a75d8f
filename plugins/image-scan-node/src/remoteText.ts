/** What is looked at of a text, in UTF-16 units; the beginning says what went wrong. */
const LONGEST_TEXT = 4096;
/** What is shown of it. */
const MAX_BYTES = 1024;
/** Shorter texts are in every other word. */
const SHORTEST_SECRET = 4;
/** From here on a user name may be a token. */
const LONG_USERNAME = 16;

const HTML_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['&', ['amp']],
  ['<', ['lt']],
  ['>', ['gt']],
  ['"', ['quot']],
  ["'", ['apos']],
]);

/** In front of quotes and of themselves, also in JSON inside of JSON or of a URL. */
const BACKSLASHES = '(?:\\\\|%(?:25)*5c){0,7}';

/**
 * What a stranger said, as one line that can be shown, logged and stored: without
 * control and formatting characters, without credentials and queries in URLs, without
 * the secrets, at most 1 KiB.
 *
 * @remarks
 * The one place through which words of registries, token services, proxies, git servers
 * and their hooks come in. Some of them echo what they were sent, so the secrets are
 * hidden also where they come back escaped for JSON, URLs, forms or HTML, or in base64.
 *
 * @param secrets - plain, as they are used
 * @public
 */
export function cleanRemoteText(
  text: string,
  secrets: readonly string[],
): string {
  const line = hideSecrets(oneLine(text.slice(0, LONGEST_TEXT)), secrets)
    .replace(/\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]*/gi, cleanUrl)
    .trim();
  if (text.length <= LONGEST_TEXT) {
    return cap(line);
  }
  // The first part of a secret that was cut in two cannot be recognised.
  const longest = Math.max(0, ...secrets.map(longestForm));
  return cap(`${line.slice(0, Math.max(0, line.length - longest))}…`);
}

/** Letters and digits grow by base64 alone, all else by up to twelve characters. */
function longestForm(secret: string): number {
  const plain = secret.replace(/[^A-Za-z0-9._~-]/g, '').length;
  return Math.ceil(plain * 1.4) + (secret.length - plain) * 12;
}

/**
 * What is secret in an Authorization header, to be hidden: the header, the token or pair
 * in it, and the password. A user name is where it is as long as a token, as some hosts
 * want tokens there; a short one says in an error who was refused, and is in other words
 * too.
 */
export function secretsOfHeader(header: string): string[] {
  const [scheme, ...rest] = header.split(/\s+/);
  const token = rest.join(' ');
  if (scheme.toLowerCase() !== 'basic') {
    return [header, token];
  }
  const pair = Buffer.from(token, 'base64').toString();
  const username = pair.split(':', 1)[0];
  const password = pair.slice(username.length + 1);
  return [
    ...[header, token, pair, password],
    ...(username.length >= LONG_USERNAME ? [username] : []),
  ];
}

function oneLine(text: string): string {
  return (
    text
      // Colours, before their escape character goes.
      // eslint-disable-next-line no-control-regex
      .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
      .replace(/[\p{Zl}\p{Zp}\p{Cc}\s]+/gu, ' ')
      .replace(/[\p{Cf}\p{Co}\p{Cs}]/gu, '')
  );
}

/** Without user, password, query and fragment, any of which may be a credential. */
function cleanUrl(url: string): string {
  const [start] = url.split(/[?#]/, 1);
  const authority = start.indexOf('://') + 3;
  const path = start.indexOf('/', authority);
  const end = path < 0 ? start.length : path;
  const at = start.lastIndexOf('@', end);
  return at < authority
    ? start
    : `${start.slice(0, authority)}***${start.slice(at)}`;
}

function hideSecrets(text: string, secrets: readonly string[]): string {
  const patterns = [...new Set(secrets)]
    .map(secret => oneLine(secret).trim())
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
    .flatMap(secret => [escapedForms(secret), base64Form(secret)]);
  return patterns.length === 0
    ? text
    : text.replace(new RegExp(patterns.join('|'), 'giu'), '***');
}

/** A pattern for a secret, each character as it is or escaped in any usual way. */
function escapedForms(secret: string): string {
  return [...secret].map(formsOf).join('');
}

function formsOf(character: string): string {
  const bytes = [...Buffer.from(character)].map(byte => hex(byte, 2));
  // What is escaped once more in a URL inside of a URL begins with %25.
  const percent = bytes.map(byte => `%(?:25)*${byte}`).join('');
  if (character === ' ') {
    return `(?:\\s|\\+|${percent})+`;
  }
  const code = character.codePointAt(0) ?? 0;
  const json = character
    .split('')
    .map(unit => `${BACKSLASHES}u${hex(unit.charCodeAt(0), 4)}`)
    .join('');
  const html = [
    `#(?:0{0,4}${code}|x0{0,4}${code.toString(16)})`,
    ...(HTML_NAMES.get(character) ?? []),
  ];
  return `(?:${BACKSLASHES}(?:${literal(
    character,
  )}|${percent})|${json}|&(?:${html.join('|')});)`;
}

/** In base64 of both alphabets, also in lines as the `base64` command writes it. */
function base64Form(secret: string): string {
  return [...Buffer.from(secret).toString('base64').replace(/=+$/, '')]
    .map(character => {
      switch (character) {
        case '+':
          return '(?:[+-]|%2b)';
        case '/':
          return '(?:[/_]|\\\\/|%2f)';
        default:
          return character;
      }
    })
    .join(' ?');
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function cap(line: string): string {
  const bytes = Buffer.from(line);
  return bytes.length <= MAX_BYTES
    ? line
    : `${bytes
        .subarray(0, MAX_BYTES - 3)
        .toString()
        .replace(/\uFFFD+$/, '')}…`;
}
