import { InputError } from '@backstage/errors';
import { tagOfMarkerValue } from 'backstage-plugin-image-scan-common';
import type { UpdateChange } from 'backstage-plugin-image-scan-common';

/** What a commit message can tell. @public */
export interface CommitMessageContext {
  /** Name of the git repo. */
  gitRepo: string;
  branch: string;
  changes: readonly UpdateChange[];
}

/**
 * The variables of a `messageTemplate`, by name:
 *
 * - `gitRepo`: name of the git repo
 * - `branch`: the branch written to
 * - `count`: number of changed values
 * - `scans`: tagNames of the changed scans, separated by `, `
 * - `images`: a line for each changed scan, such as `- redis: 7.2.4 -> 7.4.0`
 * - `changes`: a line for each changed value, such as
 *   `- apps/redis.yaml:12 redis: 7.2.4 -> 7.4.0`
 */
const VARIABLES: Readonly<
  Record<string, (context: CommitMessageContext) => string>
> = {
  gitRepo: ({ gitRepo }) => gitRepo,
  branch: ({ branch }) => branch,
  count: ({ changes }) => String(changes.length),
  scans: ({ changes }) =>
    [...new Set(changes.map(({ tagName }) => tagName))].join(', '),
  images: ({ changes }) =>
    [
      ...new Map(
        changes.map(change => [
          change.imageScanId,
          `- ${change.tagName}: ${describeStep(change)}`,
        ]),
      ).values(),
    ].join('\n'),
  changes: ({ changes }) =>
    changes
      .map(
        ({ file, line, tagName, from, to }) =>
          `- ${file}:${line} ${tagName}: ${from} -> ${to}`,
      )
      .join('\n'),
};

/** From tag to tag, or from value to value where only the digest moved. */
function describeStep({ form, from, to }: UpdateChange): string {
  const tags = [from, to].map(value => tagOfMarkerValue(form, value));
  const step =
    tags[0] !== tags[1] && !tags.includes(undefined) ? tags : [from, to];
  return step.join(' -> ');
}

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/**
 * Checks that a template only uses known variables.
 *
 * @throws InputError that names the unknown one and those there are.
 * @public
 */
export function checkMessageTemplate(template: string): void {
  if (template.trim() === '') {
    throw new InputError('a commit message cannot be empty');
  }
  for (const [placeholder, name] of template.matchAll(PLACEHOLDER)) {
    if (!Object.hasOwn(VARIABLES, name.trim())) {
      const known = Object.keys(VARIABLES).join(', ');
      throw new InputError(
        `${placeholder} is not a variable of a commit message; known: ${known}`,
      );
    }
  }
}

/**
 * Fills in a template. Nothing is executed, and a value that itself looks like
 * a variable stays text.
 *
 * @public
 */
export function renderCommitMessage(
  template: string,
  context: CommitMessageContext,
): string {
  checkMessageTemplate(template);
  return template.replace(PLACEHOLDER, (_, name: string) =>
    VARIABLES[name.trim()](context),
  );
}
