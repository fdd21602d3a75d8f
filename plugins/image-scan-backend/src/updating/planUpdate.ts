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
import { decisionsByScan } from '../model/decisions';
import type { StoredScan } from '../model/types';
import { type PlannedScan, type PlanOptions, planScan } from './planScan';
import { clip, ProblemList } from './ProblemList';
import type { Repository } from './readRepository';

/** Definitions, markers or problems between two pauses. */
const ITEMS_AT_ONCE = 500;

/** What an update would write. */
export interface UpdatePlan {
  changes: UpdateChange[];
  /** New bytes of the changed files. */
  outputs: ReadonlyMap<string, Buffer>;
  /** Those that something is written for, or is wanted and not written. */
  scans: UpdateScan[];
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
  const stored = new Map(scans.map(scan => [scan.definition.id, scan]));
  const markersOf = yield* groupBy(markers, ({ scanId }) => scanId);
  const decisionsOf = decisionsByScan(options.decisions ?? []);
  const planned = new Map<string, PlannedScan>();
  for (let index = 0; index < definitions.length; index += 1) {
    const definition = definitions[index];
    const { id } = definition;
    const scan = planScan({
      definition,
      stored: stored.get(id),
      markers: markersOf.get(id) ?? [],
      decisions: decisionsOf(id),
      options,
    });
    if (scan) {
      planned.set(id, scan);
    }
    // Where tags are ordered by a pattern, that takes its time.
    if (definition.filterTags || index % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
  const definitionOf = new Map(definitions.map(each => [each.id, each]));
  const markersIn = yield* groupBy(markers, ({ file }) => file);

  const changes: UpdateChange[] = [];
  const outputs = new Map<string, Buffer>();
  const problems = new ProblemList(repository.limits);
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
    for (const [tagName, { id }] of targets) {
      const image = planned.get(id)?.image;
      if (image) {
        images.set(tagName, image);
      }
    }
    yield;
    if (images.size === 0) {
      // What is wrong with it was found when it was read.
      continue;
    }
    const rewritten = yield* rewriteManifestInTurns(manifest.source, images, {
      careful: true,
    });
    for (const { code, line, tagName, message } of rewritten.problems) {
      const problem = clip({ file: manifest.file, line, tagName, message });
      // A name without an image here is one that `planScan` speaks of.
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

function* groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): PausingWork<Map<string, T[]>> {
  const groups = new Map<string, T[]>();
  for (let index = 0; index < items.length; index += 1) {
    const key = keyOf(items[index]);
    const group = groups.get(key);
    if (group) {
      group.push(items[index]);
    } else {
      groups.set(key, [items[index]]);
    }
    if (index % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
  return groups;
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
  const changesOf = yield* groupBy(changes, ({ imageScanId }) => imageScanId);
  const scans: UpdateScan[] = [];
  for (const [id, { image, ...scan }] of planned) {
    const values = changesOf.get(id)?.length ?? 0;
    const isRefused = image !== undefined && values === 0;
    scans.push({
      ...scan,
      values,
      notWritten: isRefused
        ? { cause: 'values', reason: 'has no value that can be written' }
        : scan.notWritten,
    });
  }
  yield;
  return scans;
}
