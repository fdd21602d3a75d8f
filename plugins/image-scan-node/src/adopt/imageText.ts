import { InvalidImageReferenceError } from '../registry';
import { isValidDigest, isValidTag } from '../registry/grammar';
import { parseImageReference } from '../registry/imageReference';
import type { UnwatchedReason } from './types';

/** What a value says of an image; `reason` where that is no image with a tag. */
export interface ImageText {
  image?: string;
  tag?: string;
  digest?: string;
  reason?: UnwatchedReason;
}

/** What something else puts in later: `${TAG}`, `$(TAG)`, `$TAG`, `%TAG%`, `ENC[…]`. */
const SUBSTITUTION = /\$[{(A-Za-z_]|%[A-Za-z_][A-Za-z0-9_]*%|ENC\[/;

/** A word that stands for what is not known yet: `IMAGE_URL`, `TAG`, `<image>`. */
export function isPlaceholder(text: string): boolean {
  return (
    /<[^>]*>/.test(text) ||
    (/^[A-Z0-9_]+$/.test(text) &&
      text.split('_').some(word => /^[A-Z]{2,}$/.test(word)))
  );
}

/** Reads a whole image. */
export function readImage(text: string): ImageText {
  if (SUBSTITUTION.test(text)) {
    return { reason: 'substitution' };
  }
  if (isPlaceholder(text)) {
    return { reason: 'placeholder' };
  }
  const [name, tag] = splitTag(text);
  if (name.split('/').some(isPlaceholder)) {
    return { reason: 'placeholder' };
  }
  if (tag !== undefined && isPlaceholder(tag)) {
    return isImage(name)
      ? { image: name, reason: 'placeholder' }
      : { reason: 'placeholder' };
  }
  const parsed = parse(text);
  // `host.example:8080` is a host and its port.
  if (!parsed || (isHost(name) && /^\d{2,5}$/.test(tag ?? ''))) {
    return { reason: 'not-an-image' };
  }
  const { tag: read, digest } = parsed;
  return {
    image: parsed.name,
    ...(read !== undefined && { tag: read }),
    ...(digest !== undefined && { digest }),
    ...(read === undefined && { reason: 'no-tag' as const }),
  };
}

/** Reads a tag that stands apart from its image: `1.2.3`, `1.2.3@sha256:…`. */
export function readTag(text: string): Omit<ImageText, 'image'> {
  if (isUnset(text)) {
    return { reason: 'chart-default' };
  }
  if (SUBSTITUTION.test(text)) {
    return { reason: 'substitution' };
  }
  if (isPlaceholder(text)) {
    return { reason: 'placeholder' };
  }
  const [tag, digest] = text.split('@', 2);
  if (isValidDigest(text) || (tag === '' && isValidDigest(digest ?? ''))) {
    return { digest: digest ?? text, reason: 'bare-digest' };
  }
  if (!isValidTag(tag) || (digest !== undefined && !isValidDigest(digest))) {
    return { reason: 'not-an-image' };
  }
  return { tag, ...(digest !== undefined && { digest }) };
}

/** Whether a text names an image without tag and digest. */
export function isImage(text: string): boolean {
  return parse(text)?.name === text;
}

/** Whether an image names its registry, by a host with a dot. */
export function namesRegistry(image: string): boolean {
  return /^[^/]*\.[^/]*\//.test(image);
}

/** As YAML writes what is not set. */
export function isUnset(text: string): boolean {
  return text === '' || text === '~' || /^null$/i.test(text);
}

function isHost(name: string): boolean {
  return !name.includes('/') && (name.includes('.') || name === 'localhost');
}

function splitTag(text: string): [name: string, tag?: string] {
  const [reference] = text.split('@', 1);
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1);
  return colon < 0
    ? [reference]
    : [reference.slice(0, colon), reference.slice(colon + 1)];
}

function parse(text: string) {
  try {
    return parseImageReference(text);
  } catch (error) {
    if (error instanceof InvalidImageReferenceError) {
      return undefined;
    }
    throw error;
  }
}
