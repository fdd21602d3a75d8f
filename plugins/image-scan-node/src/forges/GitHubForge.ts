import { z } from 'zod/v4';
import { optionalName, optionalText } from './answers';
import { forgeCapabilities, splitReviewers } from './capabilities';
import type {
  AutoMergeMethod,
  FindPullRequests,
  Forge,
  ForgePullRequest,
  ForgeRequestOptions,
  NewPullRequest,
  PullRequestText,
} from './Forge';
import type { ForgeCall, ForgeHttp, ReadRefusal } from './ForgeHttp';
import { forgeWords } from './forgeWords';
import type { RepositoryPlace } from './repositoryPath';

const pullRequest = z
  .object({
    number: z.int(),
    node_id: z.string(),
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    merged_at: optionalText,
    title: z.string(),
    body: optionalText,
    draft: z.boolean().nullish(),
    base: z.object({ ref: z.string() }),
    head: z.object({ sha: z.string() }),
    merge_commit_sha: optionalName,
  })
  .transform((answer): ForgePullRequest => {
    const isMerged = answer.merged_at !== '';
    return {
      number: answer.number,
      url: answer.html_url,
      state: isMerged ? 'merged' : answer.state,
      title: answer.title,
      body: answer.body,
      isDraft: answer.draft ?? false,
      base: answer.base.ref,
      headCommit: answer.head.sha,
      // While it is open, this is what a trial merge gave.
      mergeCommit: isMerged ? answer.merge_commit_sha : undefined,
      handle: answer.node_id,
    };
  });

const graphQlAnswer = z.object({ errors: z.array(z.unknown()).nullish() });

const ENABLE_AUTO_MERGE = `mutation ($id: ID!, $method: PullRequestMergeMethod!, $head: GitObjectID) {
  enablePullRequestAutoMerge(input: {pullRequestId: $id, mergeMethod: $method, expectedHeadOid: $head}) { clientMutationId }
}`;

const DISABLE_AUTO_MERGE = `mutation ($id: ID!) {
  disablePullRequestAutoMerge(input: {pullRequestId: $id}) { clientMutationId }
}`;

export const readGitHubRefusal: ReadRefusal = (status, words) => {
  if (status !== 422) {
    return undefined;
  }
  if (/already exists/i.test(words)) {
    return 'exists';
  }
  return /no commits between/i.test(words) ? 'nothing-to-merge' : undefined;
};

/** github.com and GitHub Enterprise Server. */
export class GitHubForge implements Forge {
  readonly capabilities = forgeCapabilities('github');
  readonly #http: ForgeHttp;
  readonly #place: RepositoryPlace;
  readonly #graphQlBase: string;

  constructor(http: ForgeHttp, place: RepositoryPlace, apiBaseUrl: string) {
    this.#http = http;
    this.#place = place;
    // GitHub Enterprise Server has `/api/v3` and `/api/graphql`.
    this.#graphQlBase = apiBaseUrl.replace(/\/+$/, '').replace(/\/v3$/, '');
  }

  async find({ head, base, signal }: FindPullRequests) {
    return this.#http.ask(
      {
        method: 'GET',
        path: `${this.#place.path}/pulls`,
        query: [
          ['head', `${this.#place.owner}:${head}`],
          ['base', base],
          ['state', 'all'],
          ['sort', 'created'],
          ['direction', 'desc'],
          ['per_page', '10'],
        ],
        does: 'looking for a pull request',
        signal,
      },
      z.array(pullRequest),
    );
  }

  async create({ title, body, head, base, draft, signal }: NewPullRequest) {
    return this.#http.ask(
      {
        method: 'POST',
        path: `${this.#place.path}/pulls`,
        body: { title, body, head, base, draft },
        does: 'opening a pull request',
        signal,
      },
      pullRequest,
    );
  }

  async update(
    { number }: ForgePullRequest,
    { title, body }: PullRequestText,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'PATCH',
      path: `${this.#place.path}/pulls/${number}`,
      body: { title, body },
      does: `changing pull request ${number}`,
      signal,
    });
  }

  async close(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'PATCH',
      path: `${this.#place.path}/pulls/${number}`,
      body: { state: 'closed' },
      does: `closing pull request ${number}`,
      signal,
    });
  }

  async comment(
    { number }: ForgePullRequest,
    text: string,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'POST',
      path: `${this.#place.path}/issues/${number}/comments`,
      body: { body: text },
      does: `commenting on pull request ${number}`,
      signal,
    });
  }

  async addLabels(
    { number }: ForgePullRequest,
    labels: readonly string[],
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'POST',
      path: `${this.#place.path}/issues/${number}/labels`,
      body: { labels },
      does: `labelling pull request ${number}`,
      signal,
    });
  }

  async requestReviewers(
    { number }: ForgePullRequest,
    reviewers: readonly string[],
    { signal }: ForgeRequestOptions = {},
  ) {
    const { users, teams } = splitReviewers(reviewers);
    await this.#http.send({
      method: 'POST',
      path: `${this.#place.path}/pulls/${number}/requested_reviewers`,
      body: { reviewers: users, team_reviewers: teams },
      does: `asking for reviews of pull request ${number}`,
      signal,
    });
  }

  async enableAutoMerge(
    { number, handle, headCommit }: ForgePullRequest,
    method: AutoMergeMethod,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#graphQl(
      ENABLE_AUTO_MERGE,
      { id: handle, method: method.toUpperCase(), head: headCommit },
      { does: `turning on auto-merge of pull request ${number}`, signal },
    );
  }

  async cancelAutoMerge(
    { number, handle }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#graphQl(
      DISABLE_AUTO_MERGE,
      { id: handle },
      { does: `turning off auto-merge of pull request ${number}`, signal },
    );
  }

  /** Errors of GraphQL come with status 200. */
  async #graphQl(
    query: string,
    variables: Record<string, string | undefined>,
    { does, signal }: Pick<ForgeCall, 'does' | 'signal'>,
  ): Promise<void> {
    await this.#http.ask(
      {
        method: 'POST',
        base: this.#graphQlBase,
        path: '/graphql',
        body: { query, variables },
        does,
        signal,
      },
      graphQlAnswer,
      ({ errors }) => (errors?.length ? forgeWords(errors) : undefined),
    );
  }
}
