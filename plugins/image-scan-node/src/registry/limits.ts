const KI_B = 1024;
const MI_B = 1024 * KI_B;

/**
 * The caps of every conversation with a registry. Reaching one is an error of
 * the whole scan: there are no partial results.
 *
 * @public
 */
export interface RegistryLimits {
  /** Milliseconds for one list of tags or one digest, waits included. */
  scanTime: number;
  /** Tags asked for per page. */
  pageSize: number;
  /** Pages of one list. */
  pages: number;
  /** Different tags of one list. */
  tags: number;
  /** Bytes of all pages of one list. */
  totalBytes: number;
  /** Bytes of one page. */
  pageBytes: number;
  /** Bytes of a manifest or index. */
  manifestBytes: number;
  /** Bytes of a token service's answer. */
  tokenBytes: number;
  /** Bytes read of the body of an error; about 1 KiB of them may be shown. */
  errorBytes: number;
  redirects: number;
  /** Milliseconds before the second, third, … try; up to a quarter is added at random. */
  retryDelays: readonly number[];
  /** A registry that wants to be left alone for longer than this, in milliseconds, fails the scan at once. */
  longestWait: number;
  /** Milliseconds that a host is left alone at most, whatever its Retry-After says. */
  longestBackOff: number;
}

/** The defaults of {@link RegistryLimits}. @public */
export const registryLimits: RegistryLimits = {
  scanTime: 60_000,
  pageSize: 1000,
  pages: 1000,
  tags: 500_000,
  totalBytes: 64 * MI_B,
  pageBytes: 16 * MI_B,
  manifestBytes: 4 * MI_B,
  tokenBytes: 64 * KI_B,
  errorBytes: 64 * KI_B,
  redirects: 5,
  retryDelays: [1000, 3000],
  longestWait: 5000,
  longestBackOff: 15 * 60_000,
};
