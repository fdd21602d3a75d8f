/** Digits of a digest that tell two of them apart. */
const DIGEST_DIGITS = 8;

interface Value {
  /** The image's name with registry and folders, where the value has one. */
  name: string;
  /** The tag with its separator, where the value has a name too; else the value. */
  tag: string;
  digest: string;
}

/**
 * The two values of a change without what does not differ or only fills the
 * line: the image's name when it stays, its registry and folders when it does
 * not, most of a digest. An empty value is written as YAML has it.
 *
 * @returns both values in full where the short ones would look the same
 */
export function shortStep(
  from: string,
  to: string,
): { from: string; to: string } {
  const before = parseValue(from);
  const after = parseValue(to);
  const isSameName =
    before.name === after.name && before.tag !== '' && after.tag !== '';
  const short = {
    from: shorten(before, isSameName),
    to: shorten(after, isSameName),
  };
  return short.from === short.to ? { from, to } : short;
}

function shorten({ name, tag, digest }: Value, isSameName: boolean): string {
  const [algorithm, digits] = digest.split(':');
  const shortDigest = digits
    ? `@${algorithm}:${digits.slice(0, DIGEST_DIGITS)}…`
    : '';
  const ownName = name.slice(name.lastIndexOf('/') + 1);
  const text = isSameName ? tag.replace(/^:/, '') : `${ownName}${tag}`;
  return `${text}${shortDigest}` || '""';
}

/** Splits `image`, `image:tag`, `image:tag@digest` and a lone tag. */
function parseValue(value: string): Value {
  const at = value.indexOf('@');
  const reference = at < 0 ? value : value.slice(0, at);
  const digest = at < 0 ? '' : value.slice(at + 1);
  // A colon before the last slash belongs to the registry's port.
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  if (colon >= 0) {
    return {
      name: reference.slice(0, colon),
      tag: reference.slice(colon),
      digest,
    };
  }
  return reference.includes('/')
    ? { name: reference, tag: '', digest }
    : { name: '', tag: reference, digest };
}
