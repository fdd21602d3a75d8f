import type { Problem } from 'backstage-plugin-image-scan-common';
import type { Marker, ResolvedImage } from 'backstage-plugin-image-scan-node';

/** A file of the workspace that may hold markers. */
export interface Manifest {
  /** From the folder that is rewritten. */
  file: string;
  source: Buffer;
  markers: readonly Marker[];
}

/** What to write in each file, by tagName, and which markers stay as they are. */
export interface Choice {
  imagesIn: ReadonlyMap<string, ReadonlyMap<string, ResolvedImage>>;
  /** One for each marker whose name has no image in its file. */
  problems: readonly Problem[];
  /** What may be meant otherwise but belongs to no file. */
  warnings: readonly string[];
}
