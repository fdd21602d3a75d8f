import { NotFoundError } from '@backstage/errors';
import type { GitRepoDefinition } from 'backstage-plugin-image-scan-node';

/**
 * The configured git repos, by key and by the names people use: the name alone
 * where it is unique, and `namespace:name` always.
 */
export class GitRepoDirectory {
  readonly #byKey: ReadonlyMap<string, GitRepoDefinition>;
  readonly #names: ReadonlyMap<string, string>;
  readonly #byName = new Map<string, GitRepoDefinition>();

  constructor(definitions: readonly GitRepoDefinition[]) {
    this.#byKey = new Map(
      definitions.map(definition => [definition.key, definition]),
    );
    const isUnique = (name: string) =>
      definitions.filter(definition => definition.name === name).length === 1;
    this.#names = new Map(
      definitions.map(definition => [
        definition.key,
        isUnique(definition.name) ? definition.name : qualifiedName(definition),
      ]),
    );
    for (const definition of definitions) {
      this.#byName.set(qualifiedName(definition), definition);
      this.#byName.set(this.nameOf(definition.key), definition);
    }
  }

  get definitions(): readonly GitRepoDefinition[] {
    return [...this.#byKey.values()];
  }

  get byKey(): ReadonlyMap<string, GitRepoDefinition> {
    return this.#byKey;
  }

  /** The name people see for a key. */
  nameOf(key: string): string {
    return this.#names.get(key) ?? key;
  }

  find(name: string): GitRepoDefinition | undefined {
    return this.#byName.get(name);
  }

  /** @throws NotFoundError */
  get(name: string): GitRepoDefinition {
    const definition = this.find(name);
    if (!definition) {
      throw new NotFoundError(`There is no git repo named ${name}`);
    }
    return definition;
  }
}

/** `namespace:name`, or the name of a git repo without a namespace. */
export function qualifiedName(definition: {
  name: string;
  namespace?: string;
}): string {
  return definition.namespace === undefined
    ? definition.name
    : `${definition.namespace}:${definition.name}`;
}
