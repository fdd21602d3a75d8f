import type { MarkerForm } from './markerForm';

/** Longer than any image with its tag and digest; what is longer is something else. */
const MAX_LENGTH = 1024;

// What an image, tag or digest can hold, and what a rewrite would write.
// A NUL, which an escape can bring, adds nothing that could be lost.
const WRITABLE = /^[A-Za-z0-9._:/@+[\]\0-]*$/;

const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** A registry that has a port or is an IPv6 address, and the path; upper case is for placeholders. */
const NAME =
  /^(?:(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\/)?[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

// What nobody calls an image: a version, a date, a commit, `latest`.
const LOOKS_LIKE_TAG =
  /^v?[0-9]+(?:[._-]|$)|[0-9]\.[0-9]|[0-9]{6}|^latest$|^(?=[a-f]*[0-9])[0-9a-f]{7,40}$/i;

/** The parts of a value at a marker. */
interface ValueParts {
  /** What stands in front of the tag; all of it where it holds no tag. */
  name: string;
  tag?: string;
  digest?: string;
}

/**
 * Takes a value at a marker apart: `NAME`, `NAME:TAG`, and either with `@DIGEST`.
 *
 * @remarks
 * A colon in front of the last slash belongs to the port of the registry. Nothing is
 * checked but where the parts end.
 */
export function splitMarkerValue(value: string): ValueParts {
  if (DIGEST.test(value)) {
    return { name: '', digest: value };
  }
  const at = value.indexOf('@');
  const reference = at < 0 ? value : value.slice(0, at);
  const digest = at < 0 ? undefined : value.slice(at + 1);
  const colon = reference.lastIndexOf(':');
  return colon < reference.lastIndexOf('/') || colon < 0
    ? { name: reference, digest }
    : {
        name: reference.slice(0, colon),
        tag: reference.slice(colon + 1),
        digest,
      };
}

/** Tells whether a value names the digest of its tag or image. */
export function isPinned(value: string): boolean {
  const { name, digest } = splitMarkerValue(value);
  return name !== '' && digest !== undefined && DIGEST.test(digest);
}

/**
 * Says why a marker must not write over the value that stands there.
 *
 * @remarks
 * A value that is neither image nor tag, such as `VERSION=1.2.3`, `--image=app:1.2.3`,
 * `oci://host/app` or `$(TAG)`, would lose the rest of its text, and a value of
 * another form, such as a bare tag where the whole image is written, breaks what reads
 * it. What only cannot be ordered, such as `latest` at a tag or a placeholder like
 * `REPLACE_ME`, may be written over, and so may nothing at all.
 *
 * @param form - of the marker
 * @param value - without quotes
 * @returns a sentence with what to do, undefined where the value may be replaced
 * @public
 */
export function explainMarkerValue(
  form: MarkerForm,
  value: string,
): string | undefined {
  if (value === '' || isNull(value)) {
    return undefined;
  }
  const shown = quote(value);
  const whatIsWritten = form === 'tag' ? 'a tag' : 'an image';
  const malformed = `The value ${shown} is not ${whatIsWritten}, so it was not overwritten. Put the marker behind a value that is nothing but ${whatIsWritten}.`;
  if (
    value.length > MAX_LENGTH ||
    !WRITABLE.test(value) ||
    value.includes('://')
  ) {
    return malformed;
  }
  const { name, tag, digest } = splitMarkerValue(value.replaceAll('\0', ''));
  if (name === '' && tag === undefined && digest !== undefined) {
    return `The value ${shown} is a digest alone, and the marker writes ${whatIsWritten}, so it was not overwritten. Put the marker behind the image or its tag.`;
  }
  if (digest !== undefined && !DIGEST.test(digest)) {
    return malformed;
  }
  return form === 'tag'
    ? explainAtTag(shown, { name, tag }, malformed)
    : explainAtImage(form, shown, { name, tag, digest }, malformed);
}

function explainAtTag(
  shown: string,
  { name, tag }: ValueParts,
  malformed: string,
): string | undefined {
  if (tag === undefined && TAG.test(name)) {
    return undefined;
  }
  return NAME.test(name) && (tag === undefined || TAG.test(tag))
    ? `The value ${shown} is a whole image, and the marker writes a tag alone, so it was not overwritten. Leave :tag out of the marker.`
    : malformed;
}

function explainAtImage(
  form: 'image' | 'name' | 'digest',
  shown: string,
  { name, tag, digest }: ValueParts,
  malformed: string,
): string | undefined {
  if (tag === undefined && LOOKS_LIKE_TAG.test(name) && TAG.test(name)) {
    return `The value ${shown} is a tag alone, and the marker writes an image, so it was not overwritten. Write :tag behind the name in the marker.`;
  }
  if (!NAME.test(name) || (tag !== undefined && !TAG.test(tag))) {
    return malformed;
  }
  if (form === 'name' && (tag !== undefined || digest !== undefined)) {
    return `The value ${shown} has a ${
      tag === undefined ? 'digest' : 'tag'
    }, which the form :name would drop, so it was not overwritten. Leave :name out of the marker.`;
  }
  return undefined;
}

/** As YAML writes it: a value like any other, and not set yet. */
function isNull(value: string): boolean {
  return value === '~' || /^null$/i.test(value);
}

function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
