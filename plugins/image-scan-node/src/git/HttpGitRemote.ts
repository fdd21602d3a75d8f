import { InputError } from '@backstage/errors';
import type { HttpTransport } from '../http';
import type { GitCredentials } from '../types';
import { GitUnreachableError } from './errors';
import { FetchedSnapshot } from './FetchedSnapshot';
import { GitHttp } from './GitHttp';
import type {
  GitHead,
  GitOpenOptions,
  GitRemote,
  GitRequestOptions,
  GitSnapshot,
} from './GitRemote';
import { checkBranchName, checkGitUrl } from '../gitUrl';
import { ObjectStore } from './ObjectStore';
import { parseCommit } from './objects';
import { fetchPack, findHead } from './uploadPack';
import type { GitProtocol } from './uploadPack';

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
  /** The largest pack that is read, in bytes; default 1 GiB. */
  maxPackBytes?: number;
}

const defaultMaxPackBytes = 1024 * 1024 * 1024;
const containsDepth = 50;

/**
 * A git remote over smart HTTP, protocol 2 or 0, without a git binary, a work
 * tree or a file on disk. Renamed repositories (redirects) go on working.
 *
 * The constructor throws `InputError` for an URL or branch name that cannot be.
 *
 * @public
 */
export class HttpGitRemote implements GitRemote {
  private readonly url: URL;
  private readonly branch?: string;
  private protocol?: GitProtocol;

  constructor(private readonly options: HttpGitRemoteOptions) {
    this.url = checkGitUrl(options.url);
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
    const { head, store } = await this.fetch(http, 1, options.head);
    return FetchedSnapshot.open({
      head,
      store,
      connect: () => this.connect(options),
    });
  }

  async contains(
    commit: string,
    options: GitRequestOptions = {},
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
    const fetched = await this.fetch(http, containsDepth, head);
    try {
      return await isAncestor(commit, fetched.head.commit, fetched.store);
    } finally {
      fetched.store.close();
    }
  }

  private async connect({ signal }: GitRequestOptions): Promise<GitHttp> {
    const { credentials, transport } = this.options;
    return new GitHttp({
      url: this.url,
      credentials: await credentials?.(),
      transport,
      signal,
    });
  }

  private async find(http: GitHttp): Promise<GitHead> {
    const { head, protocol } = await findHead(http, this.branch, this.protocol);
    this.protocol = protocol;
    return head;
  }

  private async fetch(
    http: GitHttp,
    depth: number,
    known: GitHead | undefined,
  ): Promise<{ head: GitHead; store: ObjectStore }> {
    const { maxPackBytes = defaultMaxPackBytes } = this.options;
    let head = known;
    // A branch may move between the look at it and the fetch; its old head is
    // then gone only if it was thrown away, so once more is enough.
    for (let attempt = 0; attempt < 2; attempt++) {
      if (!head || this.protocol === undefined) {
        head = await this.find(http);
      }
      const pack = await fetchPack(
        http,
        this.protocol ?? 0,
        head.commit,
        depth,
        maxPackBytes,
      );
      if (pack) {
        return { head, store: await ObjectStore.open(pack, http.remote) };
      }
      head = undefined;
    }
    throw new GitUnreachableError(
      `${http.remote} does not give away the head of its branch; it is tried again`,
    );
  }
}

/** Walks from the head to its parents, one generation at a time. */
async function isAncestor(
  commit: string,
  head: string,
  store: ObjectStore,
): Promise<boolean> {
  const seen = new Set<string>();
  let generation = [head];
  for (let step = 0; step < containsDepth && generation.length > 0; step++) {
    const next: string[] = [];
    for (const oid of generation) {
      // The oldest commits that were fetched name parents that were not.
      if (!seen.has(oid) && store.has(oid)) {
        seen.add(oid);
        next.push(...parseCommit(await store.read(oid, 'commit')).parents);
      }
    }
    if (next.includes(commit)) {
      return true;
    }
    generation = next;
  }
  return false;
}
