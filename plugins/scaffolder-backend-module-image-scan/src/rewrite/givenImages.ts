import { InputError, toError } from '@backstage/errors';
import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  isValidDigest,
  isValidTag,
  parseImageReference,
  type ResolvedImage,
} from 'backstage-plugin-image-scan-node';
import type { Choice, Manifest } from './types';

/** The input `images` of the action. */
export interface ImagesInput {
  [tagName: string]: { image: string; tag: string; digest?: string };
}

/**
 * Checks the images that a template gives. As in `imageScans`, a tag or digest that is
 * written on `image` is ignored.
 *
 * @throws InputError that names the entry and what is allowed
 */
export function parseImages(input: ImagesInput): Map<string, ResolvedImage> {
  return new Map(
    Object.entries(input).map(([tagName, { image, tag, digest }]) => {
      const fail = (reason: string) =>
        new InputError(`images: ${JSON.stringify(tagName)}: ${reason}`);
      if (tagName === '' || tagName.includes(':')) {
        throw fail('a tagName is not empty and has no colon');
      }
      if (!isValidTag(tag)) {
        throw fail(
          'tag: not a tag (letters, digits, _ . -, not first . or -, at most 128)',
        );
      }
      if (digest !== undefined && !isValidDigest(digest)) {
        throw fail(
          'digest: not a digest (sha256: and 64, or sha512: and 128 lower-case hexadecimal digits)',
        );
      }
      try {
        const { name } = parseImageReference(image);
        return [tagName, { image: name, tag, ...(digest && { digest }) }];
      } catch (error) {
        throw fail(`image: ${toError(error).message}`);
      }
    }),
  );
}

/** Uses the same images in every file. */
export function chooseGivenImages(
  manifests: readonly Manifest[],
  images: ReadonlyMap<string, ResolvedImage>,
): Choice {
  const used = new Set<string>();
  const problems: Problem[] = [];
  for (const { file, markers } of manifests) {
    for (const { tagName, line } of markers) {
      used.add(tagName);
      if (!images.has(tagName)) {
        const message = `no image is given for the tagName ${tagName}; names are case-sensitive`;
        problems.push({ file, line, tagName, message });
      }
    }
  }
  return {
    imagesIn: new Map(manifests.map(({ file }) => [file, images])),
    problems,
    warnings: [...images.keys()]
      .filter(tagName => !used.has(tagName))
      .map(tagName => `No marker refers to the image of ${tagName}`),
  };
}
