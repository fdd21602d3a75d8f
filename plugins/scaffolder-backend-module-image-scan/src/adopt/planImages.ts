import { InputError } from '@backstage/errors';
import {
  type ImageToTake,
  type PausingWork,
  planAdoptionInTurns,
  proposeRuleInTurns,
  type UnwatchedImage,
} from 'backstage-plugin-image-scan-node';
import type { TagRule } from 'backstage-plugin-image-scan-common';
import { leave } from './chooseImages';
import type { NotTakenImage } from './types';

/** Plans that may fail while those are sought that cannot be written; then the step ends. */
const MAX_FAILURES = 50;

/** An image with all that its marker and entry need. */
export interface PlannedImage extends ImageToTake {
  tag: string;
}

/** What taking images into care writes. */
export interface ImagePlan {
  images: PlannedImage[];
  notTaken: NotTakenImage[];
  /** The files that change or are new. */
  changed: Map<string, Buffer>;
}

/** Takes as many images as can be written together, and finds out which cannot. */
class Admission {
  readonly images: PlannedImage[] = [];
  readonly refused: NotTakenImage[] = [];
  changed = new Map<string, Buffer>();
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #nameOf: (file: string) => string;
  #failures = 0;

  constructor(
    files: ReadonlyMap<string, Buffer>,
    nameOf: (file: string) => string,
  ) {
    this.#files = files;
    this.#nameOf = nameOf;
  }

  *admit(group: readonly PlannedImage[]): PausingWork<void> {
    if (group.length === 0) {
      return;
    }
    try {
      const images = [...this.images, ...group];
      this.changed = yield* planAdoptionInTurns(this.#files, images);
      this.images.push(...group);
      return;
    } catch (error) {
      if (!(error instanceof InputError) || this.#failures === MAX_FAILURES) {
        throw error;
      }
      this.#failures += 1;
      if (group.length === 1) {
        const [{ file, line, image, tag }] = group;
        // Which begins with the file.
        const message = this.#nameOf(error.message);
        const reason = 'refused';
        this.refused.push({ file, line, image, tag, reason, message });
        return;
      }
    }
    const middle = Math.ceil(group.length / 2);
    yield* this.admit(group.slice(0, middle));
    yield* this.admit(group.slice(middle));
  }
}

/**
 * Gives each image the rule that its tag in use suggests, and works out the files.
 *
 * @param isStrict - whether one that cannot be written is an error, and not left out
 * @param nameOf - the name of a file as people see it
 * @throws InputError naming file and line
 */
export function* planImages(
  files: ReadonlyMap<string, Buffer>,
  wanted: readonly UnwatchedImage[],
  isStrict: boolean,
  nameOf: (file: string) => string,
): PausingWork<ImagePlan> {
  const images: PlannedImage[] = [];
  const notTaken: NotTakenImage[] = [];
  // Equal tags have equal rules, and a repository has few of them many times.
  const rules = new Map<string, TagRule | undefined>();
  for (const each of wanted) {
    yield;
    const { file, line, image, tag, tagName, form } = each;
    if (
      tag === undefined ||
      image === undefined ||
      tagName === undefined ||
      form === undefined
    ) {
      notTaken.push(leave({ ...each, take: false }, 'image-unknown', nameOf));
      continue;
    }
    const known = rules.get(tag);
    const rule = known ?? (yield* proposeRuleInTurns(tag));
    rules.set(tag, rule);
    if (rule) {
      images.push({ file, line, image, tag, tagName, form, rule });
    } else {
      notTaken.push(leave({ ...each, take: false }, 'no-policy', nameOf));
    }
  }
  if (isStrict) {
    const changed = yield* planAdoptionInTurns(files, images);
    return { images, notTaken, changed };
  }
  const admission = new Admission(files, nameOf);
  yield* admission.admit(images);
  return {
    images: admission.images,
    notTaken: [...notTaken, ...admission.refused],
    changed: admission.changed,
  };
}
