import { InputError } from '@backstage/errors';
import type { HttpTransport } from '../http';
import type { GitCredentials } from '../types';
import { GitUnreachableError } from './errors';
import { FetchedSnapshot } from './FetchedSnapshot';
import { GitHttp } from './GitHttp';
import type {
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
import { GitMemory } from './GitMemory';
import type { GitObject } from './objects';
import { PackedObjects } from './PackedObjects';
import { findPushFeatures, pushCommit } from './receivePack';
import type { PushFeatures } from './receivePack';
import { findFeatures, findHead } from './remoteHead';
import type { FetchFeatures, GitProtocol } from './remoteHead';
import type { RepositoryMemory } from './RepositoryMemory';
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

const defaultMaxPackBytes = 1024 * 1024 * 1024;

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
  private readonly url: URL;
  private readonly branch?: string;
  private readonly memory: GitMemory;
  private protocol?: GitProtocol;
  private features?: FetchFeatures;
  private pushFeatures?: PushFeatures;

  constructor(private readonly options: HttpGitRemoteOptions) {
    this.url = checkGitUrl(options.url);
    this.memory = options.memory ?? new GitMemory();
    this.branch =
      options.branch === undefined
        ? undefined
        : checkBranchName(options.branch);
  }

  async head(options: GitRequestOptions = {}): Promise<GitHead> {
    return this.find(await this.connect(options));
  }

  async open(options: GitOpenOptions = {}): Promise<GitSnapshot> {
    const http = await this.connect(options);
    const features = await this.findFeatures(http);
    const memory = this.memory.take(this);
    const fetch = this.fetcher(http, features, memory);
    let { head } = options;
    // A branch may move between the look at it and the fetch; its old head is
    // then gone only if it was thrown away, so once more is enough.
    for (let attempt = 0; attempt < 2; attempt++) {
      head ??= await this.find(http);
      const oid = head.commit;
      const fetched = await fetchCommit(oid, { memory, features, fetch });
      if (fetched) {
        const { remote } = http;
        const onLearned = () => this.memory.keep(this, memory);
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
          onLearned,
          push: (commit, objects) => this.push(commit, objects, options),
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
    if (!/^[0-9a-f]{40}$/.test(commit)) {
      throw new InputError(
        `${JSON.stringify(commit)} is not the full name of a git commit`,
      );
    }
    const http = await this.connect(options);
    const head = await this.find(http);
    if (head.commit === commit) {
      return true;
    }
    const fetch = this.fetcher(http, await this.findFeatures(http));
    const found = await searchHistory(commit, {
      head: head.commit,
      since: options.since,
      fetch,
    });
    if (found === undefined) {
      throw withheld(http);
    }
    return found;
  }

  private async push(
    commit: GitCommit,
    objects: readonly GitObject[],
    options: GitRequestOptions,
  ): Promise<void> {
    // Credentials may have expired since the fetch.
    const http = await this.connect(options);
    this.pushFeatures ??= await findPushFeatures(http, commit);
    await pushCommit(http, this.pushFeatures, commit, objects);
  }

  private async connect({ signal }: GitRequestOptions): Promise<GitHttp> {
    const { credentials, transport, timeout } = this.options;
    return new GitHttp({
      url: this.url,
      credentials: await credentials?.(),
      transport,
      signal,
      timeout,
    });
  }

  private async find(http: GitHttp): Promise<GitHead> {
    const { head, protocol } = await findHead(http, this.branch, this.protocol);
    this.protocol = protocol;
    return head;
  }

  /** Asked once: servers seldom change, and a wrong answer costs an error. */
  private async findFeatures(http: GitHttp): Promise<FetchFeatures> {
    this.features ??= await findFeatures(http);
    this.protocol ??= this.features.protocol;
    return this.features;
  }

  private fetcher(
    http: GitHttp,
    features: FetchFeatures,
    memory?: RepositoryMemory,
  ): FetchObjects {
    const { maxPackBytes = defaultMaxPackBytes } = this.options;
    const { remote } = http;
    const baseOf = (oid: string) => memory?.object(oid);
    return async request => {
      const pack = await fetchPack(http, features, request, maxPackBytes);
      return pack && PackedObjects.read(pack, { remote, baseOf });
    };
  }
}

function withheld({ remote }: GitHttp): GitUnreachableError {
  return new GitUnreachableError(
    `${remote} does not give away the head of its branch; it is tried again`,
  );
}
