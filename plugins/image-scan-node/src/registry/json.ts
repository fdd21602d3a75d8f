/** Whether a parsed value is an object with fields, not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses JSON from bytes: UTF-8 without a byte order mark and nothing after it.
 * Returns undefined for anything else, since the messages of `JSON.parse` quote
 * their input, which may be a secret.
 */
export function parseJson(body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', {
      fatal: true,
      ignoreBOM: true,
    }).decode(body);
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
