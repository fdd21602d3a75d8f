import {
  explainMarkerValue,
  formatMarkerValue,
  type MarkerForm,
} from 'backstage-plugin-image-scan-common';
import {
  InvalidImageReferenceError,
  parseImageReference,
} from 'backstage-plugin-image-scan-node';
import type { ScanOrder } from './orderOf';

/** What a value at a marker says, however it is spelled. */
export type MarkerSaying =
  | {
      /** Canonical name; absent where the value is a tag alone. */
      image?: string;
      tag?: string;
      digest?: string;
    }
  /** Neither image nor tag. */
  | { text: string };

/** Reads a value, without quotes, at a marker. */
export function readMarkerSaying(
  form: MarkerForm,
  value: string,
): MarkerSaying {
  if (value === '' || explainMarkerValue(form, value) !== undefined) {
    return { text: value };
  }
  if (form === 'tag') {
    const [tag, digest] = value.split('@');
    return { tag, digest };
  }
  try {
    const { canonicalName, tag, digest } = parseImageReference(value);
    return { image: canonicalName, tag, digest };
  } catch (error) {
    // A placeholder may stand there, which no registry would take for an image.
    if (error instanceof InvalidImageReferenceError) {
      return { text: value };
    }
    throw error;
  }
}

/** Whether two values say the same. One without a digest means any. */
export function isSameSaying(a: MarkerSaying, b: MarkerSaying): boolean {
  if ('text' in a || 'text' in b) {
    return 'text' in a && 'text' in b && a.text === b.text;
  }
  return (
    isSameImage(a.image, b.image) &&
    a.tag === b.tag &&
    isSameOrAbsent(a.digest, b.digest)
  );
}

/** Whether a value says a better tag of the same image, in the order of a scan. */
export function isForward(
  order: Pick<ScanOrder, 'compare'>,
  from: MarkerSaying,
  to: MarkerSaying,
): boolean {
  if ('text' in from || 'text' in to) {
    return false;
  }
  return (
    isSameImage(from.image, to.image) &&
    from.tag !== undefined &&
    to.tag !== undefined &&
    (order.compare(to.tag, from.tag) ?? 0) > 0
  );
}

/** What a value says, written for a marker of another form of an image. */
export function sayInForm(
  saying: MarkerSaying,
  form: MarkerForm,
  image: string,
): string {
  if ('text' in saying) {
    return saying.text;
  }
  const name = isSameImage(
    saying.image,
    parseImageReference(image).canonicalName,
  )
    ? image
    : saying.image ?? image;
  if (saying.tag === undefined) {
    return name;
  }
  const { tag, digest } = saying;
  const without = form === 'tag' ? tag : `${name}:${tag}`;
  return digest === undefined
    ? without
    : formatMarkerValue(form, { image: name, tag, digest }) ?? without;
}

/** The tag that a value says, where it says one. */
export function tagOfSaying(saying: MarkerSaying): string | undefined {
  return 'text' in saying ? undefined : saying.tag;
}

/** A tag alone is of whatever image the other names. */
function isSameImage(a: string | undefined, b: string | undefined): boolean {
  return isSameOrAbsent(a, b);
}

function isSameOrAbsent(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}
