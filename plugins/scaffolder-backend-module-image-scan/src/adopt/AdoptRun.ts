import { createHash } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import {
  diffManifestInTurns,
  findUnwatchedInTurns,
  insertMarkersInTurns,
  type PausingWork,
  planAdoptionInTurns,
  runInTurns,
  type UnwatchedImage,
} from 'backstage-plugin-image-scan-node';
import { cutDiff } from '../report';
import type { Workspace } from '../rewrite/Workspace';
import { chooseNamed, chooseTicked } from './chooseImages';
import { type PlannedImage, planImages } from './planImages';
import { type FolderContents, readFolder } from './readFolder';
import type {
  AdoptState,
  ChangedFile,
  FoundImage,
  ImageChoice,
  PlainRule,
} from './types';

/** Images in one commit; more could not be looked through. */
const MAX_TAKEN = 500;

/** Images of an output, which is kept with the task. */
const MAX_LISTED = 5_000;

/** A step of a task, which may have had an earlier life. */
export interface AdoptStep {
  workspace: Workspace;
  /** Undefined for all that can be taken and have a tick. */
  choices: readonly ImageChoice[] | undefined;
  isDryRun: boolean;
  logger: LoggerService;
  signal?: AbortSignal;
  /** Does something once, and answers the same in every later life of the task. */
  keep<T extends JsonObject>(name: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Takes images of a workspace into care.
 *
 * @remarks
 * What is planned is kept before anything is written, and each file is written at one
 * stroke, the definitions first. So the next life of a task tells by the files how far
 * the one before came, and ends with the same files and outputs.
 */
export class AdoptRun {
  readonly #step: AdoptStep;

  constructor(step: AdoptStep) {
    this.#step = step;
  }

  async run(): Promise<AdoptState> {
    for (let number = 1; ; number += 1) {
      let changed: Map<string, Buffer> | undefined;
      const name = number === 1 ? 'adopt' : `adopt.${number}`;
      const state = await this.#step.keep(name, async () => {
        const planned = await this.#plan();
        changed = planned.changed;
        return planned.state;
      });
      if (this.#step.isDryRun) {
        return state;
      }
      changed ??= await this.#remaining(state);
      if (changed) {
        await this.#write(state, changed);
        return state;
      }
    }
  }

  async #plan(): Promise<{
    state: AdoptState;
    changed: Map<string, Buffer>;
  }> {
    const { workspace, choices, signal, logger } = this.#step;
    const contents = await readFolder(workspace, signal);
    const { files } = contents;
    const found = await runInTurns(findUnwatchedInTurns(files));
    const nameOf = (file: string) => workspace.nameOf(file);
    const { wanted, notTaken } = choices
      ? await runInTurns(chooseNamed(found, choices, files, nameOf))
      : chooseTicked(found, nameOf);
    if (wanted.length > MAX_TAKEN) {
      throw new InputError(
        `images: ${wanted.length} images would be taken; at most ${MAX_TAKEN} are taken at once, so name some of them, or a folder with path`,
      );
    }
    const plan = await this.#named(
      planImages(files, wanted, choices !== undefined, nameOf),
    );
    const left = [...notTaken, ...plan.notTaken].sort(byPlace);
    logPassedOver(logger, workspace, contents);
    const state: AdoptState = {
      found: found.slice(0, MAX_LISTED).map(toFound),
      foundCount: found.length,
      taken: plan.images.map(toTaken),
      notTaken: left.slice(0, MAX_LISTED),
      diff: cutDiff(await runInTurns(diffOf(plan.changed, files, workspace))),
      files: changedFiles(plan.changed, contents, nameOf),
    };
    return { state, changed: plan.changed };
  }

  /**
   * What an earlier life has planned and not written; undefined where the workspace is
   * not the one that it was planned for.
   */
  async #remaining({
    taken,
    files: planned,
  }: AdoptState): Promise<Map<string, Buffer> | undefined> {
    const { workspace, signal } = this.#step;
    const { files } = await readFolder(workspace, signal);
    const done = new Set<string>();
    for (const { file, before, after } of planned) {
      const source = files.get(file);
      const hash = source && hashOf(source);
      if (hash === after) {
        done.add(file);
      } else if (hash !== before) {
        return undefined;
      }
    }
    const marked = new Set(taken.map(({ file }) => file));
    if (planned.some(({ file }) => marked.has(file) && done.has(file))) {
      // The definitions were written before it.
      const open = taken.filter(({ file }) => !done.has(file));
      return this.#named(insertMarkersInTurns(files, open));
    }
    // A new file would attract the entries of other folders.
    for (const { file, before } of planned) {
      if (before === undefined) {
        files.delete(file);
      }
    }
    const changed = await this.#named(planAdoptionInTurns(files, taken));
    done.forEach(file => changed.delete(file));
    return changed;
  }

  async #write(
    { taken, files }: AdoptState,
    changed: ReadonlyMap<string, Buffer>,
  ): Promise<void> {
    const { workspace, signal } = this.#step;
    const marked = new Set(taken.map(({ file }) => file));
    // A marker without its entry would be a mistake, an entry without its marker waits.
    const ordered = [
      ...files.filter(({ file }) => !marked.has(file)),
      ...files.filter(({ file }) => marked.has(file)),
    ];
    for (const { file, before } of ordered) {
      signal?.throwIfAborted();
      const content = changed.get(file);
      if (content && before === undefined) {
        await workspace.create(file, content);
      } else if (content) {
        await workspace.replace(file, content);
      }
    }
  }

  /** Does the work; its errors begin with a file, which is then named from the workspace. */
  async #named<T>(work: PausingWork<T>): Promise<T> {
    try {
      return await runInTurns(work);
    } catch (error) {
      throw error instanceof InputError
        ? new InputError(this.#step.workspace.nameOf(error.message))
        : error;
    }
  }
}

function logPassedOver(
  logger: LoggerService,
  workspace: Workspace,
  { links, tooLarge }: FolderContents,
): void {
  const names = (files: Iterable<string>) =>
    Array.from(files, file => workspace.nameOf(file)).join(', ');
  if (links.length > 0) {
    logger.info(`Symbolic links are not followed: ${names(links)}`);
  }
  if (tooLarge.size > 0) {
    logger.warn(`Too large to be searched: ${names(tooLarge)}`);
  }
}

function changedFiles(
  changed: ReadonlyMap<string, Buffer>,
  { files, tooLarge, links }: FolderContents,
  nameOf: (file: string) => string,
): ChangedFile[] {
  const passedOver = new Set(links);
  return Array.from(changed, ([file, output]) => {
    if (passedOver.has(file)) {
      throw new InputError(
        `${nameOf(
          file,
        )}: no entries can be added to it, because it is a symbolic link`,
      );
    }
    if (tooLarge.has(file)) {
      throw new InputError(
        `${nameOf(
          file,
        )}: no entries can be added to it, because it is too large to be read`,
      );
    }
    const source = files.get(file);
    return {
      file,
      ...(source && { before: hashOf(source) }),
      after: hashOf(output),
    };
  });
}

function* diffOf(
  changed: ReadonlyMap<string, Buffer>,
  files: ReadonlyMap<string, Buffer>,
  workspace: Workspace,
): PausingWork<string> {
  const diffs: string[] = [];
  for (const [file, output] of changed) {
    const source = files.get(file) ?? Buffer.alloc(0);
    diffs.push(
      yield* diffManifestInTurns(workspace.nameOf(file), source, output),
    );
  }
  return diffs.join('');
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function byPlace(
  a: { file: string; line: number },
  b: { file: string; line: number },
): number {
  if (a.file !== b.file) {
    return a.file < b.file ? -1 : 1;
  }
  return a.line - b.line;
}

/** Takes over what an output holds and nothing else, so that it is plain JSON. */
function toFound(each: UnwatchedImage): FoundImage {
  const { file, line, shape, image, tag, digest, take, ticked } = each;
  return {
    ...{ file, line, shape, take, ticked },
    ...(image !== undefined && { image }),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

function toTaken({ rule, ...image }: PlannedImage): AdoptState['taken'][0] {
  return { ...image, rule: toPlainRule(rule) };
}

function toPlainRule({
  policy,
  filterTags,
  exclusionList,
}: PlannedImage['rule']): PlainRule {
  return {
    policy: { ...policy },
    ...(filterTags && { filterTags: { ...filterTags } }),
    ...(exclusionList && { exclusionList: [...exclusionList] }),
  };
}
