import type { ScmIntegrationRegistry } from '@backstage/integration';
import type { Decision, Rollback } from 'backstage-plugin-image-scan-common';
import type { StoredDecision } from '../model/decisions';
import type { GitRepoDirectory } from '../model/GitRepoDirectory';
import { commitUrl, compareUrl } from './commitUrl';

/** What turns stored facts into what the API shows. */
export interface PresentationContext {
  directory: GitRepoDirectory;
  integrations: ScmIntegrationRegistry;
}

/** A decision as the API shows it. */
export function presentDecision(
  decision: StoredDecision & { scanIsGone?: boolean },
  context: PresentationContext,
): Decision {
  const { directory } = context;
  const { gitRepo, place, until, ended, scanIsGone } = decision;
  const isGone =
    scanIsGone || (gitRepo !== undefined && !directory.byKey.has(gitRepo));
  return {
    id: decision.id,
    kind: decision.kind,
    gitRepo: gitRepo === undefined ? undefined : directory.nameOf(gitRepo),
    imageScanId: decision.scanId,
    path: place.path,
    tagName: place.tagName,
    image: place.image,
    tag: decision.tag,
    reason: decision.reason,
    by: decision.by,
    time: new Date(decision.at).toISOString(),
    until: until === undefined ? undefined : new Date(until).toISOString(),
    ended: ended && {
      by: ended.by,
      time: new Date(ended.at).toISOString(),
      how: ended.how,
      reason: ended.reason,
    },
    rollback: presentRollback(decision, context),
    ...(isGone && { isGone }),
  };
}

function presentRollback(
  { place: { remote }, rollback }: StoredDecision,
  { integrations }: PresentationContext,
): Rollback | undefined {
  if (!rollback || remote === undefined) {
    return rollback;
  }
  const { commit, headBefore, headAfter } = rollback;
  return {
    ...rollback,
    commitUrl: commit && commitUrl(integrations, remote, commit),
    compareUrl:
      headBefore && compareUrl(integrations, remote, headBefore, headAfter),
  };
}
