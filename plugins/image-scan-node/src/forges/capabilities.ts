import type { AutoMergeMethod, ForgeCapabilities, ForgeType } from './Forge';

/** What is known of a kind of forge before any is asked. */
interface ForgeKind extends ForgeCapabilities {
  /** The least that its credential must be allowed, in a sentence. */
  rights: string;
}

/**
 * The body lengths leave room below what the forges document; those of titles are what
 * their databases hold.
 */
const FORGE_KINDS: Readonly<Record<ForgeType, ForgeKind>> = {
  github: {
    name: 'GitHub',
    labels: true,
    reviewers: ['user', 'team'],
    autoMerge: ['merge', 'squash', 'rebase'],
    titleLength: 255,
    bodyLength: 58_000,
    rights:
      'A GitHub App or fine-grained token needs the repository permissions Contents and Pull requests, both read and write, Issues for labels, and the organisation permission Members to ask teams for reviews; a classic token needs the scope repo',
  },
  gitlab: {
    name: 'GitLab',
    labels: true,
    reviewers: ['user'],
    // Whether it rebases is set for the project, not for one merge request.
    autoMerge: ['merge', 'squash'],
    titleLength: 255,
    bodyLength: 1_000_000,
    rights: 'The token needs the scope api and the role Developer',
  },
  gitea: {
    name: 'Gitea or Forgejo',
    labels: true,
    reviewers: ['user', 'team'],
    autoMerge: ['merge', 'squash', 'rebase'],
    titleLength: 255,
    bodyLength: 1_000_000,
    rights:
      'The token needs the scopes write:repository and write:issue, and its account must be allowed to write to the repository',
  },
  bitbucketCloud: {
    name: 'Bitbucket Cloud',
    labels: false,
    reviewers: [],
    autoMerge: [],
    titleLength: 255,
    bodyLength: 250_000,
    rights:
      'The token needs the scopes to read and write repositories and pull requests',
  },
  bitbucketServer: {
    name: 'Bitbucket Data Center',
    labels: false,
    reviewers: ['user'],
    autoMerge: ['merge', 'squash', 'rebase'],
    titleLength: 255,
    bodyLength: 30_000,
    rights:
      'The token needs the permission Repository read to open pull requests, and Repository write to push and to merge',
  },
  azure: {
    name: 'Azure DevOps',
    labels: true,
    reviewers: [],
    autoMerge: ['merge', 'squash', 'rebase'],
    titleLength: 400,
    bodyLength: 4_000,
    rights: 'The token needs the scope Code (read and write)',
  },
};

/** What a kind of forge can do. @public */
export function forgeCapabilities(type: ForgeType): ForgeCapabilities {
  const { rights: _, ...capabilities } = FORGE_KINDS[type];
  return capabilities;
}

/** The least that a credential must be allowed, in a sentence without its full stop. */
export function neededRights(type: ForgeType): string {
  return FORGE_KINDS[type].rights;
}

/** What is wanted of pull requests beside title and body. @public */
export interface PullRequestWishes {
  labels: readonly string[];
  /** Names, and teams as `team:name`. */
  reviewers: readonly string[];
  autoMerge?: AutoMergeMethod;
}

/**
 * What a kind of forge cannot do of what is wanted.
 *
 * @returns a sentence for each such field, which begins with its name; empty where all of
 * it can be done
 * @public
 */
export function explainUnsupported(
  type: ForgeType,
  { labels, reviewers, autoMerge }: PullRequestWishes,
): string[] {
  const forge = FORGE_KINDS[type];
  const teams = reviewers.filter(isTeam);
  return [
    ...(labels.length > 0 && !forge.labels
      ? [`labels: pull requests of ${forge.name} have none; leave labels out`]
      : []),
    ...(reviewers.length > 0 && forge.reviewers.length === 0
      ? [
          `reviewers: ${forge.name} does not take names of reviewers; leave reviewers out, and let it add its default reviewers`,
        ]
      : []),
    ...(teams.length > 0 &&
    forge.reviewers.length > 0 &&
    !forge.reviewers.includes('team')
      ? [
          `reviewers: ${
            forge.name
          } takes users, not teams; leave out ${teams.join(', ')}`,
        ]
      : []),
    ...(autoMerge !== undefined && !forge.autoMerge.includes(autoMerge)
      ? [explainAutoMerge(forge, autoMerge)]
      : []),
  ];
}

function explainAutoMerge(
  { name, autoMerge }: ForgeKind,
  wanted: AutoMergeMethod,
): string {
  return autoMerge.length === 0
    ? `autoMerge: ${name} cannot merge by itself; leave autoMerge out`
    : `autoMerge: ${name} does not take ${wanted}; write ${autoMerge.join(
        ' or ',
      )}`;
}

const TEAM_PREFIX = 'team:';

function isTeam(reviewer: string): boolean {
  return reviewer.startsWith(TEAM_PREFIX);
}

/** Users and teams apart, teams without their prefix. */
export function splitReviewers(reviewers: readonly string[]): {
  users: string[];
  teams: string[];
} {
  return {
    users: reviewers.filter(name => !isTeam(name)),
    teams: reviewers.filter(isTeam).map(name => name.slice(TEAM_PREFIX.length)),
  };
}
