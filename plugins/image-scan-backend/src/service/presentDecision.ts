import type { ScmIntegrationRegistry } from '@backstage/integration';
import type { Decision } from 'backstage-plugin-image-scan-common';
import type { StoredDecision } from '../model/decisions';
import type { GitRepoDirectory } from '../model/GitRepoDirectory';

/** What turns stored facts into what the API shows. */
export interface PresentationContext {
  directory: GitRepoDirectory;
  integrations: ScmIntegrationRegistry;
}

/** A decision as the API shows it. */
export function presentDecision(
  decision: StoredDecision & { scanIsGone?: boolean },
  { directory }: Pick<PresentationContext, 'directory'>,
): Decision {
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
    rollback: decision.rollback,
    ...(isGone && { isGone }),
  };
}
