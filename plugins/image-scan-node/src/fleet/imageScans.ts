import { isMap, isSeq } from 'yaml';
import type { Node } from 'yaml';
import type { PausingWork } from '../inTurns';
import { textOf } from './DefinitionDocument';
import type { DefinitionDocument } from './DefinitionDocument';
import { isOwnFile } from './definitionFiles';
import { EntryReader } from './EntryReader';
import type { FilterCheck } from './EntryReader';
import type {
  DefinitionError,
  ImageScanDefinition,
  ImageScanDefinitions,
} from './ImageScanDefinition';
import { printable, quote } from './printable';
import { MAX_DEFINITION_BYTES, readYaml } from './readYaml';
import { suggest } from './suggest';

/** More entries than a person writes; each could bring errors of its own. */
const MAX_ENTRIES = 2000;

/** Tokens of a file with so many entries, and as many of other things. */
const MAX_TOKENS = 300_000;

/** Tokens that an entry may have, and more than people need for one. */
const TOKENS_OF_ENTRY = 60;

/** Keys that are held against the one that is meant. */
const MAX_KEYS = 1_000;

/** What a file defines, and the tokens that it has beside its entries. @public */
export interface MeasuredDefinitions extends ImageScanDefinitions {
  otherTokens: number;
}

class BlockReader {
  readonly #scans: ImageScanDefinition[] = [];
  readonly #errors: DefinitionError[] = [];
  readonly #warnings: string[] = [];
  readonly #isOwn: boolean;

  readonly #file: string | undefined;
  readonly #checkFilters: FilterCheck;

  constructor(file: string | undefined, checkFilters: FilterCheck) {
    this.#file = file;
    this.#checkFilters = checkFilters;

    // What is wrong with a file of ours alone is nobody else's to report.
    this.#isOwn = file !== undefined && isOwnFile(file);
  }

  *read(
    source: Buffer,
    maxOtherTokens: number,
  ): PausingWork<MeasuredDefinitions> {
    let tokens = 0;
    if (this.#isOwn || mentionsScans(source)) {
      yield;
      const yaml = yield* readYaml(
        source,
        Math.min(MAX_TOKENS, maxOtherTokens + tokensOfEntries(source)),
      );
      tokens = yaml.tokens;
      if ('documents' in yaml) {
        yield* this.#readDocuments(yaml.documents);
      } else {
        this.#reject(yaml.message, yaml.line);
      }
    }
    return {
      scans: this.#scans,
      errors: this.#errors,
      warnings: this.#warnings,
      otherTokens: Math.max(0, tokens - TOKENS_OF_ENTRY * this.#scans.length),
    };
  }

  *#readDocuments(documents: DefinitionDocument[]): PausingWork<void> {
    let found = false;
    for (const document of documents) {
      const block = this.#findBlock(document);
      if (block && !block.value) {
        this.#warnings.push(
          `${this.#prefix()}imageScans on line ${
            block.line
          } has no entries; write a list, as in "- tagName: NAME", or remove the key.`,
        );
      }
      if (block && found) {
        this.#warnings.push(
          `${this.#prefix()}only the first document with imageScans is read; the one on line ${
            block.line
          } is ignored.`,
        );
      } else if (block) {
        found = true;
        yield* this.#readBlock(document, block.value, block.line);
      }
    }
    if (this.#isOwn && !found && this.#errors.length === 0) {
      this.#warnings.push(
        `${this.#prefix()}there is no key imageScans at the top of the file, so nothing is scanned for it.`,
      );
    }
  }

  #findBlock(
    document: DefinitionDocument,
  ): { value?: Node; line?: number } | undefined {
    const { root } = document;
    if (isSeq(root)) {
      this.#rejectBareList(document, root.items);
    }
    if (!isMap(root)) {
      return undefined;
    }
    let block: { value?: Node; line?: number } | undefined;
    for (const { key, value } of root.items) {
      const line = document.lineOf(key);
      const name = textOf(document.resolve(key)) ?? '';
      if (name === 'imageScans') {
        if (block) {
          this.#reject(
            `imageScans is there twice, on lines ${block.line} and ${line}; write one list`,
            line,
          );
          return undefined;
        }
        block = { value: document.resolve(value), line };
      } else if (suggest(name, ['imageScans'])) {
        this.#reject(`the key ${name} is unknown; is imageScans meant?`, line);
      }
    }
    return block;
  }

  #rejectBareList(document: DefinitionDocument, items: unknown[]): void {
    const entry = document.resolve(items[0]);
    if (isMap(entry) && entry.has('tagName')) {
      this.#reject(
        'the list of image scans stands alone; write it under the key imageScans',
        document.lineOf(entry),
      );
    }
  }

  *#readBlock(
    document: DefinitionDocument,
    block: Node | undefined,
    line: number | undefined,
  ): PausingWork<void> {
    if (!block) {
      return;
    }
    if (!isSeq(block)) {
      this.#reject(
        `imageScans is ${
          isMap(block) ? 'a map' : 'a text'
        } and must be a list: begin each entry with a dash, as in "- tagName: NAME"`,
        line,
      );
      return;
    }
    if (block.items.length > MAX_ENTRIES) {
      this.#reject(
        `imageScans has ${block.items.length} entries, and at most ${MAX_ENTRIES} are read; divide it into several bundles`,
        line,
      );
      return;
    }
    const entries: ReturnType<EntryReader['read']>[] = [];
    for (const [index, item] of block.items.entries()) {
      const place = { file: this.#file, index };
      const reader = new EntryReader(document, item, place, this.#checkFilters);
      entries.push(reader.read());
      yield;
    }
    const twins = groupByName(entries);
    for (const { scan, errors, tagName, line: entryLine, index } of entries) {
      this.#errors.push(...errors);
      const others = (
        tagName === undefined ? [] : twins.get(tagName) ?? []
      ).filter(other => other.index !== index);
      if (others.length > 0) {
        const places = others
          .slice(0, 3)
          .map(other => `imageScans[${other.index}] on line ${other.line}`);
        this.#errors.push({
          ...(this.#file !== undefined && { file: this.#file }),
          line: entryLine,
          entry: index,
          tagName,
          field: 'tagName',
          message: `${this.#prefix()}imageScans[${index}] on line ${entryLine}, tagName: ${quote(
            tagName ?? '',
          )} is also the tagName of ${places.join(
            ' and of ',
          )}; each entry needs its own`,
        });
      } else if (scan) {
        this.#scans.push(scan);
      }
    }
  }

  #reject(message: string, line?: number): void {
    this.#errors.push({
      ...(this.#file !== undefined && { file: this.#file }),
      ...(line !== undefined && { line }),
      message: `${this.#prefix()}${printable(message)}`,
    });
  }

  #prefix(): string {
    return this.#file === undefined ? '' : `${this.#file}: `;
  }
}

/**
 * Reads an `imageScans` block, with pauses.
 *
 * @param options - `file` is named in errors; `checkFilters` says whether patterns can be
 * used; `maxOtherTokens`: tokens of YAML that the file may have beside its entries
 */
export function* readImageScansInTurns(
  source: Buffer,
  options: {
    file?: string;
    checkFilters: FilterCheck;
    maxOtherTokens?: number;
  },
): PausingWork<MeasuredDefinitions> {
  const { file, checkFilters, maxOtherTokens = MAX_TOKENS } = options;
  const reader = new BlockReader(file, checkFilters);
  return yield* reader.read(source, maxOtherTokens);
}

/** For as many entries as the file may have by its words. */
function tokensOfEntries(source: Buffer): number {
  let entries = 0;
  let at = source.indexOf('tagName');
  while (at !== -1 && entries < MAX_ENTRIES) {
    entries += 1;
    at = source.indexOf('tagName', at + 1);
  }
  return TOKENS_OF_ENTRY * entries;
}

/**
 * Whether a file that may define scans holds anything to read or to report; all else is
 * left to Fleet. Of a file that is too large to be parsed only the plain words count.
 *
 * @public
 */
export function mentionsScans(source: Buffer): boolean {
  if (source.length > MAX_DEFINITION_BYTES) {
    return source.includes('imageScans') || source.includes('tagName');
  }
  const text = source.toString('latin1').replace(/\0/g, '');
  if (/imagescans|tagname/i.test(text)) {
    return true;
  }
  const keys = new Set<string>();
  for (const [, key] of text.matchAll(
    /^["']?([A-Za-z_-]{8,12})["']?[ \t]*:/gm,
  )) {
    if (keys.size === MAX_KEYS) {
      break;
    }
    keys.add(key);
  }
  return [...keys].some(key => suggest(key, ['imageScans']));
}

function groupByName<T extends { tagName?: string }>(
  entries: readonly T[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    if (entry.tagName !== undefined) {
      const group = groups.get(entry.tagName) ?? [];
      group.push(entry);
      groups.set(entry.tagName, group);
    }
  }
  return groups;
}
