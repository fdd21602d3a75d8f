import type { ScmIntegrationRegistry } from '@backstage/integration';
import {
  commitUrl as urlOnHost,
  compareUrl as compareUrlOnHost,
} from 'backstage-plugin-image-scan-node';

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

/** Where people compare two commits, under the same condition. */
export function compareUrl(
  integrations: ScmIntegrationRegistry,
  repo: string,
  before: string,
  after: string,
): string | undefined {
  return compareUrlOnHost(integrations.byUrl(repo)?.type, repo, before, after);
}
