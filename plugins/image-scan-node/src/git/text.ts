const maxBytes = 1024;

/**
 * What a remote said, as one line that can be shown and logged: without control
 * and formatting characters, without the secrets, at most 1 KiB.
 */
export function cleanRemoteText(
  text: string,
  secrets: readonly string[],
): string {
  let line = text;
  for (const secret of secrets) {
    line = line.split(secret).join('***');
  }
  line = line
    // Colours, before their escape character goes.
    // eslint-disable-next-line no-control-regex
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\p{Zl}\p{Zp}\p{Cc}\s]+/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .trim();
  const bytes = Buffer.from(line);
  return bytes.length <= maxBytes
    ? line
    : `${bytes
        .subarray(0, maxBytes - 3)
        .toString()
        .replace(/\uFFFD+$/, '')}…`;
}
