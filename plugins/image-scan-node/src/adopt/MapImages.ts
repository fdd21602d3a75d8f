import { isImage, isUnset, namesRegistry, readImage } from './imageText';
import type { ImageText } from './imageText';
import type { FoundImages } from './FoundImages';
import type { Level, Value } from './tree';
import type { UnwatchedReason } from './types';
import type { ValueReader } from './ValueReader';

const CONTAINERS: ReadonlySet<string | undefined> = new Set([
  'containers',
  'initContainers',
  'ephemeralContainers',
]);

export const REPOSITORY_KEYS = ['repository', 'repo', 'imageName'];
export const TAG_KEYS = ['tag', 'imageTag'];
export const DIGEST_KEYS = ['digest', 'sha'];

/** Reasons of a value that may be an image all the same. */
const UNREAD: ReadonlySet<UnwatchedReason | undefined> = new Set([
  'alias',
  'template',
  'substitution',
  'placeholder',
] as const);

/** An entry of `images` in a kustomization that sets a tag or digest. */
export interface Override {
  image: string;
  line: number;
}

/** Finds images by what stands in the same map. */
export class MapImages {
  readonly #values: ValueReader;
  readonly #found: FoundImages;

  constructor(values: ValueReader, found: FoundImages) {
    this.#values = values;
    this.#found = found;
  }

  /**
   * An entry of `images` in a kustomization.
   *
   * @returns what it overrides
   */
  readKustomizeImage(values: ReadonlyMap<string, Value>): Override | undefined {
    const name = this.#values.textAt(values, 'name');
    const image = this.#values.textAt(values, 'newName') || name;
    const newTag = values.get('newTag');
    const digest = values.get('digest');
    const isPinned = digest && !this.#values.isUnset(digest);
    const value = newTag ?? digest;
    if (!value || (!newTag && !isPinned)) {
      return undefined;
    }
    this.#found.addTag({
      shape: 'kustomize',
      value,
      image,
      isPinned: isPinned === true,
      condition: 'kustomization',
    });
    return { image: name, line: value.line };
  }

  /** The image of a map. @param listKey - of the list that it is an item of */
  readImages(
    values: ReadonlyMap<string, Value>,
    listKey: string | undefined,
    levels: readonly Level[],
  ): void {
    const image = values.get('image');
    const parentKey = levels[levels.length - 2]?.key ?? '';
    if (image && CONTAINERS.has(listKey)) {
      this.#found.addImage(image, 'workload');
      return;
    }
    if (
      image &&
      levels.length === 3 &&
      levels[0].key === 'services' &&
      levels[1].isMap
    ) {
      this.#found.addImage(image, 'compose', {
        condition: 'compose',
        isBuiltHere: values.has('build'),
      });
    }
    const reference = values.get('reference');
    if (
      reference &&
      parentKey === 'image' &&
      levels[levels.length - 4]?.key === 'volumes'
    ) {
      this.#found.addImage(reference, 'volume');
      return;
    }
    if (this.#readPair(values, parentKey)) {
      return;
    }
    if (image && image.kind !== 'empty') {
      this.#readLooseImage(image);
    }
  }

  /** A whole image at a key `image` of something else. */
  #readLooseImage(value: Value): void {
    const read = this.#values.readImage(value);
    const { image, tag, digest, reason } = read;
    const isListed = image !== undefined || UNREAD.has(reason);
    if (isListed) {
      this.#found.add({
        shape: 'values-image',
        value,
        isTag: false,
        ...read,
        condition: 'values',
      });
    }
    if (image && (tag || digest)) {
      this.#found.add({
        shape: 'crd',
        value,
        isTag: false,
        ...read,
        condition: 'kind',
      });
    }
  }

  /**
   * A repository and its tag, or a tag alone.
   *
   * @returns whether there is one
   */
  #readPair(values: ReadonlyMap<string, Value>, parentKey: string): boolean {
    const isImageKey = /image$/i.test(parentKey);
    const tagKeys = isImageKey ? [...TAG_KEYS, 'version'] : TAG_KEYS;
    const tag = firstOf(values, tagKeys);
    const digest = firstOf(values, DIGEST_KEYS);
    const isPinned = digest !== undefined && !this.#values.isUnset(digest);
    const value = tag ?? (isPinned ? digest : undefined);
    const loose = values.get('image');
    const repository =
      firstOf(values, REPOSITORY_KEYS) ??
      (isImageKey ? values.get('name') : undefined) ??
      // `image: acme/web` beside `tag: 1.0.0`; a tag in the image counts more.
      (loose && this.#values.readImage(loose).reason === 'no-tag'
        ? loose
        : undefined);
    if (!value || /images$/i.test(parentKey)) {
      return false;
    }
    if (!repository) {
      if (values.has('image')) {
        return false;
      }
      return tag !== undefined && this.#readLoneTag(tag, isImageKey);
    }
    const name = this.#readRepository(repository, values.get('registry'));
    if (name === undefined) {
      return false;
    }
    const isCertain =
      isImageKey || (name.image !== undefined && namesRegistry(name.image));
    this.#found.addTag({
      shape: 'values',
      value,
      image: name.image,
      reason: name.reason,
      isPinned,
      condition: isCertain ? 'values-like' : 'values',
    });
    return true;
  }

  #readLoneTag(tag: Value, isImageKey: boolean): boolean {
    const read = this.#values.readTag(tag);
    const isTag = read.tag !== undefined && (isImageKey || /\d/.test(read.tag));
    if (isTag) {
      this.#found.add({
        shape: 'values-tag-alone',
        value: tag,
        isTag: true,
        ...read,
        reason: 'image-unknown',
        condition: 'values',
      });
    }
    return isTag;
  }

  /** @returns undefined where it is something else, such as a URL */
  #readRepository(
    repository: Value,
    registry: Value | undefined,
  ): ImageText | undefined {
    if (repository.touchesTemplate) {
      return { reason: 'template' };
    }
    if (repository.kind === 'alias') {
      return { reason: 'image-unknown' };
    }
    const path = this.#values.textOf(repository) ?? '';
    const host = registry ? this.#values.textOf(registry) ?? '' : '';
    const isOpen = registry?.kind === 'alias' || registry?.touchesTemplate;
    const name = isUnset(host) ? path : `${host.replace(/\/$/, '')}/${path}`;
    if (isOpen === true) {
      return { reason: 'image-unknown' };
    }
    if (isImage(name)) {
      return { image: name };
    }
    const { reason } = readImage(name);
    return reason === 'substitution' || reason === 'placeholder'
      ? { reason }
      : undefined;
  }
}

function firstOf(
  values: ReadonlyMap<string, Value>,
  keys: readonly string[],
): Value | undefined {
  for (const key of keys) {
    const value = values.get(key);
    if (value) {
      return value;
    }
  }
  return undefined;
}
