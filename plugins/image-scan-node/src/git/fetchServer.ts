import type { Advertisement } from './advertisement';
import { SingleContents } from './SingleContents';

/** The version of git's protocol that a remote speaks. */
export type GitProtocol = 0 | 2;

/** What a remote lets a fetch leave out. */
export interface FetchFeatures {
  protocol: GitProtocol;
  /** History. */
  shallow: boolean;
  /** Contents, which can be fetched one by one later. */
  filter: boolean;
  /** What a fetch of protocol 0 asks for, as the remote writes it. */
  uses?: readonly string[];
}

/**
 * What was learned of the server that fetches go to. It is remembered as one
 * and forgotten as one: features of one place or protocol are wrong at another.
 */
export interface FetchServer {
  /** Where redirects led while it was learned. */
  base: URL;
  protocol: GitProtocol;
  /**
   * It refuses the requests of protocol 2 although it offers them, as behind a
   * gateway, so it is asked for protocol 0 alone.
   */
  withoutVersion2?: boolean;
  /** Absent until they were asked for. */
  features?: FetchFeatures;
  contents: SingleContents;
  /** Milliseconds since 1970. */
  learnedAt: number;
}

// Some servers refuse what they did not offer, and others whoever leaves out
// what they did: Azure wants one of the first two, dulwich all of the rest.
// Without anything that is here and history that is cut off, they change nothing
// but how the answer is packed. The first of each row that is offered is used.
const VERSION_0_USES = [
  ['multi_ack_detailed', 'multi_ack'],
  ['side-band-64k', 'side-band'],
  ['thin-pack'],
  ['ofs-delta'],
  ['no-progress'],
] as const;

/** What an advertisement tells of fetches. */
export function fetchFeatures({
  protocol,
  capabilities,
}: Advertisement): FetchFeatures {
  if (protocol === 2) {
    const fetch = [...capabilities].find(name => name.startsWith('fetch='));
    const features = new Set(fetch?.slice('fetch='.length).split(' '));
    return {
      protocol,
      shallow: features.has('shallow'),
      filter: features.has('filter'),
    };
  }
  return {
    protocol,
    shallow: capabilities.has('shallow'),
    // Filters of protocol 0 do not let single blobs be asked for afterwards.
    filter: false,
    uses: VERSION_0_USES.flatMap(
      names => names.find(name => capabilities.has(name)) ?? [],
    ),
  };
}

/** Something learned now. */
export function learned<T extends Omit<FetchServer, 'contents' | 'learnedAt'>>(
  server: T,
): T & Pick<FetchServer, 'contents' | 'learnedAt'> {
  return { ...server, contents: new SingleContents(), learnedAt: Date.now() };
}
