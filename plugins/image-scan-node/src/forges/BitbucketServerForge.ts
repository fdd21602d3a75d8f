import { z } from 'zod/v4';
import { branchOf, optionalName, optionalText } from './answers';
import { forgeCapabilities } from './capabilities';
import type {
  AutoMergeMethod,
  FindPullRequests,
  Forge,
  ForgePullRequest,
  ForgeRequestOptions,
  NewPullRequest,
  PullRequestText,
} from './Forge';
import { ForgeError } from './ForgeError';
import type { ForgeHttp, ReadRefusal } from './ForgeHttp';
import type { RepositoryPlace } from './repositoryPath';
import { unsupported } from './unsupported';

const reviewer = z.object({ user: z.object({ name: z.string() }) });
const repository = z.object({ id: z.int().nullish() }).nullish();

const pullRequest = z
  .object({
    id: z.int(),
    version: z.int(),
    state: z.enum(['OPEN', 'MERGED', 'DECLINED']),
    title: z.string(),
    description: optionalText,
    draft: z.boolean().nullish(),
    fromRef: z.object({
      id: z.string(),
      latestCommit: optionalName,
      repository,
    }),
    toRef: z.object({ id: z.string(), repository }),
    reviewers: z.array(reviewer).nullish(),
    links: z
      .object({ self: z.array(z.object({ href: z.string() })).nullish() })
      .nullish(),
    properties: z
      .object({ mergeCommit: z.object({ id: optionalName }).nullish() })
      .nullish(),
  })
  .transform(answer => {
    const found: ForgePullRequest = {
      number: answer.id,
      url: answer.links?.self?.[0]?.href ?? '',
      state: stateOf(answer.state),
      title: answer.title,
      body: answer.description,
      isDraft: answer.draft ?? false,
      base: branchOf(answer.toRef.id),
      headCommit: answer.fromRef.latestCommit,
      mergeCommit: answer.properties?.mergeCommit?.id,
      handle: String(answer.version),
    };
    return {
      found,
      isOfFork: answer.fromRef.repository?.id !== answer.toRef.repository?.id,
      version: answer.version,
      reviewers: (answer.reviewers ?? []).map(({ user }) => user.name),
    };
  });

const pullRequests = z.object({ values: z.array(pullRequest) });

/** The usual strategies; which of them a repository allows is set there. */
const STRATEGIES: Readonly<Record<AutoMergeMethod, string>> = {
  merge: 'no-ff',
  squash: 'squash',
  rebase: 'rebase-no-ff',
};

/** How often a change is made anew because somebody else made one before. */
const MOST_ATTEMPTS = 3;

function stateOf(
  state: 'OPEN' | 'MERGED' | 'DECLINED',
): ForgePullRequest['state'] {
  switch (state) {
    case 'OPEN':
      return 'open';
    case 'MERGED':
      return 'merged';
    default:
      return 'closed';
  }
}

export const readBitbucketServerRefusal: ReadRefusal = (status, words) => {
  if (status !== 409) {
    return undefined;
  }
  if (/DuplicatePullRequest/.test(words)) {
    return 'exists';
  }
  if (/EmptyPullRequest/.test(words)) {
    return 'nothing-to-merge';
  }
  return /OutOfDate|version/i.test(words) ? 'stale' : undefined;
};

/**
 * Bitbucket Data Center. Each change names the version that it was made for, so a pull
 * request is read before.
 */
export class BitbucketServerForge implements Forge {
  readonly capabilities = forgeCapabilities('bitbucketServer');
  readonly #http: ForgeHttp;
  readonly #path: string;

  constructor(http: ForgeHttp, { path }: RepositoryPlace) {
    this.#http = http;
    this.#path = `${path}/pull-requests`;
  }

  async find({ head, base, signal }: FindPullRequests) {
    const { values } = await this.#http.ask(
      {
        method: 'GET',
        path: this.#path,
        query: [
          ['at', `refs/heads/${head}`],
          ['direction', 'OUTGOING'],
          ['state', 'ALL'],
          ['order', 'NEWEST'],
          ['limit', '25'],
        ],
        does: 'looking for a pull request',
        signal,
      },
      pullRequests,
    );
    return values
      .filter(({ found, isOfFork }) => found.base === base && !isOfFork)
      .map(({ found }) => found);
  }

  async create({ title, body, head, base, draft, signal }: NewPullRequest) {
    const { found } = await this.#http.ask(
      {
        method: 'POST',
        path: this.#path,
        body: {
          title,
          description: body,
          draft,
          fromRef: { id: `refs/heads/${head}` },
          toRef: { id: `refs/heads/${base}` },
        },
        does: 'opening a pull request',
        signal,
      },
      pullRequest,
    );
    return found;
  }

  async update(
    { number }: ForgePullRequest,
    { title, body }: PullRequestText,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#change(
      number,
      `changing pull request ${number}`,
      signal,
      ({ reviewers }) => ({ title, description: body, reviewers }),
    );
  }

  async close(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    const does = `closing pull request ${number}`;
    await this.#atVersion(number, does, signal, version =>
      this.#http.send({
        method: 'POST',
        path: `${this.#path}/${number}/decline`,
        query: [['version', String(version)]],
        body: {},
        does,
        signal,
      }),
    );
  }

  async comment(
    { number }: ForgePullRequest,
    text: string,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'POST',
      path: `${this.#path}/${number}/comments`,
      body: { text },
      does: `commenting on pull request ${number}`,
      signal,
    });
  }

  async addLabels(): Promise<void> {
    throw unsupported(this.capabilities, 'labels');
  }

  async requestReviewers(
    { number }: ForgePullRequest,
    names: readonly string[],
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#change(
      number,
      `asking for reviews of pull request ${number}`,
      signal,
      ({ found, reviewers }) => ({
        title: found.title,
        description: found.body,
        reviewers: [...new Set([...reviewers, ...names])],
      }),
    );
  }

  async enableAutoMerge(
    { number }: ForgePullRequest,
    method: AutoMergeMethod,
    { signal }: ForgeRequestOptions = {},
  ) {
    const does = `turning on auto-merge of pull request ${number}`;
    await this.#atVersion(number, does, signal, version =>
      this.#http.send({
        method: 'POST',
        path: `${this.#path}/${number}/merge`,
        query: [['version', String(version)]],
        body: { autoMerge: true, strategyId: STRATEGIES[method] },
        does,
        signal,
      }),
    );
  }

  async cancelAutoMerge(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'DELETE',
      path: `${this.#path}/${number}/auto-merge`,
      does: `turning off auto-merge of pull request ${number}`,
      signal,
    });
  }

  /** Reviewers that are left out are taken away. */
  async #change(
    number: number,
    does: string,
    signal: AbortSignal | undefined,
    change: (current: z.output<typeof pullRequest>) => {
      title: string;
      description: string;
      reviewers: readonly string[];
    },
  ): Promise<void> {
    await this.#atVersion(number, does, signal, (version, current) => {
      const { reviewers, ...text } = change(current);
      return this.#http.send({
        method: 'PUT',
        path: `${this.#path}/${number}`,
        body: {
          version,
          ...text,
          reviewers: reviewers.map(name => ({ user: { name } })),
        },
        does,
        signal,
      });
    });
  }

  async #atVersion(
    number: number,
    does: string,
    signal: AbortSignal | undefined,
    change: (
      version: number,
      current: z.output<typeof pullRequest>,
    ) => Promise<void>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const current = await this.#http.ask(
        { method: 'GET', path: `${this.#path}/${number}`, does, signal },
        pullRequest,
      );
      try {
        await change(current.version, current);
        return;
      } catch (error) {
        const isStale =
          error instanceof ForgeError && error.category === 'stale';
        if (!isStale || attempt === MOST_ATTEMPTS) {
          throw error;
        }
      }
    }
  }
}
