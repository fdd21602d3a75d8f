import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  AuthorizeResult,
  type PermissionCondition,
  type PermissionCriteria,
  type ResourcePermission,
} from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import {
  gitRepoReadPermission,
  imageScanPermissions,
  type RESOURCE_TYPE_GIT_REPO,
} from 'backstage-plugin-image-scan-common';
import {
  type GitRepoDirectory,
  qualifiedName,
} from '../model/GitRepoDirectory';
import type { EntityLinks } from '../entities/EntityLinks';
import {
  type GitRepoResource,
  gitRepoPermissionRules,
  gitRepoResourceRef,
} from './gitRepoPermissions';

/** A permission on a git repo. */
export type GitRepoPermission = ResourcePermission<
  typeof RESOURCE_TYPE_GIT_REPO
>;

/** Says which git repos somebody may see, scan or write. */
export class GitRepoAuthorizer {
  readonly #permissions: PermissionsService;
  readonly #registry: PermissionsRegistryService;
  readonly #directory: GitRepoDirectory;
  readonly #links: EntityLinks;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
    directory: GitRepoDirectory;
    links: EntityLinks;
  }) {
    this.#permissions = options.permissions;
    this.#registry = options.permissionsRegistry;
    this.#directory = options.directory;
    this.#links = options.links;
    this.#registry.addResourceType({
      resourceRef: gitRepoResourceRef,
      permissions: imageScanPermissions,
      rules: Object.values(gitRepoPermissionRules),
      getResources: async names => {
        const resources = await this.#resources({ withOwners: true });
        return names.map(name => {
          const key = this.#directory.find(name)?.key;
          return resources.find(resource => resource.key === key);
        });
      },
    });
  }

  /** Whether there is a git repo of a name. */
  knows(name: string): boolean {
    return this.#directory.find(name) !== undefined;
  }

  /** Keys of the git repos for which a permission is given. */
  async allowed(
    permission: GitRepoPermission,
    credentials: BackstageCredentials,
  ): Promise<string[]> {
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    const keys = this.#directory.definitions.map(({ key }) => key);
    if (decision.result !== AuthorizeResult.CONDITIONAL) {
      return decision.result === AuthorizeResult.ALLOW ? keys : [];
    }
    const isAuthorized = createConditionAuthorizer(
      this.#registry.getPermissionRuleset(gitRepoResourceRef),
    );
    const resources = await this.#resources({
      withOwners: mentionsOwners(decision.conditions),
    });
    return resources
      .filter(resource => isAuthorized(decision, resource))
      .map(({ key }) => key);
  }

  /**
   * @throws NotFoundError when the git repo may not even be seen, as if there
   * were none; NotAllowedError when it may be seen but not this.
   */
  async demand(
    permission: GitRepoPermission,
    name: string,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const missing = new NotFoundError(`There is no git repo named ${name}`);
    const key = this.#directory.find(name)?.key;
    if (key === undefined) {
      throw missing;
    }
    const readable = await this.allowed(gitRepoReadPermission, credentials);
    if (!readable.includes(key)) {
      throw missing;
    }
    if (permission.name === gitRepoReadPermission.name) {
      return;
    }
    const allowed = await this.allowed(permission, credentials);
    if (!allowed.includes(key)) {
      throw new NotAllowedError(
        `You do not have the permission ${permission.name} on git repo ${name}`,
      );
    }
  }

  /** @throws NotAllowedError unless the permission is given on all git repos. */
  async demandAll(
    permission: GitRepoPermission,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const allowed = await this.allowed(permission, credentials);
    if (allowed.length < this.#directory.definitions.length) {
      throw new NotAllowedError(
        `You do not have the permission ${permission.name} on all git repos`,
      );
    }
  }

  /** Owners cost a look through the catalog, so they are read only if asked for. */
  async #resources(options: {
    withOwners: boolean;
  }): Promise<GitRepoResource[]> {
    const owners: ReadonlyMap<string, ReadonlySet<string>> = options.withOwners
      ? await this.#links.ownersByGitRepo()
      : new Map();
    return this.#directory.definitions.map(definition => ({
      key: definition.key,
      names: [
        this.#directory.nameOf(definition.key),
        qualifiedName(definition),
      ],
      linkedOwners: owners.get(definition.key) ?? new Set(),
    }));
  }
}

function mentionsOwners(
  criteria: PermissionCriteria<PermissionCondition>,
): boolean {
  if ('rule' in criteria) {
    return criteria.rule === gitRepoPermissionRules.isLinkedEntityOwner.name;
  }
  if ('not' in criteria) {
    return mentionsOwners(criteria.not);
  }
  return ('allOf' in criteria ? criteria.allOf : criteria.anyOf).some(
    mentionsOwners,
  );
}
