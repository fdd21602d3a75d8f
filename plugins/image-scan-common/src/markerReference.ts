import { isPinned, splitMarkerValue } from './markerValue';
import type { MarkerForm } from './markerForm';

/** What the value of `$imagescan` in a marker refers to. @public */
export interface MarkerReference {
  /** Name of the image scan; without `:`. */
  tagName: string;
  form: MarkerForm;
}

/** What a marker writes: the choice of its scan. @public */
export interface MarkerImage {
  /** As the user spelled it, without a tag or digest. */
  image: string;
  tag: string;
  /** `sha256:…` of the manifest or index that the tag points to. */
  digest?: string;
}

// A Map: a form is a stranger's text and must not find `constructor`.
const FORMS: ReadonlyMap<string, MarkerForm> = new Map([
  ['name', 'name'],
  ['tag', 'tag'],
  ['digest', 'digest'],
]);

/**
 * Reads the value of `$imagescan` in a marker: `NAME`, `NAME:name`, `NAME:tag` or
 * `NAME:digest`.
 *
 * @remarks
 * A name may hold anything but `:`, so a scan that is called `app:tag` cannot be
 * referred to: `app:tag` is the tag of `app`. Nothing is trimmed and case counts.
 *
 * @returns undefined for an empty name and for any other form, `NAME:` included;
 * {@link explainMarkerReference} says which
 * @public
 */
export function parseMarkerReference(
  text: string,
): MarkerReference | undefined {
  const { tagName, form } = split(text);
  if (tagName === '') {
    return undefined;
  }
  if (form === undefined) {
    return { tagName, form: 'image' };
  }
  const known = FORMS.get(form);
  return known && { tagName, form: known };
}

/**
 * Says what is wrong with the value of `$imagescan` in a marker.
 *
 * @returns a sentence, undefined where {@link parseMarkerReference} can read it
 * @public
 */
export function explainMarkerReference(text: string): string | undefined {
  if (parseMarkerReference(text)) {
    return undefined;
  }
  const { tagName, form } = split(text);
  if (tagName === '') {
    return `The marker ${JSON.stringify(text)} names no image scan.`;
  }
  return `The marker ${JSON.stringify(
    text,
  )} has the unknown form ${JSON.stringify(
    form,
  )}: allowed are ${tagName}, ${tagName}:name, ${tagName}:tag and ${tagName}:digest.`;
}

/**
 * The text that a marker writes.
 *
 * @remarks
 * A value that is pinned to a digest stays pinned: who wrote `1.2.3@sha256:…` behind a
 * tag or an image gets the digest renewed with the tag. As long as the tag is the same,
 * the digest that a person chose stays.
 *
 * @param current - the value that stands there now, without quotes
 * @returns undefined where a digest is written and none is known
 * @public
 */
export function formatMarkerValue(
  form: MarkerForm,
  { image, tag, digest }: MarkerImage,
  current = '',
): string | undefined {
  const pinned = (text: string) => (digest ? `${text}@${digest}` : undefined);
  const asPinnedAs = (text: string) => {
    if (!isPinned(current)) {
      return text;
    }
    return current.startsWith(`${text}@`) ? current : pinned(text);
  };
  switch (form) {
    case 'image':
      return asPinnedAs(`${image}:${tag}`);
    case 'name':
      return image;
    case 'tag':
      return asPinnedAs(tag);
    case 'digest':
      return pinned(`${image}:${tag}`);
    default:
      return unknownForm(form);
  }
}

/**
 * The tag in the value that is now at a marker, without a digest that it is pinned to.
 *
 * @param value - the value without quotes
 * @returns undefined where the value has no tag, and always for `name`
 * @public
 */
export function tagOfMarkerValue(
  form: MarkerForm,
  value: string,
): string | undefined {
  switch (form) {
    case 'image':
    case 'digest':
      return splitMarkerValue(value).tag || undefined;
    case 'tag':
      return value.split('@', 1)[0] || undefined;
    case 'name':
      return undefined;
    default:
      return unknownForm(form);
  }
}

function split(text: string): { tagName: string; form?: string } {
  const colon = text.indexOf(':');
  return colon < 0
    ? { tagName: text }
    : { tagName: text.slice(0, colon), form: text.slice(colon + 1) };
}

function unknownForm(form: never): never {
  throw new Error(`Unknown marker form ${form}`);
}
