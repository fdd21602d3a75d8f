import { z } from 'zod/v4';
import { optionalName, optionalText } from './answers';
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

const DRAFT_PREFIX = 'Draft: ';
const ANY_DRAFT_PREFIX = /^(?:\[?(?:draft|wip)\]?:? ?)/i;

const mergeRequest = z
  .object({
    iid: z.int(),
    web_url: z.string(),
    state: z.enum(['opened', 'locked', 'closed', 'merged']),
    title: z.string(),
    description: optionalText,
    draft: z.boolean().nullish(),
    target_branch: z.string(),
    source_project_id: z.int().nullish(),
    target_project_id: z.int().nullish(),
    sha: optionalName,
    merge_commit_sha: optionalName,
    squash_commit_sha: optionalName,
    has_conflicts: z.boolean().nullish(),
    closed_by: z.object({ username: optionalName }).nullish(),
  })
  .transform(answer => {
    const isDraft = answer.draft ?? false;
    const found: ForgePullRequest = {
      number: answer.iid,
      url: answer.web_url,
      state: stateOf(answer.state),
      title: isDraft
        ? answer.title.replace(ANY_DRAFT_PREFIX, '')
        : answer.title,
      body: answer.description,
      isDraft,
      base: answer.target_branch,
      headCommit: answer.sha,
      mergeCommit: answer.merge_commit_sha ?? answer.squash_commit_sha,
      closedBy: answer.closed_by?.username,
      isConflicted: answer.has_conflicts ?? undefined,
    };
    const isOfFork =
      (answer.source_project_id ?? undefined) !==
      (answer.target_project_id ?? undefined);
    return { found, isOfFork };
  });

const users = z.array(z.object({ id: z.int(), username: z.string() }));

const reviewersOf = z.object({
  reviewers: z.array(z.object({ id: z.int() })).nullish(),
});

function stateOf(
  state: 'opened' | 'locked' | 'closed' | 'merged',
): ForgePullRequest['state'] {
  switch (state) {
    case 'merged':
    case 'closed':
      return state;
    default:
      return 'open';
  }
}

export const readGitLabRefusal: ReadRefusal = (status, words) => {
  if (status === 409 && /already exists/i.test(words)) {
    return 'exists';
  }
  // It may not be merged yet, or not at all.
  return status === 405 || status === 406 ? 'refused' : undefined;
};

/** gitlab.com and GitLab's own installations. */
export class GitLabForge implements Forge {
  readonly capabilities = forgeCapabilities('gitlab');
  readonly #http: ForgeHttp;
  readonly #place: RepositoryPlace;

  constructor(http: ForgeHttp, place: RepositoryPlace) {
    this.#http = http;
    this.#place = place;
  }

  async find({ head, base, signal }: FindPullRequests) {
    const answers = await this.#http.ask(
      {
        method: 'GET',
        path: `${this.#place.path}/merge_requests`,
        query: [
          ['source_branch', head],
          ['target_branch', base],
          ['state', 'all'],
          ['order_by', 'created_at'],
          ['sort', 'desc'],
          ['per_page', '10'],
        ],
        does: 'looking for a merge request',
        signal,
      },
      z.array(mergeRequest),
    );
    // A fork may have a branch of the same name.
    return answers
      .filter(({ isOfFork }) => !isOfFork)
      .map(({ found }) => found);
  }

  async create({ title, body, head, base, draft, signal }: NewPullRequest) {
    const { found } = await this.#http.ask(
      {
        method: 'POST',
        path: `${this.#place.path}/merge_requests`,
        body: {
          source_branch: head,
          target_branch: base,
          title: draft ? `${DRAFT_PREFIX}${title}` : title,
          description: body,
          remove_source_branch: true,
        },
        does: 'opening a merge request',
        signal,
      },
      mergeRequest,
    );
    return found;
  }

  async update(
    { number, isDraft }: ForgePullRequest,
    { title, body }: PullRequestText,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#put(
      number,
      {
        title: isDraft ? `${DRAFT_PREFIX}${title}` : title,
        description: body,
      },
      `changing merge request ${number}`,
      signal,
    );
  }

  async close(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#put(
      number,
      { state_event: 'close' },
      `closing merge request ${number}`,
      signal,
    );
  }

  async comment(
    { number }: ForgePullRequest,
    text: string,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'POST',
      path: `${this.#place.path}/merge_requests/${number}/notes`,
      body: { body: text },
      does: `commenting on merge request ${number}`,
      signal,
    });
  }

  async addLabels(
    { number }: ForgePullRequest,
    labels: readonly string[],
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#put(
      number,
      { add_labels: labels.join(',') },
      `labelling merge request ${number}`,
      signal,
    );
  }

  /** Who reviews is told by number, so each name is looked up. */
  async requestReviewers(
    { number }: ForgePullRequest,
    reviewers: readonly string[],
    { signal }: ForgeRequestOptions = {},
  ) {
    const path = `${this.#place.path}/merge_requests/${number}`;
    const does = `asking for reviews of merge request ${number}`;
    const current = await this.#http.ask(
      { method: 'GET', path, does, signal },
      reviewersOf,
    );
    const ids = new Set(current.reviewers?.map(({ id }) => id));
    for (const name of reviewers) {
      ids.add(await this.#userId(name, does, signal));
    }
    await this.#put(number, { reviewer_ids: [...ids] }, does, signal);
  }

  /**
   * Older ones know the second name alone, and would merge at once without it. They
   * answer 405 as long as there is no pipeline.
   */
  async enableAutoMerge(
    { number, headCommit }: ForgePullRequest,
    method: AutoMergeMethod,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'PUT',
      path: `${this.#place.path}/merge_requests/${number}/merge`,
      body: {
        auto_merge: true,
        merge_when_pipeline_succeeds: true,
        should_remove_source_branch: true,
        squash: method === 'squash',
        sha: headCommit,
      },
      does: `turning on auto-merge of merge request ${number}`,
      signal,
    });
  }

  async cancelAutoMerge(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'POST',
      path: `${
        this.#place.path
      }/merge_requests/${number}/cancel_merge_when_pipeline_succeeds`,
      does: `turning off auto-merge of merge request ${number}`,
      signal,
    });
  }

  async #put(
    number: number,
    body: object,
    does: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#http.send({
      method: 'PUT',
      path: `${this.#place.path}/merge_requests/${number}`,
      body,
      does,
      signal,
    });
  }

  async #userId(
    name: string,
    does: string,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const found = await this.#http.ask(
      {
        method: 'GET',
        path: '/users',
        query: [['username', name]],
        does,
        signal,
      },
      users,
    );
    const user = found.find(
      ({ username }) => username.toLowerCase() === name.toLowerCase(),
    );
    if (!user) {
      throw new ForgeError(
        'not-found',
        `${does} failed: GitLab knows no user ${JSON.stringify(name)}`,
      );
    }
    return user.id;
  }
}
