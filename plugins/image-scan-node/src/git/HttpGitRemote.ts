import { InputError } from '@backstage/errors';
import type { HttpTransport } from '../http';
import type { GitCredentials } from '../types';
import {
  BranchNotFoundError,
  EmptyRepositoryError,
  GitAuthError,
  GitTimeoutError,
  GitUnreachableError,
  isBusy,
  RepositoryNotFoundError,
} from './errors';
import { askHistory } from './askHistory';
import { commitsBetween } from './commitsBetween';
import { moveBranch } from './branchMove';
import type { BranchMove } from './branchMove';
import { FetchedSnapshot } from './FetchedSnapshot';
import { DEFAULT_TIMEOUT, GitHttp } from './GitHttp';
import type {
  GitBetween,
  GitCommit,
  GitContainsOptions,
  GitHead,
  GitOpenOptions,
  GitRemote,
  GitRequestOptions,
  GitSnapshot,
} from './GitRemote';
import { checkBranchName, checkGitUrl } from '../gitUrl';
import { fetchCommit } from './fetchCommit';
import { fetchPack } from './fetchPack';
import type { FetchRequest } from './fetchPack';
import { GitMemory } from './GitMemory';
import type { GitObject } from './objects';
import { PackedObjects } from './PackedObjects';
import { Push } from './Push';
import type { PushServer } from './receivePack';
import { discoverHead, findHead, learnFeatures, listHead } from './remoteHead';
import type { FetchFeatures, FetchServer } from './fetchServer';
import type { RepositoryMemory } from './RepositoryMemory';
import type { CommitSigner } from './signing/CommitSigner';
import { searchHistory } from './searchHistory';
import { SnapshotObjects } from './SnapshotObjects';
import type { FetchObjects } from './SnapshotObjects';

/** @public */
export interface HttpGitRemoteOptions {
  /** As `checkGitUrl` takes it. */
  url: string;
  /** Without `refs/heads/`; default: the branch that the remote's HEAD names. */
  branch?: string;
  /**
   * Asked once for every call of the remote and every push, so that they can
   * expire; sent only to the origin (scheme, host and port) of the URL.
   */
  credentials?: () => Promise<GitCredentials | undefined>;
  transport: HttpTransport;
  /** Signs the commits that are made; default: they are not signed. */
  signer?: CommitSigner;
  /** Shared with other remotes, to limit what all of them remember; default one of its own. */
  memory?: GitMemory;
  /** The largest pack that is read, in bytes; default 1 GiB. */
  maxPackBytes?: number;
  /**
   * Milliseconds for each exchange with the server, from the question to the end
   * of the answer, however lively it is; default 2 minutes. Silence ends one
   * after a minute. More is a `GitTimeoutError`.
   */
  timeout?: number;
}

const DEFAULT_MAX_PACK_BYTES = 1024 * 1024 * 1024;

/**
 * A push asks what the server can do and sends; where what was known of it was wrong,
 * it looks at the branch, and does both again.
 */
const EXCHANGES_OF_PUSH = 5;

/**
 * To learn what a server can do costs a request more than to look where a branch
 * is, so it is put off at the first looks: who looks more often looks for long.
 */
const LISTINGS = 2;

/**
 * A git remote over smart HTTP, protocol 2 or 0, without a git binary, a work
 * tree or a file on disk. Renamed repositories (redirects) go on working.
 *
 * Make one and keep it: it remembers what its server can do, and of the
 * repository what the next look need not fetch again.
 *
 * The constructor throws `InputError` for an URL or branch name that cannot be.
 *
 * @public
 */
export class HttpGitRemote implements GitRemote {
  readonly #url: URL;
  readonly #branch?: string;
  readonly #memory: GitMemory;
  /** Replaced and forgotten as a whole, so that its parts always fit. */
  #server?: FetchServer;
  #pushServer?: PushServer;
  #listings = LISTINGS;

  readonly #options: HttpGitRemoteOptions;

  constructor(options: HttpGitRemoteOptions) {
    this.#options = options;

    this.#url = checkGitUrl(options.url);
    this.#memory = options.memory ?? new GitMemory();
    this.#branch =
      options.branch === undefined
        ? undefined
        : checkBranchName(options.branch);
  }

  get pushLimit(): number {
    return EXCHANGES_OF_PUSH * (this.#options.timeout ?? DEFAULT_TIMEOUT);
  }

  async head(options: GitRequestOptions = {}): Promise<GitHead> {
    const http = await this.#connect(options);
    if (!this.#known() && this.#listings > 0) {
      this.#listings -= 1;
      return listHead(http, this.#branch);
    }
    return this.#withServer(http, again => this.#find(http, again));
  }

  async open(options: GitOpenOptions = {}): Promise<GitSnapshot> {
    const http = await this.#connect(options);
    return this.#withServer(http, again =>
      this.#openHead(http, options, again),
    );
  }

  async #openHead(
    http: GitHttp,
    options: GitOpenOptions,
    again: boolean,
  ): Promise<GitSnapshot> {
    let { head } = options;
    if (!head || again) {
      const found = await this.#find(http, again);
      head ??= found;
    }
    const server = await this.#serverOf(http);
    const features = {
      ...server.features,
      filter: server.features.filter && server.contents.next(),
    };
    const memory = this.#memory.take(this);
    const fetch = this.#fetcher(http, { server, features, memory });
    // A branch may move between the look at it and the fetch; its old head is
    // then gone only if it was thrown away, so once more is enough.
    for (let attempt = 0; attempt < 2; attempt++) {
      head ??= await this.#find(http);
      const oid = head.commit;
      const fetched = await fetchCommit(oid, { memory, features, fetch });
      if (fetched) {
        const { remote } = http;
        const onLearned = () => this.#memory.keep(this, memory);
        onLearned();
        return new FetchedSnapshot({
          head,
          commit: fetched.commit,
          objects: new SnapshotObjects({
            ...fetched,
            memory,
            features,
            fetch,
            remote,
          }),
          memory,
          signer: this.#options.signer,
          onLearned,
          push: (commit, objects) => this.#push(commit, objects, options),
          move: branchMove => this.#move(branchMove, options),
        });
      }
      head = undefined;
    }
    throw withheld(http);
  }

  async contains(
    commit: string,
    options: GitContainsOptions = {},
  ): Promise<boolean> {
    checkOid(commit);
    const http = await this.#connect(options);
    return this.#withServer(http, async again => {
      const head = await this.#find(http, again);
      if (head.commit === commit) {
        return true;
      }
      const server = await this.#serverOf(http);
      const { features } = server;
      const ask = () =>
        askHistory(http.at(server.base), features, head.commit, commit);
      // A search fetches all contents from who cannot leave them out.
      const answer = features.filter ? undefined : await ask();
      const found =
        answer ??
        (await searchHistory(commit, {
          head: head.commit,
          since: options.since,
          fetch: this.#fetcher(http, { server, features }),
          ask: async () => (features.filter ? ask() : undefined),
        }));
      if (found === undefined) {
        throw withheld(http);
      }
      return found;
    });
  }

  async commitsBetween(
    before: string,
    after: string,
    options: GitRequestOptions = {},
  ): Promise<GitBetween> {
    checkOid(before);
    checkOid(after);
    const http = await this.#connect(options);
    return this.#withServer(http, async () => {
      const server = await this.#serverOf(http);
      const { features } = server;
      const between = await commitsBetween(before, after, {
        features,
        fetch: this.#fetcher(http, { server, features }),
        clean: text => http.clean(text),
      });
      if (!between) {
        throw withheld(http);
      }
      return between;
    });
  }

  async branchHead(
    branch: string,
    options: GitRequestOptions = {},
  ): Promise<string | undefined> {
    const name = checkBranchName(branch);
    const http = await this.#connect(options);
    try {
      return (await this.#look(http, name)).commit;
    } catch (error) {
      if (error instanceof BranchNotFoundError) {
        return undefined;
      }
      throw error;
    }
  }

  async deleteBranch(
    branch: string,
    expected: string,
    options: GitRequestOptions = {},
  ): Promise<void> {
    await this.#move({ branch, expected }, options);
  }

  async #move(
    branchMove: BranchMove,
    options: GitRequestOptions,
  ): Promise<void> {
    checkBranchName(branchMove.branch);
    // Credentials may have expired since the fetch.
    await moveBranch(await this.#connect(options), branchMove);
  }

  async #push(
    commit: GitCommit,
    objects: readonly GitObject[],
    options: GitRequestOptions,
  ): Promise<void> {
    // Credentials may have expired since the fetch.
    const http = await this.#connect(options);
    const known = isFresh(this.#pushServer) ? this.#pushServer : undefined;
    // Remembered by the push that it served, and by no other.
    this.#pushServer = undefined;
    const push = new Push({
      http,
      known,
      commit,
      objects,
      look: async () => (await this.#look(http, commit.branch)).commit,
      contains: () => this.contains(commit.oid, options),
    });
    try {
      this.#pushServer = await push.run();
    } catch (error) {
      // Where reads were redirected to may lag behind for good.
      if (this.#server && this.#server.base.href !== http.at().base.href) {
        this.#server = undefined;
      }
      throw error;
    }
  }

  async #connect({ signal }: GitRequestOptions): Promise<GitHttp> {
    const { credentials, transport, timeout } = this.#options;
    return new GitHttp({
      url: this.#url,
      credentials: await credentials?.(),
      transport,
      signal,
      timeout,
    });
  }

  /**
   * Does what stands on what is known of the server. Where that fails, what was
   * known is forgotten, and the work done once more if it may be to blame.
   *
   * @param work - told whether it is done again
   */
  async #withServer<T>(
    http: GitHttp,
    work: (again: boolean) => Promise<T>,
  ): Promise<T> {
    const known = this.#known();
    try {
      return await work(false);
    } catch (error) {
      const hasMoved = known?.base.href !== http.at().base.href;
      if (!isAboutServer(error, hasMoved)) {
        throw error;
      }
      this.#server = undefined;
      if (!known || error instanceof GitTimeoutError) {
        throw error;
      }
    }
    try {
      return await work(true);
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  /** What is known of the server and not too old to be true. */
  #known(): FetchServer | undefined {
    return isFresh(this.#server) ? this.#server : undefined;
  }

  async #find(http: GitHttp, again = false): Promise<GitHead> {
    const known = this.#known();
    const found =
      again || !known
        ? await discoverHead(http.at(), this.#branch)
        : await findHead(http.at(known.base), this.#branch, known);
    this.#learn(found.server);
    return found.head;
  }

  /** Looks at a branch by what is known or, where that fails, as at first. */
  async #look(http: GitHttp, branch: string): Promise<GitHead> {
    const known = this.#known();
    if (known) {
      try {
        const { head } = await findHead(http.at(known.base), branch, known);
        return head;
      } catch (error) {
        if (!isAboutServer(error, true)) {
          throw error;
        }
      }
    }
    return (await discoverHead(http.at(), branch)).head;
  }

  /** Asks what fetches can ask for, where it is not known. */
  async #serverOf(http: GitHttp): Promise<LearnedServer> {
    const known = this.#known();
    if (hasFeatures(known)) {
      return known;
    }
    const server = await learnFeatures(http.at());
    this.#learn(server);
    return server;
  }

  #learn(server: FetchServer): void {
    this.#server = server;
    this.#listings = 0;
  }

  #fetcher(
    http: GitHttp,
    options: {
      server: FetchServer;
      features: FetchFeatures;
      memory?: RepositoryMemory;
    },
  ): FetchObjects {
    const { maxPackBytes = DEFAULT_MAX_PACK_BYTES } = this.#options;
    const { server, features, memory } = options;
    const { remote } = http;
    const at = http.at(server.base);
    const baseOf = (oid: string) => memory?.object(oid);
    const fetch = (request: FetchRequest) =>
      fetchPack(at, features, request, maxPackBytes);
    const fetchSingle = async (request: FetchRequest) => {
      const { contents } = server;
      const pack =
        (await fetch(request)) ??
        // What answers may lag behind, and the next one may not.
        (contents.isProven ? await fetch(request) : undefined);
      if (pack) {
        contents.given();
      } else {
        contents.refused();
      }
      return pack;
    };
    return async request => {
      const isSingle = features.filter && request.depth === undefined;
      try {
        const pack = await (isSingle ? fetchSingle(request) : fetch(request));
        return pack && (await PackedObjects.read(pack, { remote, baseOf }));
      } catch (error) {
        if (this.#server === server && isAboutServer(error, false)) {
          this.#server = undefined;
        }
        throw error;
      }
    };
  }
}

function checkOid(commit: string): void {
  if (!/^[0-9a-f]{40}$/.test(commit)) {
    throw new InputError(
      `${JSON.stringify(commit)} is not the full name of a git commit`,
    );
  }
}

/** A server whose features were asked for. */
type LearnedServer = FetchServer & { features: FetchFeatures };

function hasFeatures(server?: FetchServer): server is LearnedServer {
  return server?.features !== undefined;
}

/** Servers change, and not all that they can do from now on shows as an error. */
const LEARNED_FOR_MS = 3_600_000;

function isFresh(learnedThing: { learnedAt: number } | undefined): boolean {
  return (
    learnedThing !== undefined &&
    Date.now() - learnedThing.learnedAt < LEARNED_FOR_MS
  );
}

/**
 * Whether an error may come from a wrong idea of the server.
 *
 * @param hasMoved - what was known stands at another place than the URL's
 */
function isAboutServer(error: unknown, hasMoved: boolean): boolean {
  if (
    error instanceof BranchNotFoundError ||
    error instanceof EmptyRepositoryError
  ) {
    return hasMoved;
  }
  return (
    (error instanceof GitUnreachableError && !isBusy(error)) ||
    error instanceof GitAuthError ||
    error instanceof RepositoryNotFoundError
  );
}

function withheld({ remote }: GitHttp): GitUnreachableError {
  return new GitUnreachableError(
    `${remote} does not give away the head of its branch; it is tried again`,
  );
}
