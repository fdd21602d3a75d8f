import { toError } from '@backstage/errors';
import type { TagFilter, TagRule } from 'backstage-plugin-image-scan-common';
import { isMap } from 'yaml';
import { stripTag } from '../imageName';
import { textOf } from './DefinitionDocument';
import type { DefinitionDocument, Field } from './DefinitionDocument';
import { parseDuration } from './duration';
import { isOwnFile } from './definitionFiles';
import { FieldReader } from './FieldReader';
import type { Fields } from './FieldReader';
import type {
  DefinitionError,
  ImageScanDefinition,
} from './ImageScanDefinition';
import { DEFAULT_INTERVAL, readInterval } from './intervals';
import { PolicyReader } from './PolicyReader';
import { printable, quote } from './printable';

/** What was read of an entry; `scan` only where it can be used. */
export interface Entry {
  index: number;
  line: number;
  tagName?: string;
  scan?: ImageScanDefinition;
  errors: DefinitionError[];
}

/**
 * Says whether the patterns of a rule can be used.
 *
 * @throws Error whose message begins with the field, such as `filterTags.pattern: …`
 */
export type FilterCheck = (filters: TagFilters) => void;

type TagFilters = Omit<TagRule, 'policy'>;

/** The longest name of a Kubernetes object, which Fleet makes of it. */
const MAX_TAG_NAME = 253;

/** As many patterns as Flux allows. */
const MAX_EXCLUSIONS = 25;

/** More than images have. */
const MAX_PLATFORMS = 20;

/** Operating system, architecture and, where it matters, variant. */
const PLATFORM = /^[a-z0-9]{1,32}\/[a-z0-9_]{1,32}(?:\/[a-z0-9.]{1,32})?$/;

const ENTRY_KEYS = [
  'tagName',
  'image',
  'policy',
  'filterTags',
  'exclusionList',
  'minimumAge',
  'platforms',
  'interval',
  'secretRef',
  'suspend',
];

/** Fleet's own, without a meaning here. */
const FLEET_KEYS = ['name', 'gitrepoName'];

/** Reads one entry of an `imageScans` block. */
export class EntryReader {
  readonly #warnings: string[] = [];
  readonly #line: number;
  readonly #reader: FieldReader;
  readonly #policyReader: PolicyReader;

  readonly #document: DefinitionDocument;
  readonly #node: unknown;
  readonly #place: { file?: string; index: number };
  readonly #checkFilters: FilterCheck;

  constructor(
    document: DefinitionDocument,
    node: unknown,
    place: { file?: string; index: number },
    checkFilters: FilterCheck,
  ) {
    this.#checkFilters = checkFilters;
    this.#document = document;
    this.#node = node;
    this.#place = place;

    this.#line = document.lineOf(node) ?? 1;
    this.#reader = new FieldReader(document, { ...place, line: this.#line });
    this.#policyReader = new PolicyReader(this.#reader, this.#warnings, key =>
      this.#warnAboutFleet(key),
    );
  }

  read(): Entry {
    const scan = this.#readScan();
    const { errors, tagName } = this.#reader;
    return {
      index: this.#place.index,
      line: this.#line,
      tagName,
      errors,
      ...(scan && errors.length === 0 && { scan }),
    };
  }

  #readScan(): ImageScanDefinition | undefined {
    const fields = this.#reader.fieldsOf(
      this.#document.resolve(this.#node),
      '',
      '{tagName: NAME, image: IMAGE}',
    );
    if (!fields) {
      return undefined;
    }
    // All errors name it.
    this.#reader.tagName = nameOf(fields.get('tagName'));
    this.#reader.checkKeys(fields, '', ENTRY_KEYS, FLEET_KEYS);
    const tagName = this.#readTagName(fields.get('tagName'));
    const image = this.#readImage(fields.get('image'));
    const filters = this.#readFilters(fields);
    const policy = this.#policyReader.read(fields.get('policy'), filters);
    const minimumAge = this.#readMinimumAge(fields.get('minimumAge'));
    const platforms = this.#readPlatforms(fields.get('platforms'));
    const interval = this.#readInterval(fields.get('interval'));
    const secretRef = this.#readSecretRef(fields.get('secretRef'));
    const suspend = this.#reader.optionalBoolean(
      fields.get('suspend'),
      'suspend',
    );
    const line = this.#line;
    const warnings = this.#warnings;
    return {
      entry: this.#place.index,
      tagName,
      image,
      ...filters,
      policy,
      ...(minimumAge && { minimumAge }),
      ...(platforms.length > 0 && { platforms }),
      interval,
      ...(secretRef && { secretRef }),
      suspend,
      line,
      warnings,
    };
  }

  #readTagName(field: Field | undefined): string {
    const text = this.#reader.requireText(
      field,
      'tagName',
      'the name that markers use',
    );
    if (text.includes(':')) {
      this.#reader.fail(
        'tagName',
        'a colon is not allowed, as a marker writes the form behind it, as in NAME:tag',
        field,
      );
    }
    if (text.length > MAX_TAG_NAME) {
      this.#reader.fail(
        'tagName',
        `${text.length} characters are too many; at most ${MAX_TAG_NAME} are allowed`,
        field,
      );
    }
    return text;
  }

  #readImage(field: Field | undefined): string {
    const text = this.#reader.requireText(
      field,
      'image',
      'an image such as ghcr.io/org/app',
    );
    const image = stripTag(text);
    if (text && !image) {
      this.#reader.fail(
        'image',
        'there is a tag or digest but no image',
        field,
      );
    }
    return image;
  }

  /** Only what is set, so that a rule without filters is the one it was. */
  #readFilters(fields: Fields): TagFilters {
    const errorsBefore = this.#reader.errors.length;
    const filterTags = this.#readFilterTags(fields.get('filterTags'));
    const exclusionList = this.#readExclusions(fields.get('exclusionList'));
    const filters = {
      ...(filterTags && { filterTags }),
      ...(exclusionList.length > 0 && { exclusionList }),
    };
    if (this.#reader.errors.length === errorsBefore) {
      try {
        this.#checkFilters(filters);
      } catch (error) {
        const [, name, reason] =
          /^([^:\s]+): (.*)$/s.exec(toError(error).message) ?? [];
        const key = name?.startsWith('filterTags')
          ? 'filterTags'
          : 'exclusionList';
        this.#reader.fail(
          name ?? key,
          printable(reason ?? toError(error).message),
          fields.get(key),
        );
      }
    }
    return filters;
  }

  #readFilterTags(field: Field | undefined): TagFilter | undefined {
    const name = 'filterTags';
    const fields = this.#reader.optionalMap(
      field,
      name,
      ['pattern', 'extract'],
      '{pattern: "^v(.*)$", extract: "$1"}',
    );
    const pattern = this.#reader.optionalExactText(
      fields.get('pattern'),
      `${name}.pattern`,
      'a regular expression such as "^v(.*)$"',
    );
    const extract = this.#reader.optionalExactText(
      fields.get('extract'),
      `${name}.extract`,
      'a text such as "$1"',
    );
    if (!pattern && !extract) {
      return undefined;
    }
    if (pattern && /^\/.*\/[a-z]*$/.test(pattern)) {
      this.#warnings.push(
        `The slashes around filterTags.pattern ${pattern} are part of it, and no tag has one, so it matches none; write it without them.`,
      );
    }
    this.#warnAboutFleet(name);
    return { ...(pattern && { pattern }), ...(extract && { extract }) };
  }

  #readExclusions(field: Field | undefined): string[] {
    const name = 'exclusionList';
    const what = 'a regular expression such as "-debug$"';
    const patterns: string[] = [];
    const items = this.#reader.optionalList(
      field,
      name,
      '["-debug$"]',
      MAX_EXCLUSIONS,
    );
    for (const item of items) {
      const pattern = this.#reader.optionalExactText(item, item.key, what);
      if (pattern !== undefined) {
        patterns.push(pattern);
      } else if (!item.value) {
        this.#reader.fail(item.key, `is empty; write ${what}`, item);
      }
      if (pattern === '') {
        this.#warnings.push(
          `The empty pattern ${item.key} matches every tag, so none can be chosen.`,
        );
      }
    }
    if (patterns.length > 0) {
      this.#warnAboutFleet(name);
    }
    return patterns;
  }

  /** For a key that Fleet does not know and that changes what is chosen. */
  #warnAboutFleet(key: string): void {
    const { file } = this.#place;
    if (file !== undefined && !isOwnFile(file)) {
      this.#warnings.push(
        `Fleet ignores the key ${key} without a word: where it still scans images, it may write another tag. Move this entry from ${file} to imagescans.yaml.`,
      );
    }
  }

  #readInterval(field: Field | undefined): number {
    const text = this.#reader.optionalText(
      field,
      'interval',
      'a duration such as 5m',
    );
    if (!text) {
      return DEFAULT_INTERVAL;
    }
    const read = this.#reader.attempt('interval', field, () =>
      readInterval(text, 'interval'),
    );
    if (read?.warning) {
      this.#warnings.push(read.warning);
    }
    return read?.interval ?? DEFAULT_INTERVAL;
  }

  /** Zero is none, as where it is missing. */
  #readMinimumAge(field: Field | undefined): number | undefined {
    const name = 'minimumAge';
    const text = this.#reader.optionalText(
      field,
      name,
      'a duration such as 72h',
    );
    const age = text
      ? this.#reader.attempt(name, field, () => parseDuration(text))
      : undefined;
    if (age) {
      this.#warnAboutFleet(name);
    }
    return age;
  }

  #readPlatforms(field: Field | undefined): string[] {
    const name = 'platforms';
    const what = 'os/architecture, such as linux/arm64';
    const platforms = new Set<string>();
    const items = this.#reader.optionalList(
      field,
      name,
      '[linux/amd64, linux/arm64]',
      MAX_PLATFORMS,
    );
    for (const item of items) {
      const text = this.#reader.requireText(item, item.key, what);
      if (text && !PLATFORM.test(text)) {
        this.#reader.fail(
          item.key,
          `${quote(text)} is not a platform; write ${what}`,
          item,
        );
      }
      platforms.add(text);
    }
    if (platforms.size > 0) {
      this.#warnAboutFleet(name);
    }
    return [...platforms];
  }

  #readSecretRef(field: Field | undefined): { name: string } | undefined {
    if (!field?.value) {
      return undefined;
    }
    const fields = this.#reader.optionalMap(
      field,
      'secretRef',
      ['name'],
      '{name: SECRET}',
    );
    if (!isMap(field.value)) {
      return undefined;
    }
    const name = this.#reader.requireText(
      fields.get('name') ?? { ...field, value: undefined },
      'secretRef.name',
      'the name of a secret',
    );
    return { name };
  }
}

/** The tagName, also of an entry that cannot be used, where it has one. */
function nameOf(field: Field | undefined): string | undefined {
  const text = textOf(field?.value)?.trim();
  return text ? printable(text) : undefined;
}
