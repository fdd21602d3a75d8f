import { posix } from 'node:path';
import { isKustomizationFile } from './ManifestReader';

/** Kinds of folders that a definition file belongs to, the best first. */
const KINDS: readonly ((name: string) => boolean)[] = [
  name => name === 'imagescans.yaml',
  name => name === 'fleet.yaml' || name === 'fleet.yml',
  name => name === 'Chart.yaml',
  isKustomizationFile,
];

const OWN = 0;
const CHART = 2;
const KUSTOMIZATION = 3;

/** Finds the folder for the `imagescans.yaml` of a manifest. */
export class DefinitionFolders {
  /** Folders by {@link KINDS}. */
  readonly #folders: readonly ReadonlySet<string>[];
  readonly #fluxPaths: ReadonlySet<string>;
  readonly #known = new Map<string, string | undefined>();

  /**
   * @param files - paths of all files of the repository
   * @param fluxPaths - `spec.path` of the Kustomizations of Flux in it
   */
  constructor(files: Iterable<string>, fluxPaths: Iterable<string>) {
    const folders = KINDS.map(() => new Set<string>());
    for (const file of files) {
      const kind = KINDS.findIndex(isKind => isKind(posix.basename(file)));
      if (kind !== -1) {
        folders[kind].add(posix.dirname(file));
      }
    }
    this.#folders = folders;
    this.#fluxPaths = new Set(
      Array.from(fluxPaths, path => posix.join('.', path).replace(/\/$/, '')),
    );
  }

  /**
   * The folder for the entries of a file: one that has such a file, a bundle of Fleet, a
   * chart, a kustomization, or else that of the file itself.
   *
   * @returns undefined where Flux would fail on the new file wherever it stands
   */
  folderFor(file: string): string | undefined {
    const folder = posix.dirname(file);
    if (!this.#known.has(folder)) {
      this.#known.set(folder, this.#find(folder));
    }
    return this.#known.get(folder);
  }

  #find(own: string): string | undefined {
    for (const kind of this.#folders.keys()) {
      const found = this.#nearest(own, kind);
      if (found !== undefined && kind === OWN) {
        return found;
      }
      if (found !== undefined) {
        return this.#outsideFlux(
          kind === CHART ? this.#outermostChart(found) : found,
        );
      }
    }
    const isTemplates = posix.basename(own) === 'templates';
    return this.#outsideFlux(isTemplates ? posix.dirname(own) : own);
  }

  #nearest(from: string, kind: number): string | undefined {
    for (const folder of upwards(from)) {
      if (this.#folders[kind].has(folder)) {
        return folder;
      }
    }
    return undefined;
  }

  /** A chart in the `charts` of another is part of that one. */
  #outermostChart(chart: string): string {
    const folder = posix.dirname(chart);
    const parent = posix.dirname(folder);
    return posix.basename(folder) === 'charts' &&
      this.#folders[CHART].has(parent)
      ? this.#outermostChart(parent)
      : chart;
  }

  /** The folder, or one above that Flux does not read as manifests. */
  #outsideFlux(folder: string): string | undefined {
    const free = upwards(folder).filter(each => !this.#isReadByFlux(each));
    if (free[0] === folder) {
      return folder;
    }
    const fitting = free.find(each =>
      this.#folders.some(folders => folders.has(each)),
    );
    return fitting ?? free[free.length - 1];
  }

  /** Flux decodes every YAML file of a folder without a `kustomization.yaml`. */
  #isReadByFlux(folder: string): boolean {
    for (const each of upwards(folder)) {
      if (this.#folders[KUSTOMIZATION].has(each)) {
        return false;
      }
      if (this.#fluxPaths.has(each)) {
        return true;
      }
    }
    return false;
  }
}

/** A folder and those above it, up to the root, which is `.`. */
function upwards(folder: string): string[] {
  const folders = [folder];
  for (let each = folder; each !== '.' && each !== '/'; ) {
    each = posix.dirname(each);
    folders.push(each);
  }
  return folders;
}
