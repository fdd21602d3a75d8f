/** The platforms of images by their digests, under which they never change. */
export interface PlatformStore {
  /** Undefined where they are not known. */
  get(digest: string, now: number): Promise<string[] | undefined>;

  set(digest: string, platforms: readonly string[], now: number): Promise<void>;

  /** Removes the least recently used of those that are too many. */
  removeUnused(): Promise<void>;
}
