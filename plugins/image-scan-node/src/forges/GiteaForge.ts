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
import { ForgeError } from './ForgeError';
import type { ForgeHttp, ReadRefusal } from './ForgeHttp';
import type { RepositoryPlace } from './repositoryPath';

const DRAFT_PREFIX = 'WIP: ';
const ANY_DRAFT_PREFIX = /^(?:wip:|\[wip\]) ?/i;

/** What a page holds at most. */
const PAGE_SIZE = 50;
/** A thousand open pull requests are looked through for ours. */
const MOST_PAGES = 20;

/** The colour of labels that are made. */
const LABEL_COLOR = '#2e7d32';

const label = z.object({ id: z.int(), name: z.string() });

const pullRequest = z
  .object({
    number: z.int(),
    html_url: z.string(),
    state: z.enum(['open', 'closed']),
    merged: z.boolean().nullish(),
    title: z.string(),
    body: optionalText,
    draft: z.boolean().nullish(),
    base: z.object({ ref: z.string(), repo_id: z.int().nullish() }),
    head: z.object({
      ref: z.string(),
      sha: optionalName,
      repo_id: z.int().nullish(),
    }),
    merge_commit_sha: optionalName,
    labels: z.array(label).nullish(),
  })
  .transform(answer => {
    const isDraft = answer.draft ?? ANY_DRAFT_PREFIX.test(answer.title);
    const found: ForgePullRequest = {
      number: answer.number,
      url: answer.html_url,
      state: answer.merged ? 'merged' : answer.state,
      title: answer.title.replace(ANY_DRAFT_PREFIX, ''),
      body: answer.body,
      isDraft,
      base: answer.base.ref,
      headCommit: answer.head.sha,
      mergeCommit: answer.merge_commit_sha,
    };
    return {
      found,
      head: answer.head.ref,
      isOfFork: answer.head.repo_id !== answer.base.repo_id,
      labels: answer.labels ?? [],
    };
  });

export const readGiteaRefusal: ReadRefusal = (status, words) => {
  if (status === 409 && /already exists|exists/i.test(words)) {
    return 'exists';
  }
  return (status === 409 || status === 422) &&
    /no (?:commits|changes)|nothing|identical|same/i.test(words)
    ? 'nothing-to-merge'
    : undefined;
};

/** Gitea and Forgejo. */
export class GiteaForge implements Forge {
  readonly capabilities = forgeCapabilities('gitea');
  readonly #http: ForgeHttp;
  readonly #place: RepositoryPlace;

  constructor(http: ForgeHttp, place: RepositoryPlace) {
    this.#http = http;
    this.#place = place;
  }

  /**
   * They cannot all search by branch: Forgejo can since its version 16, Gitea cannot. So
   * the one that is known is looked at, else the open ones are looked through.
   */
  async find({ head, base, number, signal }: FindPullRequests) {
    const known = number === undefined ? [] : await this.#get(number, signal);
    if (known.some(({ found }) => found.state === 'open')) {
      return known.map(({ found }) => found);
    }
    const isOurs = (answer: z.output<typeof pullRequest>) =>
      answer.head === head && answer.found.base === base && !answer.isOfFork;
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const answers = await this.#list('open', page, signal);
      const ours = answers.filter(isOurs);
      if (ours.length > 0) {
        return ours.map(({ found }) => found);
      }
      if (answers.length < PAGE_SIZE) {
        break;
      }
    }
    const closed =
      known.length > 0
        ? known
        : (await this.#list('closed', 1, signal)).filter(isOurs);
    return closed.map(({ found }) => found);
  }

  async create({ title, body, head, base, draft, signal }: NewPullRequest) {
    const { found } = await this.#http.ask(
      {
        method: 'POST',
        path: `${this.#place.path}/pulls`,
        body: {
          title: draft ? `${DRAFT_PREFIX}${title}` : title,
          body,
          head,
          base,
        },
        does: 'opening a pull request',
        signal,
      },
      pullRequest,
    );
    return found;
  }

  async update(
    { number, isDraft }: ForgePullRequest,
    { title, body }: PullRequestText,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#patch(
      number,
      { title: isDraft ? `${DRAFT_PREFIX}${title}` : title, body },
      `changing pull request ${number}`,
      signal,
    );
  }

  async close(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#patch(
      number,
      { state: 'closed' },
      `closing pull request ${number}`,
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
      path: `${this.#place.path}/issues/${number}/comments`,
      body: { body: text },
      does: `commenting on pull request ${number}`,
      signal,
    });
  }

  /** Labels go by number and replace those that are there. */
  async addLabels(
    { number }: ForgePullRequest,
    labels: readonly string[],
    { signal }: ForgeRequestOptions = {},
  ) {
    const does = `labelling pull request ${number}`;
    const ids = new Map(
      (await this.#labels(does, signal)).map(({ id, name }) => [name, id]),
    );
    const wanted: number[] = [];
    for (const name of labels) {
      wanted.push(ids.get(name) ?? (await this.#makeLabel(name, does, signal)));
    }
    const [current] = await this.#get(number, signal);
    const present = current?.labels.map(({ id }) => id) ?? [];
    await this.#patch(
      number,
      { labels: [...new Set([...present, ...wanted])] },
      does,
      signal,
    );
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
    { number, headCommit }: ForgePullRequest,
    method: AutoMergeMethod,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'POST',
      path: `${this.#place.path}/pulls/${number}/merge`,
      body: {
        Do: method,
        merge_when_checks_succeed: true,
        delete_branch_after_merge: true,
        head_commit_id: headCommit,
      },
      does: `turning on auto-merge of pull request ${number}`,
      signal,
    });
  }

  async cancelAutoMerge(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'DELETE',
      path: `${this.#place.path}/pulls/${number}/merge`,
      does: `turning off auto-merge of pull request ${number}`,
      signal,
    });
  }

  /** Empty where there is none of this number any more. */
  async #get(number: number, signal: AbortSignal | undefined) {
    try {
      const answer = await this.#http.ask(
        {
          method: 'GET',
          path: `${this.#place.path}/pulls/${number}`,
          does: `looking at pull request ${number}`,
          signal,
        },
        pullRequest,
      );
      return [answer];
    } catch (error) {
      if (error instanceof ForgeError && error.category === 'not-found') {
        return [];
      }
      throw error;
    }
  }

  async #list(
    state: 'open' | 'closed',
    page: number,
    signal: AbortSignal | undefined,
  ) {
    return this.#http.ask(
      {
        method: 'GET',
        path: `${this.#place.path}/pulls`,
        query: [
          ['state', state],
          ['sort', 'recentupdate'],
          ['page', String(page)],
          ['limit', String(PAGE_SIZE)],
        ],
        does: 'looking for a pull request',
        signal,
      },
      z.array(pullRequest),
    );
  }

  async #labels(does: string, signal: AbortSignal | undefined) {
    const labels: z.output<typeof label>[] = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const found = await this.#http.ask(
        {
          method: 'GET',
          path: `${this.#place.path}/labels`,
          query: [
            ['page', String(page)],
            ['limit', String(PAGE_SIZE)],
          ],
          does,
          signal,
        },
        z.array(label),
      );
      labels.push(...found);
      if (found.length < PAGE_SIZE) {
        break;
      }
    }
    return labels;
  }

  async #makeLabel(
    name: string,
    does: string,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const { id } = await this.#http.ask(
      {
        method: 'POST',
        path: `${this.#place.path}/labels`,
        body: { name, color: LABEL_COLOR },
        does,
        signal,
      },
      label,
    );
    return id;
  }

  async #patch(
    number: number,
    body: object,
    does: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#http.send({
      method: 'PATCH',
      path: `${this.#place.path}/pulls/${number}`,
      body,
      does,
      signal,
    });
  }
}
