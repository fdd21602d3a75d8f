import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { GitBetween, GitRemote } from 'backstage-plugin-image-scan-node';
import type { DecisionStore, RollbackMaker } from '../database/DecisionStore';
import type { UpdateStore } from '../database/UpdateStore';
import type { StoredDecision } from '../model/decisions';

/**
 * Asks git who made rollbacks that were just noticed and are stored, and adds that to
 * them. Where git does not tell, it is logged and left open: nothing waits for it.
 */
export async function nameRollbacks(
  noticed: readonly StoredDecision[],
  options: {
    /** Key of the git repo. */
    gitRepo: string;
    remote: GitRemote;
    updates: UpdateStore;
    decisions: DecisionStore;
    logger: LoggerService;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { gitRepo, remote, decisions, logger, signal } = options;
  // Those that are noticed together mostly went between the same heads.
  const byHeads = new Map<string, StoredDecision[]>();
  for (const decision of noticed) {
    const { headBefore, headAfter } = decision.rollback ?? {};
    const key = JSON.stringify([headBefore, headAfter]);
    const together = byHeads.get(key);
    if (together) {
      together.push(decision);
    } else {
      byHeads.set(key, [decision]);
    }
  }
  for (const together of byHeads.values()) {
    const { headBefore, headAfter } = together[0].rollback ?? {};
    if (headBefore === undefined || headAfter === undefined) {
      continue;
    }
    try {
      const maker = await findMaker(
        await remote.commitsBetween(headBefore, headAfter, { signal }),
        options,
      );
      for (const decision of together) {
        await decisions.nameMaker(decision, maker);
      }
    } catch (error) {
      if (signal?.aborted) {
        return;
      }
      logger.warn(
        `Failed to find out who rolled back in git repo ${gitRepo}, between ${headBefore} and ${headAfter}: ${
          toError(error).message
        }`,
      );
    }
  }
}

/** The only commit of others or, of several, the newest that reverts an update. */
async function findMaker(
  { isBehind, commits }: GitBetween,
  { gitRepo, updates }: { gitRepo: string; updates: UpdateStore },
): Promise<RollbackMaker> {
  if (isBehind === false) {
    return { isBranchMoved: true };
  }
  const ours = new Set(
    await updates.ofCommits(
      gitRepo,
      commits.flatMap(({ oid, reverts }) => [oid, ...reverts]),
    ),
  );
  const theirs = commits.filter(({ oid }) => !ours.has(oid));
  const maker =
    theirs.length === 1
      ? theirs[0]
      : theirs.find(({ reverts }) => reverts.some(oid => ours.has(oid)));
  return maker
    ? {
        commit: maker.oid,
        author: maker.author || undefined,
        subject: maker.subject || undefined,
      }
    : {};
}
