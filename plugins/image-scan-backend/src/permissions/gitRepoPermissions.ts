import {
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import { RESOURCE_TYPE_GIT_REPO } from 'backstage-plugin-image-scan-common';
import { z } from 'zod/v4';

/** What a permission policy can decide about a git repo by. */
export interface GitRepoResource {
  key: string;
  /** The names people use for it: alone and with its namespace. */
  names: readonly string[];
  /** Entity refs of the owners of entities tied to it. */
  linkedOwners: ReadonlySet<string>;
}

/** Conditions are applied to the configured git repos in memory, never to a query. */
export type GitRepoFilter =
  | { names: readonly string[] }
  | { linkedOwners: readonly string[] };

/** @public */
export const gitRepoResourceRef = createPermissionResourceRef<
  GitRepoResource,
  GitRepoFilter
>().with({ pluginId: 'image-scan', resourceType: RESOURCE_TYPE_GIT_REPO });

const hasName = createPermissionRule({
  name: 'HAS_NAME',
  description: 'Allow git repos with one of these names',
  resourceRef: gitRepoResourceRef,
  paramsSchema: z.object({
    names: z
      .array(z.string())
      .describe('Names, or namespace:name where a name alone is not unique'),
  }),
  apply: (gitRepo, { names }) =>
    gitRepo.names.some(name => names.includes(name)),
  toQuery: ({ names }) => ({ names }),
});

const isLinkedEntityOwner = createPermissionRule({
  name: 'IS_LINKED_ENTITY_OWNER',
  description:
    'Allow git repos that an entity of one of these owners is tied to',
  resourceRef: gitRepoResourceRef,
  paramsSchema: z.object({
    claims: z
      .array(z.string())
      .describe('Entity refs, usually the ownership entity refs of the user'),
  }),
  apply: (gitRepo, { claims }) =>
    claims.some(claim => gitRepo.linkedOwners.has(claim)),
  toQuery: ({ claims }) => ({ linkedOwners: claims }),
});

/** Rules for permissions on git repos. @public */
export const gitRepoPermissionRules = { hasName, isLinkedEntityOwner };
