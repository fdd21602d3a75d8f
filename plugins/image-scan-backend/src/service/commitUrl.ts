import type { ScmIntegrationRegistry } from '@backstage/integration';
import { commitUrl as urlOnHost } from 'backstage-plugin-image-scan-node';

/**
 * Where people look at a commit, when the remote belongs to a host whose pages
 * are known from Backstage's `integrations`.
 */
export function commitUrl(
  integrations: ScmIntegrationRegistry,
  repo: string,
  commit: string,
): string | undefined {
  return urlOnHost(integrations.byUrl(repo)?.type, repo, commit);
}
