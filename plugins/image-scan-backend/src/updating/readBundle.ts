import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { toError } from '@backstage/errors';
import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  type GitRepoDefinition,
  type ImageScanDefinition,
  type ImageScanDefinitions,
  parseImageReference,
  parseImageScansInTurns,
  PatternBudget,
  type PausingWork,
  type RepositoryLimits,
  type ScopeObstacle,
  TokenBudget,
} from 'backstage-plugin-image-scan-node';
import type { CredentialRequest } from '../credentials/RegistryCredentialResolver';
import { filtersOf, orderingOf } from '../model/filtersOf';
import type { ScanDefinition } from '../model/types';

/** What reading needs beside the files. */
export interface DefinitionContext {
  definition: GitRepoDefinition;
  /** Names the credentials of a scan, so that scans can share lists of tags. */
  credentialKeyOf: (request: CredentialRequest) => string;
}

/** What the files of one folder define. */
export interface BundleContents {
  definitions: ScanDefinition[];
  unusable: ScopeObstacle[];
  problems: Problem[];
  /** Entries and errors that were gone through. */
  seen: number;
}

/** A definition file with its bytes. */
export interface DefinitionSource {
  file: string;
  source: Buffer;
}

/** What a definition has of its entry alone, whatever folder that lies in. */
type FieldsOfEntry = Omit<ScanDefinition, 'id' | 'path' | 'file'>;

/**
 * Parses the files of a repository, equal ones once: the same content may lie under
 * many names.
 */
export class DefinitionParser {
  readonly #parsed = new Map<Buffer, Map<string, ImageScanDefinitions>>();
  readonly #fields = new Map<ImageScanDefinition, FieldsOfEntry>();
  readonly #budget: TokenBudget;
  readonly #patternBudget: PatternBudget;
  readonly #context: DefinitionContext;

  constructor(context: DefinitionContext, limits: Readonly<RepositoryLimits>) {
    this.#context = context;
    this.#budget = new TokenBudget(limits.definitionTokens, limits.fileTokens);
    this.#patternBudget = new PatternBudget(limits.patternSize);
  }

  /** What a file defines; the file is named in it without its folder. */
  *parse({
    file,
    source,
  }: DefinitionSource): PausingWork<ImageScanDefinitions> {
    const name = posix.basename(file);
    const ofSource = this.#parsed.get(source) ?? new Map();
    this.#parsed.set(source, ofSource);
    const parsed: ImageScanDefinitions =
      ofSource.get(name) ?? (yield* this.#parseNew(source, name));
    ofSource.set(name, parsed);
    return parsed;
  }

  /**
   * Makes an entry of a file in a folder a definition.
   *
   * @throws InvalidImageReferenceError
   */
  toDefinition(
    path: string,
    file: string,
    entry: ImageScanDefinition,
  ): ScanDefinition {
    const fields = this.#fields.get(entry) ?? this.#readFields(entry);
    this.#fields.set(entry, fields);
    const { gitRepo, tagName } = fields;
    const id = hash([gitRepo, path, tagName]).slice(0, 24);
    return { ...fields, id, path, file };
  }

  #readFields(entry: ImageScanDefinition): FieldsOfEntry {
    const { definition, credentialKeyOf } = this.#context;
    const { image, policy, tagName, interval, suspend, line, warnings } = entry;
    const gitRepo = definition.key;
    const secretRef = entry.secretRef?.name;
    const reference = parseImageReference(image);
    const credentialKey = credentialKeyOf({ gitRepo, reference, secretRef });
    const filters = filtersOf(entry);
    return {
      ...filters,
      gitRepo,
      tagName,
      image: reference.name,
      policy,
      interval,
      minimumAge: entry.minimumAge,
      platforms: entry.platforms,
      suspend,
      secretRef,
      line,
      warnings,
      // One without filters is the one that it was before there were any.
      hash: hash([
        reference.canonicalName,
        orderingOf(policy),
        ...(filters || entry.platforms ? [filters ?? {}] : []),
        ...(entry.platforms ? [entry.platforms] : []),
      ]),
      listKey: hash([reference.canonicalName, credentialKey]),
      registryHost: reference.apiHost,
    };
  }

  *#parseNew(source: Buffer, file: string): PausingWork<ImageScanDefinitions> {
    const parsed = yield* parseImageScansInTurns(source, {
      file,
      maxOtherTokens: this.#budget.allowed,
      patternBudget: this.#patternBudget,
    });
    this.#budget.spend(parsed.otherTokens);
    return parsed;
  }
}

/**
 * Makes the entries of a folder's files definitions, each that can be one.
 *
 * @param room - entries that may become definitions, and entries and errors that are
 * gone through
 * @returns how many there are, where that is more
 */
export function* readBundle(
  path: string,
  files: readonly DefinitionSource[],
  parser: DefinitionParser,
  room: { entries: number; seen: number },
): PausingWork<BundleContents | number> {
  const unusable: ScopeObstacle[] = [];
  const problems: Problem[] = [];
  const found: { file: string; entry: ImageScanDefinition }[] = [];
  let seen = 0;
  for (const { file, source } of files) {
    const { scans, errors, warnings } = yield* parser.parse({ file, source });
    seen += scans.length + errors.length;
    if (seen > room.seen) {
      return seen;
    }
    if (found.length + scans.length > room.entries) {
      return found.length + scans.length;
    }
    // All messages begin with the file.
    const folder = file.slice(0, file.length - posix.basename(file).length);
    for (const message of warnings) {
      problems.push({ file, message: `${folder}${message}` });
    }
    for (const entry of scans) {
      found.push({ file, entry });
    }
    for (const { entry, tagName, line, message } of errors) {
      yield;
      problems.push({ file, line, tagName, message: `${folder}${message}` });
      if (entry === undefined || tagName !== undefined) {
        unusable.push({ path, file, tagName });
      }
    }
  }

  const firstOf = new Map<string, (typeof found)[0]>();
  const twinOf = new Map<string, (typeof found)[0]>();
  for (const each of found) {
    const { tagName } = each.entry;
    if (!firstOf.has(tagName)) {
      firstOf.set(tagName, each);
    } else if (!twinOf.has(tagName)) {
      twinOf.set(tagName, each);
    }
  }
  const definitions: ScanDefinition[] = [];
  for (const each of found) {
    yield;
    const { file, entry: scan } = each;
    const reject = (field: string, reason: string) => {
      const { entry, line, tagName } = scan;
      const message = `${file}: imageScans[${entry}] (${tagName}) on line ${line}, ${field}: ${reason}`;
      problems.push({ file, line, tagName, message });
      unusable.push({ path, file, tagName });
    };
    const first = firstOf.get(scan.tagName);
    const twin = first === each ? twinOf.get(scan.tagName) : first;
    if (twin) {
      reject(
        'tagName',
        `${twin.file} has an entry of this name too, on line ${twin.entry.line}; each entry of a folder needs its own`,
      );
      continue;
    }
    try {
      definitions.push(parser.toDefinition(path, file, scan));
    } catch (error) {
      reject('image', toError(error).message);
    }
  }
  return { definitions, unusable, problems, seen };
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
