import { isMap, isSeq } from 'yaml';
import type { Node } from 'yaml';
import { textOf } from './DefinitionDocument';
import type { DefinitionDocument } from './DefinitionDocument';
import { isOwnFile } from './definitionFiles';
import { EntryReader } from './EntryReader';
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

class BlockReader {
  readonly #scans: ImageScanDefinition[] = [];
  readonly #errors: DefinitionError[] = [];
  readonly #warnings: string[] = [];
  readonly #isOwn: boolean;

  readonly #file: string | undefined;

  constructor(file: string | undefined) {
    this.#file = file;

    // What is wrong with a file of ours alone is nobody else's to report.
    this.#isOwn = file !== undefined && isOwnFile(file);
  }

  read(source: Buffer): ImageScanDefinitions {
    if (this.#isOwn || mentionsScans(source)) {
      const yaml = readYaml(source);
      if ('documents' in yaml) {
        this.#readDocuments(yaml.documents);
      } else {
        this.#reject(yaml.message, yaml.line);
      }
    }
    return {
      scans: this.#scans,
      errors: this.#errors,
      warnings: this.#warnings,
    };
  }

  #readDocuments(documents: DefinitionDocument[]): void {
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
        this.#readBlock(document, block.value, block.line);
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

  #readBlock(
    document: DefinitionDocument,
    block: Node | undefined,
    line: number | undefined,
  ): void {
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
    const entries = block.items.map((item, index) =>
      new EntryReader(document, item, { file: this.#file, index }).read(),
    );
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
 * Reads the `imageScans` block of a `fleet.yaml`, an options file or `imagescans.yaml`.
 *
 * @remarks
 * Every entry that cannot be used becomes errors of its own, and the others go on; two
 * entries of one tagName are both errors. Whatever else the file holds is left to Fleet,
 * and a file that does not mention image scans is not even parsed. Fleet's keys `name`
 * and `gitrepoName` in an entry are accepted and ignored. Numbers count as they are
 * written, so the range `1.20` keeps its zero. Never throws because of what the file
 * holds.
 *
 * @param source - at most 1 MiB, UTF-8
 * @param options - `file` is named in errors
 * @public
 */
export function parseImageScans(
  source: Buffer | string,
  options: { file?: string } = {},
): ImageScanDefinitions {
  return new BlockReader(options.file).read(
    typeof source === 'string' ? Buffer.from(source) : source,
  );
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
  for (const [, key] of text.matchAll(
    /^["']?([A-Za-z_-]{8,12})["']?[ \t]*:/gm,
  )) {
    if (suggest(key, ['imageScans'])) {
      return true;
    }
  }
  return false;
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
