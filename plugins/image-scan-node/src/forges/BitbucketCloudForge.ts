import { z } from 'zod/v4';
import { optionalName, optionalText } from './answers';
import { forgeCapabilities } from './capabilities';
import type {
  FindPullRequests,
  Forge,
  ForgePullRequest,
  ForgeRequestOptions,
  NewPullRequest,
  PullRequestText,
} from './Forge';
import type { ForgeHttp, ReadRefusal } from './ForgeHttp';
import type { RepositoryPlace } from './repositoryPath';
import { unsupported } from './unsupported';

const pullRequest = z
  .object({
    id: z.int(),
    links: z.object({ html: z.object({ href: z.string() }) }),
    state: z.enum(['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED']),
    title: z.string(),
    description: optionalText,
    summary: z.object({ raw: optionalText }).nullish(),
    draft: z.boolean().nullish(),
    source: z.object({
      commit: z.object({ hash: optionalName }).nullish(),
      repository: z.object({ uuid: optionalName }).nullish(),
    }),
    destination: z.object({
      branch: z.object({ name: z.string() }),
      repository: z.object({ uuid: optionalName }).nullish(),
    }),
    merge_commit: z.object({ hash: optionalName }).nullish(),
    closed_by: z.object({ display_name: optionalName }).nullish(),
  })
  .transform(answer => {
    const found: ForgePullRequest = {
      number: answer.id,
      url: answer.links.html.href,
      state: stateOf(answer.state),
      title: answer.title,
      body: answer.description || (answer.summary?.raw ?? ''),
      isDraft: answer.draft ?? false,
      base: answer.destination.branch.name,
      headCommit: answer.source.commit?.hash,
      mergeCommit: answer.merge_commit?.hash,
      closedBy:
        answer.state === 'DECLINED'
          ? answer.closed_by?.display_name
          : undefined,
    };
    const isOfFork =
      answer.source.repository?.uuid !== answer.destination.repository?.uuid;
    return { found, isOfFork };
  });

const pullRequests = z.object({ values: z.array(pullRequest) });

const reviewersOf = z.object({
  reviewers: z.array(z.object({ uuid: z.string() })).nullish(),
});

function stateOf(
  state: 'OPEN' | 'MERGED' | 'DECLINED' | 'SUPERSEDED',
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

export const readBitbucketCloudRefusal: ReadRefusal = (status, words) =>
  status === 400 && /no changes|nothing to/i.test(words)
    ? 'nothing-to-merge'
    : undefined;

/** bitbucket.org. It lets two pull requests of one branch be open. */
export class BitbucketCloudForge implements Forge {
  readonly capabilities = forgeCapabilities('bitbucketCloud');
  readonly #http: ForgeHttp;
  readonly #path: string;

  constructor(http: ForgeHttp, { path }: RepositoryPlace) {
    this.#http = http;
    this.#path = `${path}/pullrequests`;
  }

  async find({ head, base, signal }: FindPullRequests) {
    const { values } = await this.#http.ask(
      {
        method: 'GET',
        path: this.#path,
        query: [
          [
            'q',
            `source.branch.name=${quote(
              head,
            )} AND destination.branch.name=${quote(base)}`,
          ],
          ['state', 'OPEN'],
          ['state', 'MERGED'],
          ['state', 'DECLINED'],
          ['state', 'SUPERSEDED'],
          ['sort', '-created_on'],
          ['pagelen', '10'],
        ],
        does: 'looking for a pull request',
        signal,
      },
      pullRequests,
    );
    return values.filter(({ isOfFork }) => !isOfFork).map(({ found }) => found);
  }

  async create({ title, body, head, base, draft, signal }: NewPullRequest) {
    const { found } = await this.#http.ask(
      {
        method: 'POST',
        path: this.#path,
        body: {
          title,
          description: body,
          source: { branch: { name: head } },
          destination: { branch: { name: base } },
          close_source_branch: true,
          draft,
        },
        does: 'opening a pull request',
        signal,
      },
      pullRequest,
    );
    return found;
  }

  /** Reviewers that are left out are taken away. */
  async update(
    { number }: ForgePullRequest,
    { title, body }: PullRequestText,
    { signal }: ForgeRequestOptions = {},
  ) {
    const path = `${this.#path}/${number}`;
    const does = `changing pull request ${number}`;
    const { reviewers } = await this.#http.ask(
      { method: 'GET', path, does, signal },
      reviewersOf,
    );
    await this.#http.send({
      method: 'PUT',
      path,
      body: {
        title,
        description: body,
        reviewers: reviewers?.map(({ uuid }) => ({ uuid })) ?? [],
      },
      does,
      signal,
    });
  }

  async close(
    { number }: ForgePullRequest,
    { signal }: ForgeRequestOptions = {},
  ) {
    await this.#http.send({
      method: 'POST',
      path: `${this.#path}/${number}/decline`,
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
      path: `${this.#path}/${number}/comments`,
      body: { content: { raw: text } },
      does: `commenting on pull request ${number}`,
      signal,
    });
  }

  async addLabels(): Promise<void> {
    throw unsupported(this.capabilities, 'labels');
  }

  async requestReviewers(): Promise<void> {
    throw unsupported(this.capabilities, 'names of reviewers');
  }

  async enableAutoMerge(): Promise<void> {
    throw unsupported(this.capabilities, 'auto-merge');
  }

  async cancelAutoMerge(): Promise<void> {
    throw unsupported(this.capabilities, 'auto-merge');
  }
}

/** A text in Bitbucket's language of queries. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
