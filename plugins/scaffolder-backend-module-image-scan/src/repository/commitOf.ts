import type { Config } from '@backstage/config';
import { ConflictError, InputError } from '@backstage/errors';
import {
  type GitWorkTree,
  renderCommitMessage,
  type ResolvedImage,
} from 'backstage-plugin-image-scan-node';
import type { Change } from '../report';

const DEFAULT_MESSAGE = 'Update images\n\n{{ images }}';
const DEFAULT_AUTHOR = {
  name: 'Image Scan for Backstage',
  email: 'image-scan@backstage.invalid',
};

/** The input `commit` of the action. */
export interface CommitInput {
  message?: string;
  author?: { name: string; email: string };
  branch?: string;
  push?: boolean;
}

/** Whether a commit is pushed. */
export function isPushed({ push = true }: CommitInput): boolean {
  return push;
}

/** The branch that a commit is for. */
export function branchOf(
  { branch }: CommitInput,
  workTree: GitWorkTree,
): string {
  const chosen = branch ?? workTree.branch;
  if (chosen === undefined) {
    throw new InputError(
      'commit.branch: the clone is at no branch, so name the one to write to',
    );
  }
  return chosen;
}

/** The message, whose variables are those of a `messageTemplate`. */
export function messageOf(
  { message = DEFAULT_MESSAGE }: CommitInput,
  context: {
    gitRepo: string;
    branch: string;
    changes: readonly Change[];
    imageOf: (change: Change) => ResolvedImage | undefined;
  },
): string {
  const { imageOf, changes, ...rest } = context;
  return renderCommitMessage(message, {
    ...rest,
    changes: changes.map(change => ({
      ...change,
      // Scans of one name may choose different images in different folders.
      imageScanId: JSON.stringify([change.tagName, imageOf(change)]),
    })),
  });
}

/** As the step says, else `scaffolder.defaultAuthor`. */
export function authorOf(
  { author }: CommitInput,
  config: Config,
): { name: string; email: string } {
  const of = (field: 'name' | 'email') =>
    config.getOptionalString(`scaffolder.defaultAuthor.${field}`) ??
    DEFAULT_AUTHOR[field];
  return author ?? { name: of('name'), email: of('email') };
}

/** `org/repo` of its URL, where no git repo is named. */
export function repositoryName(url: string): string {
  return new URL(url).pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
}

/** Of a push to another branch than the one that is cloned, which is never forced. */
export function wouldLoseCommits(
  url: string,
  branch: string,
  own: string | undefined,
): Error {
  return new ConflictError(
    `commit.branch: ${branch} of ${url} has commits that ${
      own ?? 'the clone'
    } does not have, and they would be lost; nothing was written. Name another branch, or delete this one`,
  );
}
