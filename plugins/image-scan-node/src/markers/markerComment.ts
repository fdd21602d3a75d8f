/** What a comment that holds `$imagescan` says: a reference, or why it is no marker. */
export type MarkerComment = { reference: string } | { fault: string };

const KEY = '$imagescan';
const EXAMPLE = '# {"$imagescan": "NAME"}';

/**
 * Reads the comment of a marker: behind its `#`s nothing but a JSON object of strings
 * that has the key `$imagescan`.
 *
 * @param comment - with its leading `#`
 */
export function readMarkerComment(comment: string): MarkerComment {
  const text = comment.replace(/^#+/, '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fault(explainNoJson(text));
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return fault('the comment is not a JSON object');
  }
  const entries: [string, unknown][] = Object.entries(json);
  const reference = entries.find(([key]) => key === KEY)?.[1];
  if (reference === undefined) {
    const near = entries.find(([key]) => key.toLowerCase() === KEY);
    return fault(
      near
        ? `its key is written ${near[0]}, and case counts`
        : `its object has no key ${KEY}`,
    );
  }
  if (typeof reference !== 'string') {
    return fault(`the value of ${KEY} is not a text in double quotes`);
  }
  const other = entries.find(([, value]) => typeof value !== 'string');
  if (other) {
    return fault(`the value of its key ${quote(other[0])} is not a text`);
  }
  return { reference };
}

/**
 * Tells whether a line is commented out together with its marker, such as
 * `#  image: app:1.2 # {"$imagescan": "app"}`. It is meant to do nothing.
 *
 * @param comment - the line from its first `#` on
 */
export function isCommentedOut(comment: string): boolean {
  const [, code] =
    /^#+(.*[^ \t])[ \t]+#+[ \t]*\{[^#]*\$imagescan.*$/i.exec(comment) ?? [];
  return code !== undefined && /^[ \t]*-[ \t]|:[ \t]/.test(code);
}

/** A text in double quotes, cut where it is too long for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function fault(reason: string): MarkerComment {
  return {
    fault: `The comment holds ${KEY} but is not a marker, because ${reason}. Write ${EXAMPLE} and nothing else behind the value.`,
  };
}

function explainNoJson(text: string): string {
  const trimmed = trimBlanks(text);
  if (/[\u2018-\u201f\u00ab\u00bb]/.test(trimmed)) {
    return 'it has typographic quotes instead of the plain double quote';
  }
  if (trimmed.split(/\$imagescan/i, 3).length > 2) {
    return 'it holds more than one marker';
  }
  if (!trimmed.startsWith('{')) {
    return trimmed.includes('{')
      ? 'other text stands in front of the object'
      : 'the braces around the object are missing';
  }
  if (!trimmed.endsWith('}')) {
    return trimmed.includes('}')
      ? 'other text stands behind the object'
      : 'the closing brace is missing';
  }
  if (!/["'`]\$imagescan/i.test(trimmed)) {
    return 'its key is not in double quotes';
  }
  if (/['`]\$imagescan/i.test(trimmed)) {
    return 'JSON takes double quotes only';
  }
  if (/^,[ \t]*$/.test(lastItem(trimmed))) {
    return 'JSON takes no comma behind the last value';
  }
  return 'it is not valid JSON';
}

/** What stands between the last quoted text of an object and its closing brace. */
function lastItem(object: string): string {
  return object.slice(object.lastIndexOf('"') + 1, -1);
}

/** Blanks and tabs only: a no-break space is part of the text, as JSON has it. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && ' \t'.includes(text[start])) start++;
  while (end > start && ' \t'.includes(text[end - 1])) end--;
  return text.slice(start, end);
}
