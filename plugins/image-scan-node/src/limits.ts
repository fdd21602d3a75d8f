const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * What of one repository is read, kept and stored. Anyone who can push decides what
 * a repository holds, and a few KiB of a pack can stand for any amount of it.
 *
 * @public
 */
export interface RepositoryLimits {
  /** Objects in one pack: each needs about 350 bytes while it is read. */
  packObjects: number;
  /**
   * Bytes that a pack may unfold to whatever its size; the work on them is what a
   * small pack can cost.
   */
  unfoldedBytes: number;
  /** Further bytes that it may unfold to for each of its own. Real ones need 3 to 30. */
  unfoldedPerByte: number;
  /** Bytes of one object that is unpacked as a whole: 100,000 names of one folder. */
  objectBytes: number;
  /** Bytes of all directories, which are kept between looks at a repository. */
  treeBytes: number;
  /** Files and folders under `spec.paths`, however often a tree is held by another. */
  entries: number;
  /** Bytes of all their paths. */
  pathBytes: number;
  /** YAML files, and folders, under `spec.paths`: each is held while files are sought. */
  places: number;
  /** Bytes of a file that is searched for definitions or markers. */
  fileBytes: number;
  /** Bytes of all files with definitions or markers, which are kept and lexed. */
  contentBytes: number;
  /**
   * Bytes of the definition files that mention scans, all of which are parsed: 4,000
   * apps with 4 KiB each. What only Fleet reads does not count.
   */
  definitionBytes: number;
  /**
   * Tokens of YAML that the definition files may have beside their entries, shared by
   * those that have more than each file may have anyway. Each costs some microseconds,
   * and those of one document 1 microsecond without a pause.
   */
  definitionTokens: number;
  /** The same of files with markers. Each costs about half a microsecond. */
  markerTokens: number;
  /** Tokens that each file may have anyway: 300 lines. */
  fileTokens: number;
  /**
   * Size of all different patterns of `filterTags` and `exclusionList`, about the
   * instructions that they compile to. Each costs some microseconds.
   */
  patternSize: number;
  /** Entries of all `imageScans`: a row, and a list of tags to ask for. */
  definitions: number;
  /** Markers: a row each. */
  markers: number;
  /** Bytes of the paths and values in those rows. */
  markerBytes: number;
  /** Rows of folders, by which scans are found: one for each scan and each folder at or above its places. */
  folders: number;
  /** Bytes of the paths in those rows. */
  folderBytes: number;
  /** Problems that are stored for the git repo, which is read with each page that names it. */
  problems: number;
  /** Bytes of their texts. */
  problemBytes: number;
  /** Problems that are stored with one scan as well. */
  problemsOfScan: number;
}

/**
 * The figures, for the engine and the backend alike. Below all of them stay 100,000
 * files, 10,000 marked files, 8,000 scans of one name and 4,000 apps.
 *
 * @public
 */
export const REPOSITORY_LIMITS: Readonly<RepositoryLimits> = {
  packObjects: 500_000,
  unfoldedBytes: 256 * MIB,
  unfoldedPerByte: 64,
  objectBytes: 32 * MIB,
  treeBytes: 64 * MIB,
  entries: 1_000_000,
  pathBytes: 64 * MIB,
  places: 250_000,
  fileBytes: 10 * MIB,
  contentBytes: 32 * MIB,
  definitionBytes: 16 * MIB,
  definitionTokens: 50_000,
  markerTokens: 1_000_000,
  fileTokens: 2_000,
  patternSize: 100_000,
  definitions: 10_000,
  markers: 50_000,
  markerBytes: 8 * MIB,
  folders: 100_000,
  folderBytes: 4 * MIB,
  problems: 1_000,
  problemBytes: 256 * KIB,
  problemsOfScan: 20,
};

/** A figure as people read it: `32 MiB`, `1,000,000`. @public */
export function formatLimit(
  name: keyof RepositoryLimits,
  limits: Readonly<RepositoryLimits> = REPOSITORY_LIMITS,
): string {
  return name.endsWith('Bytes')
    ? formatBytes(limits[name])
    : limits[name].toLocaleString('en-US');
}

/** A length in whole units: `117 bytes`, `96 KiB`, `12 MiB`. @public */
export function formatBytes(bytes: number): string {
  if (bytes >= MIB) {
    return `${Math.floor(bytes / MIB).toLocaleString('en-US')} MiB`;
  }
  return bytes >= KIB ? `${Math.floor(bytes / KIB)} KiB` : `${bytes} bytes`;
}
