import type {
  DecisionEnd,
  DecisionKind,
  Rollback,
} from 'backstage-plugin-image-scan-common';
import type { RememberedMarker } from './types';

/** Of a rollback: what people look at, and what a scan that comes back remembers. */
const MAX_PLACES = 100;

/** What somebody decided, as it is stored. */
export interface StoredDecision {
  id: string;
  kind: DecisionKind;
  /** What it is about, wherever that is by now; without a remote, everything. */
  place: {
    /** URL, without credentials. */
    remote?: string;
    branch?: string;
    path?: string;
    tagName?: string;
    image?: string;
  };
  /** Key of the git repo that the place is in now. */
  gitRepo?: string;
  /** The scan that the place is now; absent for a whole git repo. */
  scanId?: string;
  tag?: string;
  reason?: string;
  by: string;
  at: number;
  /** When it ends by itself. */
  until?: number;
  ended?: { by: string; at: number; how: DecisionEnd; reason?: string };
  /** Of the kind `rollback`. */
  rollback?: Rollback;
}

/** A scan, as decisions are about it. */
interface DecidedScan {
  id: string;
  gitRepo: string;
}

/** Kinds that let nothing be written to a scan, whatever the value. */
const WHOLE_SCAN: readonly DecisionKind[] = ['hold', 'chosen', 'rollback'];

/** Kinds that forbid one value. */
const ONE_TAG: readonly DecisionKind[] = ['skip', 'declined'];

/** Whether a decision forbids one tag, which is passed over then. */
export function isOfOneTag(kind: DecisionKind): boolean {
  return ONE_TAG.includes(kind);
}

/** What decides of several: the wider first. */
const RANKS: readonly ((decision: StoredDecision) => boolean)[] = [
  ({ scanId }) => scanId === undefined,
  ({ kind }) => kind === 'hold',
  ({ kind }) => kind === 'chosen',
  ({ kind }) => kind === 'rollback',
];

/**
 * The decision that forbids to write a tag to a scan, the one to name first where
 * there are several.
 *
 * @param decisions - all of them active
 */
export function findBinding(
  decisions: readonly StoredDecision[],
  scan: DecidedScan,
  tag: string,
): StoredDecision | undefined {
  const binding = decisions.filter(
    decision =>
      isAbout(decision, scan) &&
      (WHOLE_SCAN.includes(decision.kind) ||
        (isOfOneTag(decision.kind) && decision.tag === tag)),
  );
  const rank = (decision: StoredDecision) => {
    const found = RANKS.findIndex(isOfRank => isOfRank(decision));
    return found < 0 ? RANKS.length : found;
  };
  return binding.sort((a, b) => rank(a) - rank(b) || a.at - b.at)[0];
}

/** Finds, of the decisions on a git repo and its scans, those on one of its scans. */
export function decisionsByScan(
  decisions: readonly StoredDecision[],
): (scanId: string) => readonly StoredDecision[] {
  const wide: StoredDecision[] = [];
  const byScan = new Map<string, StoredDecision[]>();
  for (const decision of decisions) {
    const { scanId } = decision;
    const ofScan = scanId === undefined ? wide : byScan.get(scanId);
    if (ofScan) {
      ofScan.push(decision);
    } else if (scanId !== undefined) {
      byScan.set(scanId, [decision]);
    }
  }
  return scanId => {
    const own = byScan.get(scanId);
    return own ? [...wide, ...own] : wide;
  };
}

/** Whether a decision is about a scan: its own, or that of its git repo or of everything. */
function isAbout(
  { gitRepo, scanId }: StoredDecision,
  scan: DecidedScan,
): boolean {
  return scanId === undefined
    ? gitRepo === undefined || gitRepo === scan.gitRepo
    : scanId === scan.id;
}

/** A decision in a clause, such as `held by user:default/ada: breaks checkout`. */
export function describeDecision(decision: StoredDecision): string {
  const { kind, tag, rollback } = decision;
  switch (kind) {
    case 'hold':
      return `${describeExtent(decision)}held ${describeAuthor(decision)}`;
    case 'rollback':
      return `rolled back in git${describePlace(rollback)}`;
    case 'chosen':
      return `${tag} was chosen ${describeAuthor(decision)}`;
    case 'skip':
      return `${tag} is ${describeSkip(decision)}`;
    case 'declined':
      return `${tag} was ${describeSkip(decision)}`;
    default:
      return unknownKind(kind);
  }
}

/** Why a tag is passed over, such as `skipped by user:default/ada: breaks checkout`. */
export function describeSkip(decision: StoredDecision): string {
  const word = decision.kind === 'declined' ? 'declined' : 'skipped';
  return `${word} ${describeAuthor(decision)}`;
}

/** The places of a rollback, as markers remember them. */
export function placesOf(
  markers: readonly RememberedMarker[],
): Pick<Rollback, 'places' | 'morePlaces'> {
  const places = markers.flatMap(({ file, line, form, current, rolledFrom }) =>
    rolledFrom === undefined
      ? []
      : [{ file, line, form, before: rolledFrom, after: current }],
  );
  const morePlaces = places.length - MAX_PLACES;
  return morePlaces <= 0
    ? { places }
    : { places: places.slice(0, MAX_PLACES), morePlaces };
}

function describeAuthor({ by, until, reason }: StoredDecision): string {
  const end =
    until === undefined ? '' : ` until ${new Date(until).toISOString()}`;
  return `by ${by}${end}${reason ? `: ${reason}` : ''}`;
}

function describeExtent({ gitRepo, scanId }: StoredDecision): string {
  if (scanId !== undefined) {
    return '';
  }
  return gitRepo === undefined ? 'everything is ' : `all of ${gitRepo} is `;
}

function describePlace(rollback: Rollback | undefined): string {
  if (!rollback || rollback.places.length === 0) {
    return '';
  }
  const { places, morePlaces = 0 } = rollback;
  const [{ file, line, before, after }] = places;
  const more = places.length - 1 + morePlaces;
  const others = more === 0 ? '' : ` and at ${more} more places`;
  return ` from ${before} to ${after || 'nothing'} in ${file}:${line}${others}`;
}

function unknownKind(kind: never): never {
  throw new Error(`Unknown kind of decision ${kind}`);
}
