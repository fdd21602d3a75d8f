import { imageScanStates } from 'backstage-plugin-image-scan-common';
import type { z as zod } from 'zod/v3';

/** What the actions registry builds schemas with. */
type Z = typeof zod;

const forms = ['image', 'name', 'tag', 'digest'] as const;

const states = [imageScanStates[0], ...imageScanStates.slice(1)] as const;

/** Parts of schemas that several actions share. */
export const inputs = {
  imageScanId: (z: Z) =>
    z
      .string()
      .describe('The id of an image scan, as list-image-scans gives it'),
  limit: (z: Z) =>
    z
      .number()
      .int()
      .min(1)
      .max(500)
      .optional()
      .describe('How many items to answer at most; default 50'),
  offset: (z: Z) =>
    z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('How many items to leave out in front'),
  state: (z: Z) => z.enum(states),
};

/** Something in a repository that does nothing, and why. */
export const problemSchema = (z: Z) =>
  z.object({
    file: z.string(),
    line: z.number().optional(),
    tagName: z.string().optional(),
    message: z.string(),
  });

/** One value that an update writes. */
export const changeSchema = (z: Z) =>
  z.object({
    file: z.string(),
    line: z.number(),
    tagName: z.string(),
    imageScanId: z.string(),
    form: z.enum(forms),
    from: z.string(),
    to: z.string(),
  });

/** What an update does for one scan. */
export const updateScanSchema = (z: Z) =>
  z.object({
    imageScanId: z.string(),
    tagName: z.string(),
    path: z.string(),
    from: z.string().optional().describe('The tag in git'),
    to: z.string().optional().describe('The tag that is wanted'),
    change: z.enum(['major', 'minor', 'patch', 'digest', 'other']).optional(),
    values: z.number().describe('How many values are written'),
    goesBack: z
      .string()
      .optional()
      .describe('Why it is a step back, where it is written all the same'),
    holdsAfterwards: z
      .boolean()
      .optional()
      .describe('The scan is held at it afterwards'),
    notWritten: z
      .object({
        cause: z.enum([
          'suspended',
          'no-result',
          'decision',
          'downgrade',
          'values',
          'unchanged',
          'changed',
        ]),
        reason: z.string(),
        decision: z.object({ id: z.string(), kind: z.string() }).optional(),
      })
      .optional()
      .describe(
        'Why nothing is written: allowDowngrade lifts downgrade, the id of the decision in release lifts decision',
      ),
  });

/** What is known of an image scan in short. */
export const imageScanSummarySchema = (z: Z) =>
  z.object({
    id: z.string().describe('Stands for the image scan in other actions'),
    gitRepo: z.string(),
    path: z.string().describe('Folder of its definition in the git repo'),
    tagName: z.string(),
    image: z.string(),
    policy: z.object({
      semver: z
        .object({
          range: z.string(),
          strict: z
            .boolean()
            .optional()
            .describe('Only versions of three numbers compete'),
          maxStep: z
            .enum(['patch', 'minor', 'major'])
            .optional()
            .describe('How far a version may be from those in git'),
        })
        .optional(),
      alphabetical: z
        .object({ order: z.enum(['asc', 'desc']).optional() })
        .optional(),
      numerical: z
        .object({ order: z.enum(['asc', 'desc']).optional() })
        .optional()
        .describe('asc takes the largest number, desc the smallest'),
      newest: z
        .object({})
        .optional()
        .describe('The tag that appeared last in the list'),
    }),
    filterTags: z
      .object({
        pattern: z.string().optional(),
        extract: z.string().optional(),
      })
      .optional()
      .describe('Which tags compete, and what of them is compared'),
    exclusionList: z
      .array(z.string())
      .optional()
      .describe('Patterns of tags that never compete'),
    state: inputs
      .state(z)
      .describe(
        'update-available: git has another tag than the policy chooses; held: the choice goes back, so a person must release it; unknown: no result, an old one, or no marker',
      ),
    suspend: z.boolean(),
    currentTag: z
      .string()
      .optional()
      .describe('The tag in git, where all markers agree'),
    latestTag: z.string().optional().describe('The tag that the policy chose'),
    change: z.enum(['major', 'minor', 'patch', 'digest', 'other']).optional(),
    lastScanTime: z.string().optional().describe('ISO 8601'),
    error: z
      .object({
        message: z.string(),
        time: z.string(),
        retryTime: z.string().optional(),
      })
      .optional()
      .describe('Why the registry could not be scanned'),
  });

/** What somebody decided. */
export const decisionSchema = (z: Z) =>
  z.object({
    id: z.string().describe('Stands for the decision in other actions'),
    kind: z
      .enum(['hold', 'skip', 'rollback', 'chosen', 'declined'])
      .describe(
        'hold: nothing is written; rollback: somebody took values back in git, so nothing is written; skip and declined: that tag is not written; chosen: the tag was chosen by hand',
      ),
    gitRepo: z.string().optional().describe('Absent for everything'),
    imageScanId: z.string().optional().describe('Absent for a whole git repo'),
    path: z.string().optional(),
    tagName: z.string().optional(),
    image: z.string().optional(),
    tag: z.string().optional(),
    reason: z.string().optional(),
    by: z.string().describe('Who decided; git where it was noticed there'),
    time: z.string().describe('ISO 8601'),
    until: z.string().optional().describe('When it ends by itself, ISO 8601'),
    ended: z
      .object({
        by: z.string(),
        time: z.string(),
        how: z.enum(['released', 'expired', 'in-git', 'redefined', 'replaced']),
        reason: z.string().optional(),
      })
      .optional(),
    rollback: z
      .object({
        places: z.array(
          z.object({
            file: z.string(),
            line: z.number(),
            form: z.enum(forms),
            before: z.string(),
            after: z.string(),
          }),
        ),
        headBefore: z.string().optional(),
        headAfter: z.string(),
        morePlaces: z.number().optional().describe('How many there are beside'),
        commit: z.string().optional().describe('The commit that did it'),
        commitUrl: z.string().optional(),
        author: z
          .string()
          .optional()
          .describe('Who made the commit, as it says itself'),
        subject: z
          .string()
          .optional()
          .describe('First line of its message, as its author wrote it'),
        isBranchMoved: z
          .boolean()
          .optional()
          .describe('The head before is not behind the head after'),
        compareUrl: z.string().optional(),
      })
      .optional(),
    underway: z
      .array(z.string())
      .optional()
      .describe('Commits that were announced before, so that they may arrive'),
    isGone: z
      .boolean()
      .optional()
      .describe('Its git repo or image scan is not there now; it waits'),
  });

/** All that is known of an image scan. */
export const imageScanSchema = (z: Z) =>
  imageScanSummarySchema(z).extend({
    interval: z.number().describe('Milliseconds between two scans'),
    minimumAge: z
      .number()
      .optional()
      .describe('Milliseconds that a tag must be known before it is chosen'),
    platforms: z
      .array(z.string())
      .optional()
      .describe('Which the image must have, such as linux/arm64'),
    secretRef: z.object({ name: z.string() }).optional(),
    latestImage: z.string().optional(),
    latestDigest: z.string().optional(),
    nextScanTime: z.string().optional().describe('ISO 8601'),
    staleSince: z.string().optional().describe('ISO 8601'),
    held: z
      .object({
        from: z.string(),
        to: z.string(),
        reason: z.string(),
        decision: z
          .object({ id: z.string(), kind: z.string() })
          .optional()
          .describe('What somebody decided; absent where the choice goes back'),
      })
      .optional(),
    decisions: z
      .array(decisionSchema(z))
      .describe(
        'What is active on it; it need not hold anything now. Their ids go into release of update-git-repo',
      ),
    waiting: z
      .object({ tag: z.string(), until: z.string() })
      .optional()
      .describe(
        'A better tag, or a newer digest of the same, and when it is old enough',
      ),
    updateError: z
      .object({
        message: z.string(),
        time: z.string(),
        retryTime: z.string().optional(),
      })
      .optional()
      .describe('Why the last update of its git repo failed'),
    lastUpdate: z
      .object({
        commit: z.string(),
        url: z.string().optional(),
        time: z.string(),
      })
      .optional(),
    markers: z
      .array(
        z.object({
          file: z.string(),
          line: z.number(),
          form: z.enum(forms),
          current: z.string(),
          desired: z.string().optional(),
        }),
      )
      .describe('Where in the git repo the chosen image is written'),
    problems: z.array(problemSchema(z)),
    warnings: z.array(z.string()),
  });
