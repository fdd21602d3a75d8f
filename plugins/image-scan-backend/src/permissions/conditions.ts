import { createConditionExports } from '@backstage/plugin-permission-node';
import {
  gitRepoPermissionRules,
  gitRepoResourceRef,
} from './gitRepoPermissions';

const { conditions, createConditionalDecision } = createConditionExports({
  resourceRef: gitRepoResourceRef,
  rules: gitRepoPermissionRules,
});

/**
 * Conditions for a permission policy: `hasName({ names })` and
 * `isLinkedEntityOwner({ claims })`.
 *
 * @public
 */
export const gitRepoConditions = conditions;

/** Makes a policy's decision out of `gitRepoConditions`. @public */
export const createGitRepoConditionalDecision = createConditionalDecision;
