import { createHash } from 'node:crypto';
import type { Problem, UpdateChange } from 'backstage-plugin-image-scan-common';
import {
  type PausingWork,
  type ResolvedImage,
  rewriteManifestInTurns,
  runAtOnce,
} from 'backstage-plugin-image-scan-node';
import { assessScan } from '../model/assessScan';
import { decisionsByScan, type StoredDecision } from '../model/decisions';
import type { ScanDefinition, ScanMarker, StoredScan } from '../model/types';
import { clip, ProblemList } from './ProblemList';
import type { Repository } from './readRepository';

/** Definitions, markers or problems between two pauses. */
const ITEMS_AT_ONCE = 500;

/** What an update would write. */
export interface UpdatePlan {
  changes: UpdateChange[];
  /** New bytes of the changed files. */
  outputs: ReadonlyMap<string, Buffer>;
  /** What does nothing, or is not written, and why. */
  problems: Problem[];
}

/** What a push would do. */
export interface PlannedCommit {
  head: { branch: string; commit: string };
  message: string;
  plan: UpdatePlan;
}

/** What limits or widens an update. */
export interface PlanOptions {
  /** Only scans with these tagNames. */
  tagNames?: readonly string[];
  /** Lifts what is held because it goes back, and nothing that somebody decided. */
  allowDowngrade: boolean;
  /** What binds the git repo and its scans; default nothing. */
  decisions?: readonly StoredDecision[];
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
  const outcomes = new Map<string, PlannedScan>();
  for (const definition of definitions) {
    const { id } = definition;
    outcomes.set(
      id,
      decide({
        definition,
        stored: stored.get(id),
        markers: markersOf.get(id) ?? [],
        decisions: decisionsOf(id),
        options,
      }),
    );
    // Where tags are ordered by a pattern, that takes its time.
    if (definition.filterTags || outcomes.size % ITEMS_AT_ONCE === 0) {
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
      const outcome = outcomes.get(id);
      if (outcome && 'image' in outcome) {
        images.set(tagName, outcome.image);
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
      // A name without an image here is one that `decide` speaks of.
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
  yield* addNotWritten(repository, outcomes, problems);
  return {
    changes,
    outputs,
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

type PlannedScan = { image: ResolvedImage } | { reason?: string };

function decide(input: {
  definition: ScanDefinition;
  stored?: StoredScan;
  markers: readonly ScanMarker[];
  decisions: readonly StoredDecision[];
  options: PlanOptions;
}): PlannedScan {
  const { definition, stored, markers, decisions, options } = input;
  if (options.tagNames && !options.tagNames.includes(definition.tagName)) {
    return {};
  }
  const same =
    stored?.definition.hash === definition.hash &&
    stored.definition.listKey === definition.listKey;
  const latest = same ? stored.latest : undefined;
  const { state, held } = assessScan({
    definition,
    latest,
    failed: false,
    markers,
    settled: stored?.settled,
    decisions,
  });
  if (state === 'suspended') {
    return { reason: 'is suspended' };
  }
  if (!latest) {
    return { reason: 'has no result yet' };
  }
  if (held?.decision) {
    return { reason: `is kept as it is: ${held.reason}` };
  }
  if (held && !options.allowDowngrade) {
    return { reason: `is held at ${held.from}: ${held.reason}` };
  }
  return { image: { image: definition.image, ...latest } };
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
  { contents }: Repository,
  outcomes: ReadonlyMap<string, PlannedScan>,
  problems: ProblemList,
): PausingWork<void> {
  const names = new Map(
    contents.definitions.map(({ id, tagName }) => [id, tagName]),
  );
  const { markers } = contents;
  for (let index = 0; index < markers.length; index += 1) {
    const { scanId, file, line } = markers[index];
    const outcome = outcomes.get(scanId);
    const tagName = names.get(scanId);
    if (outcome && 'reason' in outcome && outcome.reason && tagName) {
      const message = `not written, because the scan ${tagName} ${outcome.reason}`;
      problems.add({ file, line, tagName, message });
    }
    if (index % ITEMS_AT_ONCE === 0) {
      yield;
    }
  }
}
