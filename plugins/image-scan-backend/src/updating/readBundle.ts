import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { toError } from '@backstage/errors';
import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  type GitRepoDefinition,
  type ImageScanDefinition,
  type ImageScanDefinitions,
  parseImageReference,
  parseImageScans,
  type PausingWork,
  type ScopeObstacle,
} from 'backstage-plugin-image-scan-node';
import type { CredentialRequest } from '../credentials/RegistryCredentialResolver';
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
}

/** A definition file with its bytes. */
export interface DefinitionSource {
  file: string;
  source: Buffer;
}

/** Parses files, equal ones once: the same content may lie under many names. */
export class DefinitionParser {
  readonly #parsed = new Map<Buffer, Map<string, ImageScanDefinitions>>();

  parse({ file, source }: DefinitionSource): ImageScanDefinitions {
    const name = posix.basename(file);
    const ofSource = this.#parsed.get(source) ?? new Map();
    this.#parsed.set(source, ofSource);
    const parsed: ImageScanDefinitions =
      ofSource.get(name) ?? parseImageScans(source, { file: name });
    ofSource.set(name, parsed);
    // All messages begin with the file.
    const folder = file.slice(0, file.length - name.length);
    return {
      scans: parsed.scans,
      warnings: parsed.warnings.map(message => `${folder}${message}`),
      errors: parsed.errors.map(error => ({
        ...error,
        file,
        message: `${folder}${error.message}`,
      })),
    };
  }
}

/** Makes the entries of a folder's files definitions, each that can be one. */
export function* readBundle(
  path: string,
  files: readonly DefinitionSource[],
  context: DefinitionContext,
  parser: DefinitionParser,
): PausingWork<BundleContents> {
  const unusable: ScopeObstacle[] = [];
  const problems: Problem[] = [];
  const found: { file: string; entry: ImageScanDefinition }[] = [];
  for (const { file, source } of files) {
    const { scans, errors, warnings } = parser.parse({ file, source });
    yield;
    for (const message of warnings) {
      problems.push({ file, message });
    }
    for (const entry of scans) {
      found.push({ file, entry });
    }
    for (const { entry, tagName, line, message } of errors) {
      problems.push({ file, line, tagName, message });
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
      definitions.push(toDefinition(path, file, scan, context));
    } catch (error) {
      reject('image', toError(error).message);
    }
  }
  return { definitions, unusable, problems };
}

function toDefinition(
  path: string,
  file: string,
  entry: ImageScanDefinition,
  { definition, credentialKeyOf }: DefinitionContext,
): ScanDefinition {
  const gitRepo = definition.key;
  const { image, policy, tagName, secretRef } = entry;
  const reference = parseImageReference(image);
  const credentialKey = credentialKeyOf({
    gitRepo,
    reference,
    secretRef: secretRef?.name,
  });
  return {
    id: hash([gitRepo, path, tagName]).slice(0, 24),
    gitRepo,
    path,
    tagName,
    image: reference.name,
    policy,
    interval: entry.interval,
    suspend: entry.suspend,
    secretRef: secretRef?.name,
    file,
    line: entry.line,
    warnings: entry.warnings,
    hash: hash([reference.canonicalName, policy]),
    listKey: hash([reference.canonicalName, credentialKey]),
    registryHost: reference.apiHost,
  };
}

function hash(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
