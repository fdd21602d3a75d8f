import { createHash } from 'node:crypto';
import type {
  Problem,
  UpdateChange,
  UpdateScan,
} from 'backstage-plugin-image-scan-common';
import {
  type PausingWork,
  type ResolvedImage,
  rewriteManifestInTurns,
  runAtOnce,
} from 'backstage-plugin-image-scan-node';
import type { StoredScan } from '../model/types';
import { groupInTurns, ITEMS_AT_ONCE } from './groupInTurns';
import type { PlannedScan, PlanOptions } from './planScan';
import { planScans } from './planScans';
import { clip, ProblemList } from './ProblemList';
import type { Repository } from './readRepository';

/** A scan whose values a person chose. */
export interface ChosenScan {
  scanId: string;
  /** Empty where its values have several. */
  tag: string;
  /** Whether that holds afterwards. */
  holds: boolean;
}

/** What an update would write. */
export interface UpdatePlan {
  changes: UpdateChange[];
  /** New bytes of the changed files. */
  outputs: ReadonlyMap<string, Buffer>;
  /** Those that something is written for, or is wanted and not written. */
  scans: UpdateScan[];
  /** Those whose values a person chose. */
  choices: ChosenScan[];
  /** What does nothing, or is not written, and why. */
  problems: Problem[];
}

/** What a push would do. */
export interface PlannedCommit {
  head: { branch: string; commit: string };
  message: string;
  plan: UpdatePlan;
}

/**
 * Works out what the last results of the scans change in a repository.
 *
 * @remarks
 * Pure: it depends on the files at one commit and on the stored results. A
 * result counts only for the very definition that it was chosen by.
 */
export function planUpdate(
  repository: Repository,
  scans: readonly StoredScan[],
  options: PlanOptions,
): UpdatePlan {
  return runAtOnce(planUpdateInTurns(repository, scans, options));
}

/** {@link planUpdate}, with pauses. */
export function* planUpdateInTurns(
  repository: Repository,
  scans: readonly StoredScan[],
  options: PlanOptions,
): PausingWork<UpdatePlan> {
  const { definitions, markers } = repository.contents;
  const problems = new ProblemList(repository.limits);
  const planned = yield* planScans(
    repository.contents,
    scans,
    options,
    problem => problems.add(problem),
  );
  const valuesOf = valuesByFile(planned.values());
  const definitionOf = new Map(definitions.map(each => [each.id, each]));
  const markersIn = yield* groupInTurns(markers, ({ file }) => file);

  const changes: UpdateChange[] = [];
  const outputs = new Map<string, Buffer>();
  const known = new Set<string>();
  for (const problem of repository.contents.problems) {
    known.add(problemKey(problem));
    if (known.size % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
  for (const manifest of repository.manifests) {
    const targets = new Map(
      (markersIn.get(manifest.file) ?? []).flatMap(({ scanId }) => {
        const definition = definitionOf.get(scanId);
        return definition ? [[definition.tagName, definition] as const] : [];
      }),
    );
    const images = new Map<string, ResolvedImage>();
    const values = valuesOf.get(manifest.file) ?? new Map<number, string>();
    for (const [tagName, { id }] of targets) {
      const image = planned.get(id)?.image;
      if (image) {
        images.set(tagName, image);
      }
    }
    yield;
    if (images.size === 0 && values.size === 0) {
      // What is wrong with it was found when it was read.
      continue;
    }
    const rewritten = yield* rewriteManifestInTurns(manifest.source, images, {
      careful: true,
      values,
    });
    for (const { code, line, tagName, message } of rewritten.problems) {
      const problem = clip({ file: manifest.file, line, tagName, message });
      // A name without an image here is one that `addNotWritten` speaks of.
      if (code !== 'unknown-name' && !known.has(problemKey(problem))) {
        problems.add(problem);
      }
    }
    if (rewritten.output === manifest.source) {
      continue;
    }
    outputs.set(manifest.file, rewritten.output);
    for (const change of rewritten.changes) {
      const target = targets.get(change.tagName);
      if (target) {
        const { file } = manifest;
        changes.push({ ...change, file, imageScanId: target.id });
      }
    }
  }
  yield;
  yield* addNotWritten(repository, planned, problems);
  return {
    changes,
    outputs,
    scans: yield* countValues(planned, changes),
    choices: choicesOf(planned, changes),
    problems: [...repository.contents.problems, ...problems.toArray()],
  };
}

/**
 * Stands for everything a push would do, so that what was previewed is what is
 * pushed: the commit it goes on, the message and the new bytes of each file.
 */
export function hashPlan(planned: PlannedCommit): string {
  return runAtOnce(hashPlanInTurns(planned));
}

/** {@link hashPlan}, with pauses. */
export function* hashPlanInTurns({
  head,
  message,
  plan,
}: PlannedCommit): PausingWork<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([head.branch, head.commit, message]));
  for (const [file, output] of plan.outputs) {
    yield;
    const digest = createHash('sha256').update(output).digest('hex');
    hash.update(JSON.stringify([file, digest]));
  }
  return hash.digest('hex');
}

function problemKey({ file, line, message }: Problem): string {
  return JSON.stringify([file, line, message]);
}

function* addNotWritten(
  { contents: { markers } }: Repository,
  planned: ReadonlyMap<string, PlannedScan>,
  problems: ProblemList,
): PausingWork<void> {
  for (let index = 0; index < markers.length; index += 1) {
    const { scanId, file, line } = markers[index];
    const scan = planned.get(scanId);
    if (scan?.notWritten) {
      const { tagName } = scan;
      const message = `not written, because the scan ${tagName} ${scan.notWritten.reason}`;
      problems.add({ file, line, tagName, message });
    }
    if (index % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
}

/** Says of each scan how many of its values are written. */
function* countValues(
  planned: ReadonlyMap<string, PlannedScan>,
  changes: readonly UpdateChange[],
): PausingWork<UpdateScan[]> {
  const changesOf = yield* groupInTurns(
    changes,
    ({ imageScanId }) => imageScanId,
  );
  const scans: UpdateScan[] = [];
  for (const [id, { image, values, chosenTag, ...scan }] of planned) {
    const count = changesOf.get(id)?.length ?? 0;
    const isRefused = count === 0 && !scan.notWritten;
    scans.push({
      ...scan,
      values: count,
      notWritten: isRefused
        ? { cause: 'values', reason: 'has no value that can be written' }
        : scan.notWritten,
    });
  }
  yield;
  return scans;
}

/** What a person chose of what is written. */
function choicesOf(
  planned: ReadonlyMap<string, PlannedScan>,
  changes: readonly UpdateChange[],
): ChosenScan[] {
  const written = new Set(changes.map(({ imageScanId }) => imageScanId));
  return [...planned].flatMap(([scanId, { chosenTag, holdsAfterwards }]) =>
    chosenTag === undefined || !written.has(scanId)
      ? []
      : [{ scanId, tag: chosenTag, holds: holdsAfterwards === true }],
  );
}

/** Values to write at single markers, by file and line. */
function valuesByFile(
  planned: Iterable<PlannedScan>,
): Map<string, Map<number, string>> {
  const byFile = new Map<string, Map<number, string>>();
  for (const { values = [] } of planned) {
    for (const [{ file, line }, value] of values) {
      const ofFile = byFile.get(file) ?? new Map<number, string>();
      byFile.set(file, ofFile.set(line, value));
    }
  }
  return byFile;
}
