import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  catalogConditions,
  createCatalogConditionalDecision,
} from '@backstage/plugin-catalog-backend/alpha';
import {
  AuthorizeResult,
  isResourcePermission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import {
  createGitRepoConditionalDecision,
  gitRepoConditions,
} from 'backstage-plugin-image-scan-backend';
import {
  gitRepoReadPermission,
  gitRepoScanPermission,
  gitRepoUpdatePermission,
  RESOURCE_TYPE_GIT_REPO,
} from 'backstage-plugin-image-scan-common';

/** The one git repo that `named` may use, and the owner of an entity tied to it. */
export const NAMED = 'shop';
export const OWNERS = 'group:default/shop-team';

/** Entities with this label are seen by everybody, others by `keeper` only. */
export const VISIBLE = 'visible';

const grants: ReadonlyMap<string, readonly { name: string }[]> = new Map([
  ['nobody', []],
  ['reader', [gitRepoReadPermission]],
  ['scanner', [gitRepoReadPermission, gitRepoScanPermission]],
  ['writer', [gitRepoReadPermission, gitRepoUpdatePermission]],
  [
    'keeper',
    [gitRepoReadPermission, gitRepoScanPermission, gitRepoUpdatePermission],
  ],
  // Who may write but not see is told of nothing.
  ['blind', [gitRepoScanPermission, gitRepoUpdatePermission]],
]);

const decide = (isAllowed: boolean): PolicyDecision => ({
  result: isAllowed ? AuthorizeResult.ALLOW : AuthorizeResult.DENY,
});

class TablePolicy implements PermissionPolicy {
  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) {
      return decide(false);
    }
    const name = user.info.userEntityRef.replace('user:default/', '');
    if (isResourcePermission(permission, 'catalog-entity')) {
      return name === 'keeper'
        ? decide(true)
        : createCatalogConditionalDecision(
            permission,
            catalogConditions.hasLabel({ label: VISIBLE }),
          );
    }
    if (!isResourcePermission(permission, RESOURCE_TYPE_GIT_REPO)) {
      return decide(true);
    }
    switch (name) {
      case 'named':
        return createGitRepoConditionalDecision(
          permission,
          gitRepoConditions.hasName({ names: [NAMED] }),
        );
      case 'owner':
        return createGitRepoConditionalDecision(
          permission,
          gitRepoConditions.isLinkedEntityOwner({
            claims: user.info.ownershipEntityRefs,
          }),
        );
      default:
        return decide(
          Boolean(
            grants.get(name)?.some(each => each.name === permission.name),
          ),
        );
    }
  }
}

/** A real permission policy that decides by the name of the user. */
export const tablePolicyModule = createBackendModule({
  pluginId: 'permission',
  moduleId: 'table-policy',
  register(env) {
    env.registerInit({
      deps: { policy: policyExtensionPoint },
      async init({ policy }) {
        policy.setPolicy(new TablePolicy());
      },
    });
  },
});
