import { randomUUID } from 'node:crypto';
import type { StoredDecision } from '../model/decisions';
import type { ScanDefinition } from '../model/types';
import type { ChosenScan } from './planUpdate';

/** What a person chose with an update: what holds afterwards, and what it replaces. */
export interface ChosenDecisions {
  made: StoredDecision[];
  /** Ids of earlier choices for the scans. */
  replaced: string[];
}

/**
 * Makes of what a person chose for scans the decisions that keep it.
 *
 * @param shared - what all of them have: who chose, why, when, and until when
 * @param binding - what binds the git repo and its scans so far
 */
export function decideChosen(
  choices: readonly ChosenScan[],
  { remote, branch }: { remote: string; branch: string },
  definitions: readonly ScanDefinition[],
  shared: Pick<StoredDecision, 'by' | 'at' | 'reason' | 'until'>,
  binding: readonly StoredDecision[],
): ChosenDecisions {
  const definitionOf = new Map(definitions.map(each => [each.id, each]));
  const written = new Set(choices.map(({ scanId }) => scanId));
  const made = choices.flatMap(({ scanId, tag, holds }): StoredDecision[] => {
    const definition = definitionOf.get(scanId);
    if (!holds || !definition) {
      return [];
    }
    const { path, tagName, image, gitRepo } = definition;
    return [
      {
        ...shared,
        id: randomUUID(),
        kind: 'chosen',
        place: { remote, branch, path, tagName, image },
        gitRepo,
        scanId,
        tag: tag || undefined,
      },
    ];
  });
  const replaced = binding.flatMap(({ id, kind, scanId }) =>
    kind === 'chosen' && scanId !== undefined && written.has(scanId)
      ? [id]
      : [],
  );
  return { made, replaced };
}
