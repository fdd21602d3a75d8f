/** Longer names are cut where they are shown. */
const LONGEST_CODE = 300;

/**
 * What a stranger wrote, as one line: without line breaks, control and formatting
 * characters, which can turn a text around or hide a part of it.
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Zl}\p{Zp}\p{Cc}\s]+/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .trim();
}

/**
 * What a stranger wrote as a span of code, also for a cell of a table: nothing in it is
 * Markdown or HTML, mentions a person or refers to an issue.
 *
 * The two characters that could end the span or the cell are shown as others that look
 * like them: escapes for them are read in several ways, and no tag or image has them.
 */
export function code(text: string): string {
  const line = oneLine(text).replaceAll('`', 'ˋ').replaceAll('|', '¦');
  if (line === '') {
    return '(empty)';
  }
  const characters = [...line];
  return characters.length > LONGEST_CODE
    ? `\`${characters.slice(0, LONGEST_CODE - 1).join('')}…\``
    : `\`${line}\``;
}

/** A URL as the target of a link. */
export function linkTarget(url: URL): string {
  return url.href.replace(
    /[()<>|\\`[\]*_]/g,
    character =>
      `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
