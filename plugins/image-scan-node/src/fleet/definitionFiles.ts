import { posix } from 'node:path';
import type { GitRepoDefinition } from './gitRepo';
import { filesUnder, joinPath } from './repoPaths';

/** A file that may define scans, and the folder that they belong to. @public */
export interface DefinitionFile {
  file: string;
  /** From the root of the repository: where the scope of its scans begins. */
  folder: string;
}

/** A file and what is to be told of it. @public */
export interface FileMessage {
  file: string;
  /** Begins with the file. */
  message: string;
}

/** The files of a repository that define scans, and those that do not. @public */
export interface DefinitionFiles {
  read: DefinitionFile[];
  /** Meant as one perhaps: worth a word where they hold `imageScans`. */
  passedOver: FileMessage[];
  /** What the manifest names and the repository does not have. */
  missing: FileMessage[];
}

/** What of a GitRepo says which files define scans. @public */
export type DefinitionScope = Pick<GitRepoDefinition, 'paths' | 'bundles'>;

const OWN = 'imagescans.yaml';
const FLEET = 'fleet.yaml';
/** Read where there is no fleet.yaml beside it. */
const FALLBACK = 'fleet.yml';

/** Names that are meant as one of those; nothing reads such files, Fleet neither. */
const MISNAMED = /^(?:fleet|image[-_]?scans?)\.ya?ml$/i;

/** Whether a file is one of ours alone, which Fleet never reads. */
export function isOwnFile(file: string): boolean {
  return posix.basename(file) === OWN;
}

/**
 * Says which files may define scans, or look as if they did: by their names, and the
 * options files that the bundles of the GitRepo name, whatever they are called.
 *
 * @public
 */
export function mayDefineScans({
  bundles = [],
}: Pick<DefinitionScope, 'bundles'>): (file: string) => boolean {
  const options = new Set(
    bundles.map(({ base, options: name }) => name && joinPath(base, name)),
  );
  return file => MISNAMED.test(posix.basename(file)) || options.has(file);
}

/**
 * Sorts out which files define scans, as Fleet does, and `imagescans.yaml` in every
 * folder.
 *
 * @remarks
 * A folder's `fleet.yml` counts where it has no `fleet.yaml`. With `spec.bundles` Fleet
 * does not search: of each bundle it reads the options file, or without one the
 * `fleet.yaml` of its base; the scans of an options file belong to the base, wherever
 * the file itself lies.
 *
 * @param files - of the repository; those that {@link mayDefineScans} leaves out do not
 * matter
 * @public
 */
export function sortDefinitionFiles(
  files: Iterable<string>,
  { paths, bundles = [] }: DefinitionScope,
): DefinitionFiles {
  const isUnderPaths = filesUnder(paths);
  const present = new Set(files);
  const read: DefinitionFile[] = [];
  const passedOver: FileMessage[] = [];
  const missing: FileMessage[] = [];
  const named = new Map<string, Set<string>>();
  const add = (file: string, folder: string) => {
    const folders = named.get(file) ?? new Set<string>();
    if (!folders.has(folder)) {
      named.set(file, folders.add(folder));
      read.push({ file, folder });
    }
  };

  bundles.forEach(({ base, options }, index) => {
    const name = `spec.bundles[${index}]`;
    const folder = joinPath(base, '.');
    const file = folder && joinPath(folder, options || FLEET);
    if (folder === undefined || file === undefined) {
      const path = posix.join(base, options ?? '');
      missing.push({
        file: path,
        message: `${path}: ${name} leads out of the repository, so nothing is read for it`,
      });
    } else if (present.has(file)) {
      add(file, folder);
    } else if (!options) {
      const fallback = posix.join(folder, FALLBACK);
      if (present.has(fallback)) {
        add(fallback, folder);
      }
    } else {
      missing.push({
        file,
        message: isUnderPaths(file)
          ? `${file}: ${name}.options names this file, and the repository has none of that name`
          : `${file}: ${name}.options names this file, which does not lie under spec.paths (${paths.join(
              ', ',
            )}), so it is not read`,
      });
    }
  });

  for (const file of present) {
    const name = posix.basename(file);
    if (named.has(file) || !MISNAMED.test(name)) {
      continue;
    }
    const folder = posix.dirname(file);
    const main = posix.join(folder, FLEET);
    if (name === OWN) {
      add(file, folder);
    } else if (name !== FLEET && name !== FALLBACK) {
      passedOver.push({
        file,
        message: `${file}: imageScans are not read from a file of this name; name it imagescans.yaml (or fleet.yaml), in lower case and with .yaml`,
      });
    } else if (bundles.length > 0) {
      passedOver.push({
        file,
        message: `${file}: its imageScans are not read, because spec.bundles does not name this file and Fleet then reads no other; add a bundle with this folder as its base, or move them to imagescans.yaml`,
      });
    } else if (name === FALLBACK && present.has(main)) {
      passedOver.push({
        file,
        message: `${file}: its imageScans are not read, because ${main} stands beside it and Fleet reads that one alone; write them there`,
      });
    } else {
      add(file, folder);
    }
  }
  return { read, passedOver, missing };
}
