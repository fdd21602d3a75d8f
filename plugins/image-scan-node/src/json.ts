/** Whether a parsed value is an object with fields, not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON from bytes: UTF-8 without a byte order mark and nothing after it.
 * Returns undefined for anything else, since the messages of `JSON.parse` quote
 * their input, which may be a secret.
 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return undefined;
  }
}

/** What a server sent, or why its body is nothing that can be used. */
type JsonValue =
  | { value: unknown }
  | {
      /** The second half of a sentence; it quotes nothing of the body. */
      problem: string;
    };

/** An object that a server sent, or why its body is none that can be used. */
export type JsonAnswer =
  | { object: Record<string, unknown> }
  | {
      /** The second half of a sentence; it quotes nothing of the body. */
      problem: string;
    };

/**
 * Reads the JSON that a server sent. Beside what {@link parseJson} wants, no key may
 * stand twice at its top, where readers differ in which one counts, and it may not have
 * more depth or parts than any real answer: `JSON.parse` makes half a gigabyte of 16 MiB
 * of brackets.
 */
export function readJson(body: Buffer): JsonValue {
  const problem = shapeProblem(body);
  const value = problem === undefined ? parseJson(body) : undefined;
  return value === undefined
    ? { problem: problem ?? 'is not JSON' }
    : { value };
}

/** {@link readJson}, where only an object will do. */
export function readJsonObject(body: Buffer): JsonAnswer {
  const problem = shapeProblem(body);
  const value = problem === undefined ? parseJson(body) : undefined;
  return isObject(value)
    ? { object: value }
    : { problem: problem ?? 'is not a JSON object' };
}

const MOST_DEPTH = 64;
const MOST_PARTS = 1_000_000;
const MOST_TOP_KEYS = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Looks at a body before it is parsed, in one pass over its bytes and without
 * making anything of them. What is no JSON at all is left to the parser.
 */
function shapeProblem(body: Buffer): string | undefined {
  const topKeys = new Set<string>();
  let depth = 0;
  let parts = 0;
  /** Start and end of the last string, which is a key if a colon follows. */
  let start = 0;
  let end = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) {
      start = at;
      at = endOfString(body, at);
      end = at + 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      parts += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (depth === 0) {
        topKeys.clear(); // anything but blanks after it fails in the parser
      }
    } else if (byte === COLON) {
      parts += 1;
      const key = depth === 1 && parseJson(body.subarray(start, end));
      if (typeof key === 'string') {
        if (topKeys.has(key)) {
          return 'has one key twice';
        }
        topKeys.add(key);
      }
    }
    if (depth > MOST_DEPTH) {
      return 'is nested too deeply';
    }
    if (parts > MOST_PARTS || topKeys.size > MOST_TOP_KEYS) {
      return 'has too many parts';
    }
  }
  return undefined;
}

/** Where the string that begins at a quote has its other one. */
function endOfString(body: Buffer, start: number): number {
  let at = start + 1;
  while (at < body.length && body[at] !== QUOTE) {
    at += body[at] === BACKSLASH ? 2 : 1;
  }
  return at;
}
