import type { TagRule } from 'backstage-plugin-image-scan-common';

/** One entry of an `imageScans` block. @public */
export interface ImageScanDefinition extends TagRule {
  /** Index of the entry, from 0. */
  entry: number;
  /** Not empty, without `:`, unique in its file. */
  tagName: string;
  /** As the user spelled it, without a tag or digest; not checked to be an image. */
  image: string;
  /** Milliseconds, 5,000 at least. */
  interval: number;
  /** How long a tag must be known before it is chosen, in milliseconds; not 0. */
  minimumAge?: number;
  /** Which the image must have, such as `linux/arm64`, all of them; not empty. */
  platforms?: string[];
  secretRef?: { name: string };
  suspend: boolean;
  /** Where the entry begins, from 1. */
  line: number;
  /** What may be meant otherwise, in sentences. */
  warnings: string[];
}

/** Why an entry or a whole file cannot be used. @public */
export interface DefinitionError {
  file?: string;
  /** From 1. */
  line?: number;
  /** Index of the entry, from 0; absent where it is about the file. */
  entry?: number;
  tagName?: string;
  /** Path in the entry, such as `policy.semver.range`. */
  field?: string;
  /** Names file, entry, field and what is allowed. */
  message: string;
}

/** What an `imageScans` block says. @public */
export interface ImageScanDefinitions {
  scans: ImageScanDefinition[];
  errors: DefinitionError[];
  /** About the file as a whole, in sentences. */
  warnings: string[];
}
