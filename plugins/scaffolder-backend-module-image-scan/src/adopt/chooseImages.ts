import { posix } from 'node:path';
import { InputError } from '@backstage/errors';
import {
  explainReason,
  findMarkersInTurns,
  type PausingWork,
  type UnwatchedImage,
} from 'backstage-plugin-image-scan-node';
import { readLocalEntries } from '../rewrite/readLocalEntries';
import type { ImageChoice, NotTakenImage, NotTakenReason } from './types';

/** Files whose entries say that an image is watched already. */
const DEFINITIONS = /^(?:imagescans\.yaml|fleet\.ya?ml)$/;

/** Images between two pauses. */
const IMAGES_AT_ONCE = 20;

/** What of a folder a step takes, before its rules are known. */
export interface Chosen {
  wanted: UnwatchedImage[];
  notTaken: NotTakenImage[];
}

/**
 * All that can be taken and have a tick.
 *
 * @param nameOf - the name of a file as people see it
 */
export function chooseTicked(
  found: readonly UnwatchedImage[],
  nameOf: (file: string) => string,
): Chosen {
  return {
    wanted: found.filter(({ take, ticked }) => take && ticked),
    notTaken: found
      .filter(({ take, ticked }) => !take || !ticked)
      .map(each => leave(each, 'not-ticked', nameOf)),
  };
}

/**
 * Those that are named, ticked or not.
 *
 * @param files - by their names from the folder
 * @param nameOf - the name of a file as the input has it
 * @throws InputError for a place without an image, one that cannot be taken, and an image
 * that is nowhere. What a marker watches already is no mistake, so that a step can be
 * repeated
 */
export function* chooseNamed(
  found: readonly UnwatchedImage[],
  choices: readonly ImageChoice[],
  files: ReadonlyMap<string, Buffer>,
  nameOf: (file: string) => string,
): PausingWork<Chosen> {
  choices.forEach(checkChoice);
  const chosen: Chosen = { wanted: [], notTaken: [] };
  const matches = choices.map((): UnwatchedImage[] => []);
  for (const [index, each] of found.entries()) {
    if (index % IMAGES_AT_ONCE === 0) {
      yield;
    }
    const file = nameOf(each.file);
    const by = choices.flatMap((choice, at) =>
      (choice.file === undefined || posix.normalize(choice.file) === file) &&
      (choice.line === undefined || choice.line === each.line) &&
      (choice.image === undefined || choice.image === each.image)
        ? [at]
        : [],
    );
    by.forEach(at => matches[at].push(each));
    if (by.length > 0 && each.take) {
      chosen.wanted.push(each);
    } else {
      chosen.notTaken.push(leave(each, 'not-named', nameOf));
    }
  }
  for (const [index, choice] of choices.entries()) {
    const [first] = matches[index];
    if (first && choice.line !== undefined && !first.take) {
      const { message } = leave(first, 'not-named', nameOf);
      throw new InputError(
        `images[${index}]: ${placeOf(choice)}: it cannot be taken: ${message}`,
      );
    }
    if (!first && !(yield* isWatched(choice, files, nameOf))) {
      throw new InputError(
        `images[${index}]: ${placeOf(choice)}: there is no such image`,
      );
    }
  }
  return chosen;
}

/** An image that is left as it is. */
export function leave(
  { file, line, image, tag, take, reason, overriddenBy }: UnwatchedImage,
  otherwise: Exclude<NotTakenReason, 'refused'>,
  nameOf: (file: string) => string,
): NotTakenImage {
  const why = take ? otherwise : reason ?? otherwise;
  const by =
    overriddenBy && `${nameOf(overriddenBy.file)}:${overriddenBy.line}`;
  return {
    file,
    line,
    ...(image !== undefined && { image }),
    ...(tag !== undefined && { tag }),
    reason: why,
    message: by === undefined ? wordsOf(why) : `${wordsOf(why)}: ${by}`,
  };
}

function wordsOf(reason: Exclude<NotTakenReason, 'refused'>): string {
  switch (reason) {
    case 'not-ticked':
      return 'it may be a test, or no image that runs; name it under images to take it';
    case 'not-named':
      return 'images names others';
    default:
      return explainReason(reason);
  }
}

function checkChoice({ file, line, image }: ImageChoice, index: number): void {
  if (image === undefined && (file === undefined || line === undefined)) {
    throw new InputError(
      `images[${index}]: it needs a file and a line, or an image`,
    );
  }
  if (line !== undefined && file === undefined) {
    throw new InputError(`images[${index}].line: it needs a file as well`);
  }
}

function placeOf({ file, line, image }: ImageChoice): string {
  return [file, line, image].filter(part => part !== undefined).join(':');
}

/** Whether a marker stands at the place, or an entry has the image. */
function* isWatched(
  choice: ImageChoice,
  files: ReadonlyMap<string, Buffer>,
  nameOf: (file: string) => string,
): PausingWork<boolean> {
  for (const [file, source] of files) {
    yield;
    if (choice.line !== undefined && choice.file !== undefined) {
      if (nameOf(file) === posix.normalize(choice.file)) {
        const { markers } = yield* findMarkersInTurns(source);
        return markers.some(({ line }) => line === choice.line);
      }
    } else if (DEFINITIONS.test(posix.basename(file))) {
      const entries = yield* readLocalEntries(file, source);
      if (
        entries.some(({ definition }) => definition?.image === choice.image)
      ) {
        return true;
      }
    }
  }
  return false;
}
