import { InputError, toError } from '@backstage/errors';
import {
  BUNDLE_FIELDS,
  COMMIT_FIELDS,
  FLEET_SPEC_FIELDS,
  MANIFEST_FIELDS,
  METADATA_FIELDS,
  RANCHER_FIELD,
  SPEC_FIELDS,
  WINDOW_FIELDS,
} from './gitRepoFields';
import { explainGitUrl, isBranchName } from '../gitUrl';
import { DEFAULT_INTERVAL, readInterval } from './intervals';
import { normalisePath } from './repoPaths';
import { printable, quote } from './printable';
import { suggest } from './suggest';
import {
  readTimeZone,
  readWindowTime,
  type UpdateWindow,
} from './updateWindow';

/** A folder that Fleet makes a bundle of, where the manifest names them. @public */
export interface BundlePath {
  /** From the root of the repository; `.` is the root. */
  base: string;
  /** The file that Fleet reads in place of the folder's fleet.yaml, relative to it. */
  options?: string;
}

/** A Fleet GitRepo manifest, as far as image scans use it. @public */
export interface GitRepoDefinition {
  name: string;
  namespace?: string;
  /** `namespace/name`, or `name` without a namespace. */
  key: string;
  /** An http or https URL without credentials. */
  repo: string;
  /** Absent: the remote's default branch. */
  branch?: string;
  /**
   * Folders from the root, or patterns for them, without slashes at the ends; `.` is the
   * root. Never empty. {@link filesUnder} reads them.
   */
  paths: string[];
  /** Absent where Fleet searches for fleet.yaml. */
  bundles?: BundlePath[];
  /** Milliseconds, 5,000 at least. */
  imageScanInterval: number;
  clientSecretName?: string;
  /** From `imageScanCommit`; defaults: {@link parseGitRepo}. */
  commit: {
    authorName: string;
    authorEmail: string;
    messageTemplate: string;
    /** Absent: commits are not signed. */
    signingSecretName?: string;
  };
  paused: boolean;
  /** From `imageScanWindow`; absent where there is none. */
  window?: UpdateWindow;
  /** What may be meant otherwise, in sentences. */
  warnings: string[];
}

/** The reserved top-level domain: mail to it can reach nobody. */
const DEFAULT_COMMIT = {
  authorName: 'Image Scan for Backstage',
  authorEmail: 'image-scan@backstage.invalid',
  messageTemplate: 'Update images\n\n{{ images }}',
};

/** Of one list of a window. */
const MOST_WINDOW_TIMES = 100;

const NAME = /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/;

type Fields = ReadonlyMap<string, unknown>;

/** Where fields belong that are written a level too high. */
const PARENTS: readonly { path: string; fields: readonly string[] }[] = [
  { path: 'metadata', fields: ['name', 'namespace'] },
  { path: 'spec', fields: SPEC_FIELDS },
  { path: 'spec.imageScanCommit', fields: COMMIT_FIELDS },
  { path: 'spec.imageScanWindow', fields: WINDOW_FIELDS },
];

class GitRepoReader {
  readonly #problems: string[] = [];
  /** Fields whose names are misspelt, so that nobody is told that they are missing. */
  readonly #misspelt = new Set<string>();
  readonly #warnings: string[] = [];

  read(manifest: unknown): GitRepoDefinition {
    const fields = this.#fields(manifest, '', ['metadata', 'spec'], {
      ignored: MANIFEST_FIELDS,
      example: '{metadata: {name: NAME}, spec: {repo: URL}}',
    });
    const metadata = this.#fields(
      fields.get('metadata'),
      'metadata',
      ['name', 'namespace'],
      { ignored: METADATA_FIELDS, example: '{name: NAME}' },
    );
    const spec = this.#fields(fields.get('spec'), 'spec', SPEC_FIELDS, {
      ignored: FLEET_SPEC_FIELDS,
      example: '{repo: URL}',
    });
    this.#checkKind(fields);
    const name = this.#name(metadata, 'name', 253) ?? '';
    const namespace = this.#name(metadata, 'namespace', 63);
    if (isEmpty(metadata.get('name'))) {
      this.#missing(
        'metadata.name',
        'is missing; write metadata: {name: NAME}',
      );
    }
    const clientSecretName = this.#text(spec, 'spec.clientSecretName');
    const branch = this.#branch(spec);
    const bundles = this.#bundles(spec);
    const window = this.#window(spec);
    const definition: GitRepoDefinition = {
      name,
      ...(namespace && { namespace }),
      key: namespace ? `${namespace}/${name}` : name,
      repo: this.#repo(spec),
      ...(branch && { branch }),
      paths: this.#paths(spec),
      ...(bundles.length > 0 && { bundles }),
      imageScanInterval: this.#interval(spec),
      ...(clientSecretName && { clientSecretName }),
      commit: this.#commit(spec),
      paused: this.#boolean(spec, 'spec.paused'),
      ...(window && { window }),
      warnings: this.#warnings,
    };
    if (isEmpty(spec.get('branch'))) {
      this.#warnings.push(
        "spec.branch is absent: the remote's default branch is read and written, where Fleet deploys master; write the branch that is deployed.",
      );
    }
    if (spec.get('revision')) {
      this.#warnings.push(
        'spec.revision is ignored: image scans read and write the branch.',
      );
    }
    if (this.#problems.length > 0) {
      throw new InputError(
        `GitRepo ${
          printable(definition.key) || 'without a name'
        }: ${this.#problems.join('; ')}`,
      );
    }
    return definition;
  }

  #checkKind(fields: Fields): void {
    const kind = this.#text(fields, 'kind');
    if (kind && kind !== 'GitRepo') {
      this.#problem('kind', `is ${quote(kind)} and must be GitRepo`);
    }
    const apiVersion = this.#text(fields, 'apiVersion');
    if (!apiVersion || apiVersion.startsWith('fleet.cattle.io/')) {
      return;
    }
    const words = `is ${quote(
      apiVersion,
    )} and must be fleet.cattle.io/v1alpha1`;
    // Of this kind by all means; what else it says changes nothing here.
    if (/(?:^|\/)fleet\.cattle\.io(?:\/|$)/i.test(apiVersion.trim())) {
      this.#warnings.push(`apiVersion ${words}; it is read as that.`);
    } else {
      this.#problem('apiVersion', words);
    }
  }

  #name(
    metadata: Fields,
    field: 'name' | 'namespace',
    maxLength: number,
  ): string | undefined {
    const path = `metadata.${field}`;
    const text = this.#text(metadata, path);
    if (text && (text.length > maxLength || !NAME.test(text))) {
      this.#problem(
        path,
        `${quote(
          text,
        )} is not allowed; write up to ${maxLength} lower-case letters, digits, - and .`,
      );
    }
    return text;
  }

  #repo(spec: Fields): string {
    const repo = this.#text(spec, 'spec.repo')?.trim() ?? '';
    const value = spec.get('repo');
    if (isEmpty(typeof value === 'string' ? value.trim() : value)) {
      this.#missing(
        'spec.repo',
        'is missing; write the https URL of the repository',
      );
    }
    const reason = repo && explainGitUrl(repo);
    if (reason) {
      this.#problem('spec.repo', reason);
    }
    return repo;
  }

  #branch(spec: Fields): string | undefined {
    const branch = this.#text(spec, 'spec.branch');
    if (branch && !isBranchName(branch)) {
      this.#problem(
        'spec.branch',
        `${quote(
          branch,
        )} is not the name of a branch; write it without refs/heads/`,
      );
    }
    return branch;
  }

  #paths(spec: Fields): string[] {
    const value = spec.get('paths') ?? [];
    if (!Array.isArray(value)) {
      this.#problem(
        'spec.paths',
        'must be a list of folders, such as [apps/redis]',
      );
      return [];
    }
    const paths = new Set<string>();
    value.forEach((path: unknown, index) => {
      if (typeof path !== 'string') {
        this.#problem(
          `spec.paths[${index}]`,
          'must be a folder such as apps/redis, in quotes if it looks like a number',
        );
        return;
      }
      const normalised = normalisePath(path);
      if ('path' in normalised) {
        paths.add(normalised.path);
      } else {
        this.#problem(
          `spec.paths[${index}]`,
          `${quote(path)} is not allowed: ${normalised.reason}`,
        );
      }
    });
    return paths.size > 0 ? [...paths] : ['.'];
  }

  #bundles(spec: Fields): BundlePath[] {
    const value = spec.get('bundles') ?? [];
    if (!Array.isArray(value)) {
      this.#problem(
        'spec.bundles',
        'must be a list of maps, such as [{base: apps/redis, options: dev.yaml}]',
      );
      return [];
    }
    return value.map((bundle: unknown, index) => {
      const path = `spec.bundles[${index}]`;
      const fields = this.#fields(bundle, path, BUNDLE_FIELDS, {
        example: '{base: apps/redis, options: dev.yaml}',
      });
      const base = this.#text(fields, `${path}.base`) ?? '.';
      const options = this.#text(fields, `${path}.options`);
      for (const [field, text] of [
        ['base', base],
        ['options', options ?? ''],
      ]) {
        if (/\p{Cc}/u.test(text)) {
          this.#problem(
            `${path}.${field}`,
            'must not have control characters in it',
          );
        }
      }
      if (/[*?[]/.test(base)) {
        this.#warnings.push(
          `${path}.base ${quote(
            base,
          )} is read as the name of a folder, by Fleet too: patterns belong into spec.paths.`,
        );
      }
      return { base, ...(options && { options }) };
    });
  }

  #interval(spec: Fields): number {
    const path = 'spec.imageScanInterval';
    const value = spec.get('imageScanInterval');
    const text = value === 0 ? '0' : this.#text(spec, path, 'such as "5m"');
    if (!text) {
      return DEFAULT_INTERVAL;
    }
    try {
      const { interval, warning } = readInterval(text, path);
      if (warning) {
        this.#warnings.push(warning);
      }
      return interval;
    } catch (error) {
      this.#problem(path, toError(error).message);
      return DEFAULT_INTERVAL;
    }
  }

  #commit(spec: Fields): GitRepoDefinition['commit'] {
    const path = 'spec.imageScanCommit';
    const fields = this.#fields(
      spec.get('imageScanCommit'),
      path,
      COMMIT_FIELDS,
      { example: '{authorName: NAME, authorEmail: ADDRESS}' },
    );
    const author = (field: 'authorName' | 'authorEmail') => {
      const text = this.#text(fields, `${path}.${field}`)?.trim();
      if (text && /[<>\p{Cc}]/u.test(text)) {
        this.#problem(
          `${path}.${field}`,
          'must not have <, > or a line break, which git does not allow',
        );
      }
      return text || DEFAULT_COMMIT[field];
    };
    const signingSecretName = this.#text(fields, `${path}.signingSecretName`);
    const commit = {
      authorName: author('authorName'),
      authorEmail: author('authorEmail'),
      messageTemplate:
        this.#text(fields, `${path}.messageTemplate`) ||
        DEFAULT_COMMIT.messageTemplate,
      ...(signingSecretName && { signingSecretName }),
    };
    if (
      signingSecretName &&
      commit.authorEmail === DEFAULT_COMMIT.authorEmail
    ) {
      this.#warnings.push(
        `${path}.authorEmail is absent: commits are signed for ${DEFAULT_COMMIT.authorEmail}, which no forge can show as verified; write the address of the account that has the public key.`,
      );
    }
    return commit;
  }

  #window(spec: Fields): UpdateWindow | undefined {
    const path = 'spec.imageScanWindow';
    const value = spec.get('imageScanWindow');
    if (isEmpty(value)) {
      return undefined;
    }
    const problems = this.#problems.length;
    const fields = this.#fields(value, path, WINDOW_FIELDS, {
      example: '{timeZone: Europe/Berlin, allow: ["mon-fri 09:00-16:00"]}',
    });
    const timeZone = this.#text(fields, `${path}.timeZone`);
    if (timeZone) {
      this.#attempt(`${path}.timeZone`, timeZone, readTimeZone);
    } else if (this.#problems.length === problems) {
      this.#missing(
        `${path}.timeZone`,
        'is missing; write the time zone of the hours, such as Europe/Berlin',
      );
    }
    const times = (field: 'allow' | 'deny') =>
      this.#windowTimes(fields.get(field), `${path}.${field}`);
    return {
      timeZone: timeZone ?? '',
      allow: times('allow'),
      deny: times('deny'),
    };
  }

  #windowTimes(value: unknown, path: string): string[] {
    const list = value ?? [];
    if (!Array.isArray(list) || list.length > MOST_WINDOW_TIMES) {
      this.#problem(
        path,
        `must be a list of at most ${MOST_WINDOW_TIMES} times, such as ["mon-fri 09:00-16:00"]`,
      );
      return [];
    }
    return list.flatMap((time: unknown, index) => {
      const place = `${path}[${index}]`;
      if (typeof time !== 'string') {
        this.#problem(place, 'must be a text, such as "mon-fri 09:00-16:00"');
        return [];
      }
      this.#attempt(place, time, readWindowTime);
      return [time];
    });
  }

  #attempt(path: string, text: string, read: (text: string) => unknown): void {
    try {
      read(text);
    } catch (error) {
      this.#problem(path, `${quote(text)} ${toError(error).message}`);
    }
  }

  #boolean(fields: Fields, path: string): boolean {
    const value = fields.get(lastPart(path)) ?? false;
    if (typeof value !== 'boolean') {
      this.#problem(path, 'must be true or false, without quotes');
    }
    return value === true;
  }

  /** Undefined where it is absent, null or empty, as all are the same to Fleet. */
  #text(
    fields: Fields,
    path: string,
    example = 'in quotes if it looks like a number',
  ): string | undefined {
    const value = fields.get(lastPart(path)) ?? '';
    if (typeof value !== 'string') {
      this.#problem(path, `must be a text, ${example}`);
      return undefined;
    }
    return value || undefined;
  }

  #fields(
    value: unknown,
    path: string,
    known: readonly string[],
    { ignored = [], example }: { ignored?: readonly string[]; example: string },
  ): Fields {
    if (value === undefined || value === null) {
      return new Map();
    }
    if (typeof value !== 'object' || Array.isArray(value)) {
      const key = path && !path.endsWith(']') ? `${lastPart(path)}: ` : '';
      this.#problem(
        path || 'the manifest',
        `must be a map, such as ${key}${example}`,
      );
      // What it lacks follows from that.
      this.#misspelt.add(path);
      return new Map();
    }
    const entries: [string, unknown][] = Object.entries(value);
    for (const [key] of entries) {
      const isRanchers = path === '' && RANCHER_FIELD.test(key);
      if (!known.includes(key) && !ignored.includes(key) && !isRanchers) {
        this.#unknownKey(path, key, known, ignored);
      }
    }
    return new Map(entries);
  }

  #unknownKey(
    path: string,
    key: string,
    known: readonly string[],
    ignored: readonly string[],
  ): void {
    const meant = suggest(key, [...known, ...ignored]);
    const parent = PARENTS.find(({ fields }) => fields.includes(key));
    let hint = '';
    if (meant) {
      this.#misspelt.add(path ? `${path}.${meant}` : meant);
      hint = `is ${meant} meant? `;
    } else if (parent && parent.path !== path) {
      this.#misspelt.add(`${parent.path}.${key}`);
      hint = `it belongs under ${parent.path}; `;
    }
    const name = printable(key.slice(0, 100));
    this.#problem(
      path ? `${path}.${name}` : name,
      `is unknown; ${hint}allowed here: ${known.join(', ')}${
        ignored.length > 0 ? ", and Fleet's own, which are ignored" : ''
      }`,
    );
  }

  /** Unless it is there in another place or spelling, which is told already. */
  #missing(path: string, reason: string): void {
    const parents = ['', path.slice(0, path.indexOf('.')), path];
    if (!parents.some(parent => this.#misspelt.has(parent))) {
      this.#problem(path, reason);
    }
  }

  #problem(path: string, reason: string): void {
    this.#problems.push(`${path} ${reason}`);
  }
}

/**
 * Reads a Fleet GitRepo manifest.
 *
 * @remarks
 * `kind` and `apiVersion` may be left out. Defaults: `paths` the whole repository,
 * `imageScanInterval` 15 minutes, `paused` false, commits by `Image Scan for Backstage
 * <image-scan@backstage.invalid>` with a message that lists
 * the images. Fields of Fleet
 * without a meaning for image scans are ignored, as are those that Rancher adds; any
 * other field is an error, as it may be a misspelling.
 *
 * @param manifest - as it comes from YAML or JSON
 * @throws InputError listing every problem with its field and what is allowed
 * @public
 */
export function parseGitRepo(manifest: unknown): GitRepoDefinition {
  return new GitRepoReader().read(manifest);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
