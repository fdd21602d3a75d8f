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
import type { ForgeCall, ForgeHttp, ReadRefusal } from './ForgeHttp';
import type { RepositoryPlace } from './repositoryPath';
import { unsupported } from './unsupported';

/** Azure DevOps Server speaks it since 2022. */
const API_VERSION = '7.0';

/** Stands for nobody. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

const pullRequest = z.object({
  pullRequestId: z.int(),
  status: z.enum(['notSet', 'active', 'abandoned', 'completed']),
  title: z.string(),
  description: optionalText,
  isDraft: z.boolean().nullish(),
  targetRefName: z.string(),
  mergeStatus: optionalName,
  forkSource: z.unknown().optional(),
  lastMergeSourceCommit: z.object({ commitId: optionalName }).nullish(),
  lastMergeCommit: z.object({ commitId: optionalName }).nullish(),
  createdBy: z.object({ id: z.string() }),
  closedBy: z.object({ displayName: optionalName }).nullish(),
});

const pullRequests = z.object({ value: z.array(pullRequest) });

const STRATEGIES: Readonly<Record<AutoMergeMethod, string>> = {
  merge: 'noFastForward',
  squash: 'squash',
  rebase: 'rebase',
};

function stateOf(status: string): ForgePullRequest['state'] {
  switch (status) {
    case 'completed':
      return 'merged';
    case 'abandoned':
      return 'closed';
    default:
      return 'open';
  }
}

export const readAzureRefusal: ReadRefusal = (status, words) =>
  status === 409 && /GitPullRequestExists|TF401179/.test(words)
    ? 'exists'
    : undefined;

/**
 * Azure DevOps. It opens a pull request of a branch without changes all the same, so
 * nobody may ask for one.
 */
export class AzureForge implements Forge {
  readonly capabilities = forgeCapabilities('azure');
  readonly #http: ForgeHttp;
  readonly #path: string;
  readonly #repo: string;

  constructor(http: ForgeHttp, { path }: RepositoryPlace, repo: string) {
    this.#http = http;
    this.#path = path;
    this.#repo = repo.replace(/\/+$/, '');
  }

  async find({ head, base, signal }: FindPullRequests) {
    const { value } = await this.#http.ask(
      this.#call({
        method: 'GET',
        path: '/pullrequests',
        query: [
          ['searchCriteria.sourceRefName', `refs/heads/${head}`],
          ['searchCriteria.targetRefName', `refs/heads/${base}`],
          ['searchCriteria.status', 'all'],
          ['$top', '10'],
        ],
        does: 'looking for a pull request',
        signal,
      }),
      pullRequests,
    );
    return value
      .filter(({ forkSource }) => !forkSource)
      .map(answer => this.#read(answer));
  }

  async create({ title, body, head, base, draft, signal }: NewPullRequest) {
    const answer = await this.#http.ask(
      this.#call({
        method: 'POST',
        path: '/pullrequests',
        body: {
          title,
          description: body,
          sourceRefName: `refs/heads/${head}`,
          targetRefName: `refs/heads/${base}`,
          isDraft: draft,
        },
        does: 'opening a pull request',
        signal,
      }),
      pullRequest,
    );
    return this.#read(answer);
  }

  async update(
    { number }: ForgePullRequest,
    { title, body }: PullRequestText,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#patch(
      number,
      { title, description: body },
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
      { status: 'abandoned' },
      `closing pull request ${number}`,
      signal,
    );
  }

  /** Closed at once, so that no rule waits for somebody to answer it. */
  async comment(
    { number }: ForgePullRequest,
    text: string,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send(
      this.#call({
        method: 'POST',
        path: `/pullRequests/${number}/threads`,
        body: {
          comments: [
            { parentCommentId: 0, content: text, commentType: 'text' },
          ],
          status: 'closed',
        },
        does: `commenting on pull request ${number}`,
        signal,
      }),
    );
  }

  async addLabels(
    { number }: ForgePullRequest,
    labels: readonly string[],
    { signal }: ForgeRequestOptions = {},
  ) {
    for (const name of labels) {
      await this.#http.send(
        this.#call({
          method: 'POST',
          path: `/pullRequests/${number}/labels`,
          body: { name },
          does: `labelling pull request ${number}`,
          signal,
        }),
      );
    }
  }

  async requestReviewers(): Promise<void> {
    throw unsupported(this.capabilities, 'names of reviewers');
  }

  async enableAutoMerge(
    { number, handle }: ForgePullRequest,
    method: AutoMergeMethod,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#patch(
      number,
      {
        autoCompleteSetBy: { id: handle },
        completionOptions: {
          mergeStrategy: STRATEGIES[method],
          deleteSourceBranch: true,
        },
      },
      `turning on auto-merge of pull request ${number}`,
      signal,
    );
  }

  async cancelAutoMerge(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#patch(
      number,
      { autoCompleteSetBy: { id: NOBODY } },
      `turning off auto-merge of pull request ${number}`,
      signal,
    );
  }

  #call(call: ForgeCall): ForgeCall {
    return {
      ...call,
      path: `${this.#path}${call.path}`,
      query: [...(call.query ?? []), ['api-version', API_VERSION]],
    };
  }

  #read(answer: z.output<typeof pullRequest>): ForgePullRequest {
    const state = stateOf(answer.status);
    return {
      number: answer.pullRequestId,
      url: `${this.#repo}/pullrequest/${answer.pullRequestId}`,
      state,
      title: answer.title,
      body: answer.description,
      isDraft: answer.isDraft ?? false,
      base: branchOf(answer.targetRefName),
      headCommit: answer.lastMergeSourceCommit?.commitId,
      mergeCommit:
        state === 'merged' ? answer.lastMergeCommit?.commitId : undefined,
      closedBy: state === 'closed' ? answer.closedBy?.displayName : undefined,
      isConflicted: answer.mergeStatus === 'conflicts',
      handle: answer.createdBy.id,
    };
  }

  async #patch(
    number: number,
    body: object,
    does: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#http.send(
      this.#call({
        method: 'PATCH',
        path: `/pullrequests/${number}`,
        body,
        does,
        signal,
      }),
    );
  }
}
