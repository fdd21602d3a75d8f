import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import type { Knex } from 'knex';
import {
  decisionsByScan,
  placesOf,
  type StoredDecision,
} from '../model/decisions';
import {
  noticeRollbacks,
  type ScanMemory,
  settledAfterRollback,
} from '../model/noticeRollbacks';
import type {
  RememberedMarker,
  ScanDefinition,
  ScanMarker,
  SettledTag,
} from '../model/types';
import {
  type EndOfDecision,
  formatMemoryOf,
  readBinding,
} from './decisionRows';
import type { RepositoryContents } from './GitRepoStore';
import { toScanMarker, toStoredScan } from './imageScanRows';
import {
  type GitRepoRow,
  type ImageScanRow,
  type MarkerRow,
  optional,
  type UpdateRow,
} from './tables';

/**
 * How markers are read. Raised whenever the same bytes may give other markers or
 * values: what was remembered before is then no ground to judge by.
 */
const READER = 1;

/** Who made and ended what shows in git. */
const BY_GIT = 'git';

/** Scans of one statement. */
const CHUNK = 50;

/** By what the contents of a git repo are compared with what is remembered of it. */
export interface Comparison {
  remote: string;
  branch: string;
  headBefore?: string;
  headAfter: string;
  /** The memory is of another remote or branch, or there is none. */
  isElsewhere: boolean;
  /** Nothing was ever read of the git repo. */
  isFirst: boolean;
  learnsOnly: boolean;
  ownChanges: ReadonlyMap<string, readonly UpdateChange[]>;
  /** What binds a scan of the git repo, by its id. */
  decisionsOf: (scanId: string) => readonly StoredDecision[];
  now: number;
}

/** What a scan's markers say beside what is remembered, and what follows for decisions. */
export interface ComparedScan {
  markers: RememberedMarker[];
  settled?: SettledTag;
  /** To be stored, anew or in place of that with its id. */
  noticed?: StoredDecision;
  /** To be ended. */
  ended?: { id: string; end: EndOfDecision };
  /** What binds once that is done. */
  decisions: readonly StoredDecision[];
}

/** Reads by what contents are to be compared, but not yet what binds. */
export async function readComparison(
  knex: Knex,
  gitRepo: string,
  contents: RepositoryContents,
  now: number,
  headBefore?: string,
): Promise<Comparison> {
  const row = await knex<GitRepoRow>('git_repos')
    .where({ key: gitRepo })
    .first('memory_of', 'reader', 'head_commit');
  const announced = await knex<UpdateRow>('updates')
    .where({ git_repo: gitRepo, status: 'announced' })
    .select('changes');
  const ownChanges = new Map<string, UpdateChange[]>();
  for (const update of announced) {
    const changes: UpdateChange[] = JSON.parse(update.changes);
    for (const change of changes) {
      const ofScan = ownChanges.get(change.imageScanId);
      if (ofScan) {
        ofScan.push(change);
      } else {
        ownChanges.set(change.imageScanId, [change]);
      }
    }
  }
  return {
    remote: contents.remote,
    branch: contents.branch,
    headBefore: headBefore ?? optional(row?.head_commit ?? null),
    headAfter: contents.headCommit,
    isElsewhere:
      row?.memory_of !== formatMemoryOf(contents.remote, contents.branch),
    isFirst: row?.reader === null,
    learnsOnly: row?.reader !== READER,
    ownChanges,
    decisionsOf: () => [],
    now,
  };
}

/** Columns that say what the stored markers are, once all are. */
export function memoryColumns({
  remote,
  branch,
}: RepositoryContents): Pick<GitRepoRow, 'memory_of' | 'reader'> {
  return { memory_of: formatMemoryOf(remote, branch), reader: READER };
}

/** Compares one scan. Its rows are locked where what follows is to be stored. */
export function compareScan(
  definition: ScanDefinition,
  stored: { scan?: ImageScanRow; markers: readonly MarkerRow[] },
  read: readonly ScanMarker[],
  comparison: Comparison,
): ComparedScan {
  const { isElsewhere, learnsOnly, ownChanges, now } = comparison;
  const scan = stored.scan && toStoredScan(stored.scan);
  const binding = comparison.decisionsOf(definition.id);
  const before = binding.find(
    ({ kind, scanId }) => kind === 'rollback' && scanId === definition.id,
  );
  let memory: ScanMemory | undefined;
  if (scan && !isElsewhere) {
    memory = {
      markers: stored.markers.map(toRememberedMarker),
      definitionHash: scan.definition.hash,
      suspend: scan.definition.suspend,
    };
  } else if (!scan && before) {
    memory = memoryOfRollback(definition, before);
  }
  const { markers, rolledBack, undone, redefined } = noticeRollbacks({
    definition,
    latest: scan?.definition.hash === definition.hash ? scan.latest : undefined,
    choice: scan?.choice,
    memory,
    read,
    ownValues: ownChanges.get(definition.id),
    learnsOnly,
  });
  const others = binding.filter(each => each !== before);
  if (rolledBack.length > 0) {
    const noticed = noteRollback(definition, markers, comparison, before);
    return {
      markers,
      settled: {
        tag: settledAfterRollback(rolledBack),
        definitionHash: definition.hash,
      },
      noticed,
      decisions: [...others, noticed],
    };
  }
  if (before && (undone || redefined)) {
    const how = undone ? 'in-git' : 'redefined';
    return {
      markers,
      settled: scan?.settled,
      ended: { id: before.id, end: { how, by: BY_GIT, at: now } },
      decisions: others,
    };
  }
  return {
    markers,
    settled: scan?.settled,
    decisions: binding,
  };
}

/** What would bind a git repo and its scans once contents were stored. */
export async function foreseeDecisions(
  knex: Knex,
  gitRepo: string,
  contents: RepositoryContents,
  now: number,
): Promise<StoredDecision[]> {
  const binding = await readBinding(knex, gitRepo, now);
  const comparison = {
    ...(await readComparison(knex, gitRepo, contents, now)),
    decisionsOf: decisionsByScan(binding),
  };
  const decisions = new Map(binding.map(each => [each.id, each]));
  const markersOf = new Map<string, ScanMarker[]>();
  for (const marker of contents.markers) {
    const ofScan = markersOf.get(marker.scanId);
    if (ofScan) {
      ofScan.push(marker);
    } else {
      markersOf.set(marker.scanId, [marker]);
    }
  }
  for (let start = 0; start < contents.definitions.length; start += CHUNK) {
    const chunk = contents.definitions.slice(start, start + CHUNK);
    const ids = chunk.map(({ id }) => id);
    const scans = await knex<ImageScanRow>('image_scans').whereIn('id', ids);
    const markers = await knex<MarkerRow>('markers').whereIn('scan_id', ids);
    for (const definition of chunk) {
      const { id } = definition;
      const { noticed, ended } = compareScan(
        definition,
        {
          scan: scans.find(row => row.id === id),
          markers: markers.filter(row => row.scan_id === id),
        },
        markersOf.get(id) ?? [],
        comparison,
      );
      if (noticed) {
        decisions.set(noticed.id, noticed);
      } else if (ended) {
        decisions.delete(ended.id);
      }
    }
    await nextTurn();
  }
  return [...decisions.values()];
}

function noteRollback(
  definition: ScanDefinition,
  markers: readonly RememberedMarker[],
  comparison: Comparison,
  before: StoredDecision | undefined,
): StoredDecision {
  const { remote, branch, headBefore, headAfter, now } = comparison;
  return {
    id: before?.id ?? randomUUID(),
    kind: 'rollback',
    place: {
      remote,
      branch,
      path: definition.path,
      tagName: definition.tagName,
      image: definition.image,
    },
    gitRepo: definition.gitRepo,
    scanId: definition.id,
    by: BY_GIT,
    at: before?.at ?? now,
    until: before?.until,
    rollback: {
      ...placesOf(markers),
      headBefore: before?.rollback?.headBefore ?? headBefore,
      headAfter,
    },
  };
}

/** What a scan that was gone remembers once it is there again, or under another id. */
function memoryOfRollback(
  definition: ScanDefinition,
  { rollback }: StoredDecision,
): ScanMemory {
  return {
    markers: (rollback?.places ?? []).map(
      ({ file, line, form, before, after }) => ({
        ...{ scanId: definition.id, file, line, form },
        current: after,
        agreed: false,
        rolledFrom: before,
      }),
    ),
    definitionHash: definition.hash,
    suspend: definition.suspend,
  };
}

function toRememberedMarker(row: MarkerRow): RememberedMarker {
  return {
    ...toScanMarker(row),
    agreed: Boolean(row.agreed),
    rolledFrom: optional(row.rolled_from),
  };
}
