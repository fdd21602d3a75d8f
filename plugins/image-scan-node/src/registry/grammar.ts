/**
 * Whether a text is a tag: 1 to 128 letters, digits, `_`, `.` and `-`, not
 * starting with `.` or `-` (OCI distribution specification).
 *
 * @public
 */
export function isValidTag(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text);
}

/**
 * Whether a text is a digest of one of the two registered algorithms:
 * `sha256:` with 64 or `sha512:` with 128 lower-case hexadecimal digits.
 *
 * @public
 */
export function isValidDigest(text: string): boolean {
  return /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(text);
}

/** Whether a text is the path of a repository, such as `library/nginx`. */
export function isValidRepository(text: string): boolean {
  return (
    text.length <= 255 &&
    text
      .split('/')
      .every(part => /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part))
  );
}
