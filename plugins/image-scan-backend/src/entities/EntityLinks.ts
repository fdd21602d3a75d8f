import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_SOURCE_LOCATION,
  type Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  type EntityLink,
  GIT_REPO_ANNOTATION,
  PATH_ANNOTATION,
} from 'backstage-plugin-image-scan-common';
import type { GitRepoDefinition } from 'backstage-plugin-image-scan-node';
import { LRUCache } from 'lru-cache';
import type { GitRepoDirectory } from '../model/GitRepoDirectory';
import { folderInRepository } from './sourceLocation';

/** How long the owners of linked entities are remembered. */
const OWNERS_TTL_MS = 30_000;

/** How long it is remembered that somebody may see an entity, and its link. */
const LINK_TTL_MS = 10_000;

/** Links remembered at most. */
const MOST_LINKS = 10_000;

/** The git repo and folders an entity is tied to. */
export interface ResolvedLink {
  link: EntityLink;
  /** Undefined when the entity names no git repo that is known. */
  definition?: GitRepoDefinition;
}

/** What the catalog is asked on behalf of somebody. */
interface LinkQuestion {
  entityRef: string;
  credentials: BackstageCredentials;
}

/** Ties catalog entities to git repos. */
export class EntityLinks {
  readonly #directory: GitRepoDirectory;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  /** By caller and entity: only what was found, for one that is missing may be there in a moment. */
  readonly #links = new LRUCache<string, ResolvedLink, LinkQuestion>({
    max: MOST_LINKS,
    ttl: LINK_TTL_MS,
    ttlResolution: 0, // else each look at the clock sets a timer
    fetchMethod: (_key, _stale, { context }) => this.#readLink(context),
    // Who waits for one gets it, however many others are asked for meanwhile.
    ignoreFetchAbort: true,
  });
  #owners:
    | { until: number; value: Promise<Map<string, Set<string>>> }
    | undefined;

  constructor(options: {
    directory: GitRepoDirectory;
    catalog: CatalogService;
    auth: AuthService;
  }) {
    this.#directory = options.directory;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  /**
   * The link of an entity, as far as somebody may see it; undefined where there
   * is no such entity for them. The catalog is asked on their behalf, and not
   * again for the other parts of the same page.
   */
  linkOf(
    entityRef: string,
    credentials: BackstageCredentials,
  ): Promise<ResolvedLink | undefined> {
    const question = { entityRef, credentials };
    const caller = callerOf(credentials);
    if (caller === undefined) {
      return this.#readLink(question);
    }
    const key = JSON.stringify([
      caller,
      stringifyEntityRef(parseEntityRef(entityRef)),
    ]);
    return this.#links.fetch(key, { context: question });
  }

  /**
   * By the annotation, else by where the entity's sources or its description
   * lie.
   */
  resolve(entity: Entity): ResolvedLink {
    const annotations = entity.metadata.annotations ?? {};
    const name = annotations[GIT_REPO_ANNOTATION]?.trim();
    const paths = parsePaths(annotations[PATH_ANNOTATION]);
    if (name) {
      const definition = this.#directory.find(name);
      return {
        link: {
          source: definition ? 'annotation' : 'none',
          gitRepo: name,
          paths: paths ?? ['.'],
        },
        definition,
      };
    }
    for (const annotation of [
      ANNOTATION_SOURCE_LOCATION,
      ANNOTATION_LOCATION,
    ]) {
      const location = annotations[annotation];
      for (const definition of location ? this.#directory.definitions : []) {
        const folder = folderInRepository(location, definition);
        if (folder !== undefined) {
          const link: EntityLink = {
            source: 'source-location',
            gitRepo: this.#directory.nameOf(definition.key),
            paths: paths ?? [folder],
          };
          return { link, definition };
        }
      }
    }
    return { link: { source: 'none', paths: [] } };
  }

  /**
   * Entity refs of the owners of all entities tied to a git repo, by its key.
   * Asked of the whole catalog at once, and remembered for half a minute.
   */
  ownersByGitRepo(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    if (!this.#owners || this.#owners.until < Date.now()) {
      const value = this.#readOwners();
      const owners = { until: Date.now() + OWNERS_TTL_MS, value };
      this.#owners = owners;
      value.catch(() => {
        // A failure is the caller's to see, and not to be remembered.
        if (this.#owners === owners) {
          this.#owners = undefined;
        }
      });
    }
    return this.#owners.value;
  }

  async #readLink({
    entityRef,
    credentials,
  }: LinkQuestion): Promise<ResolvedLink | undefined> {
    const entity = await this.#catalog.getEntityByRef(entityRef, {
      credentials,
    });
    return entity && this.resolve(entity);
  }

  async #readOwners(): Promise<Map<string, Set<string>>> {
    const owners = new Map<string, Set<string>>();
    const stream = this.#catalog.streamEntities(
      {
        fields: ['kind', 'metadata', 'relations'],
        filter: [
          GIT_REPO_ANNOTATION,
          ANNOTATION_SOURCE_LOCATION,
          ANNOTATION_LOCATION,
        ].map(annotation => ({
          [`metadata.annotations.${annotation}`]: CATALOG_FILTER_EXISTS,
        })),
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    for await (const entities of stream) {
      for (const entity of entities) {
        const key = this.resolve(entity).definition?.key;
        for (const relation of key ? entity.relations ?? [] : []) {
          if (key && relation.type === RELATION_OWNED_BY) {
            const refs = owners.get(key) ?? new Set();
            owners.set(key, refs.add(relation.targetRef));
          }
        }
      }
    }
    return owners;
  }
}

/** Who asks; undefined for whom the catalog has to be asked each time. */
function callerOf({ principal }: BackstageCredentials): string | undefined {
  if (typeof principal !== 'object' || principal === null) {
    return undefined;
  }
  if ('userEntityRef' in principal) {
    return `user ${principal.userEntityRef}`;
  }
  const isRestricted =
    'accessRestrictions' in principal && principal.accessRestrictions;
  return 'subject' in principal && !isRestricted
    ? `service ${principal.subject}`
    : undefined;
}

/** Folders of the annotation, normalised; undefined where it names none. */
function parsePaths(annotation: string | undefined): string[] | undefined {
  const paths = (annotation ?? '')
    .split(',')
    .map(path => path.trim())
    .filter(path => path !== '')
    .map(path => path.replace(/^(\.?\/)+|\/+$/g, '') || '.');
  return paths.length > 0 ? paths : undefined;
}
