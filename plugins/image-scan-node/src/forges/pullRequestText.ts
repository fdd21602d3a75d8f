import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import { renderCommitMessage } from '../commitMessage';
import type { ForgeCapabilities, PullRequestText } from './Forge';
import { code, linkTarget, oneLine } from './markdown';

/** What a pull request can tell. @public */
export interface PullRequestContext {
  /** Name of the git repo. */
  gitRepo: string;
  /** The branch that it asks to be merged into. */
  base: string;
  /** At least one. */
  changes: readonly UpdateChange[];
  /** One line with the variables of a `messageTemplate`. */
  titleTemplate: string;
  /** By imageScanId: the image as its definition spells it, and why its tag was chosen. */
  scans: ReadonlyMap<string, { image: string; reason?: string }>;
  /** Where people look at the git repo in Backstage. */
  page?: URL;
}

/** More are counted in a comment. */
const MOST_TOLD = 50;

const COLUMNS = ['Image', 'From', 'To', 'File', 'Why'];

/**
 * Title and body of a pull request in Markdown, within what its forge can hold: rows that
 * do not fit are counted in place of being shown. Nothing in a name, tag, path or reason
 * is read as Markdown.
 *
 * @throws InputError for a template with unknown variables
 * @public
 */
export function renderPullRequest(
  context: PullRequestContext,
  { titleLength, bodyLength }: ForgeCapabilities,
): PullRequestText {
  return {
    title: renderTitle(context, titleLength),
    body: renderBody(context, bodyLength),
  };
}

/**
 * A comment, in Markdown, that tells of values that are not written because others have
 * committed to the branch.
 *
 * @public
 */
export function renderNewerValues(
  values: readonly Pick<UpdateChange, 'file' | 'to'>[],
): string {
  const left = values.length - MOST_TOLD;
  return [
    'Others have committed to this branch, so it is left as it is. Newer by now:',
    '',
    ...values
      .slice(0, MOST_TOLD)
      .map(({ file, to }) => `- ${code(to)} in ${code(file)}`),
    ...(left > 0 ? ['', `… and ${left} more.`] : []),
  ].join('\n');
}

function renderTitle(
  { titleTemplate, gitRepo, base, changes }: PullRequestContext,
  longest: number,
): string {
  const title = oneLine(
    renderCommitMessage(titleTemplate, { gitRepo, branch: base, changes }),
  );
  return title.length <= longest
    ? title || 'Update images'
    : `${wholeCharacters(title, longest - 1)}…`;
}

function renderBody(context: PullRequestContext, longest: number): string {
  const { changes, gitRepo, base } = context;
  const start = [
    `Newer images for ${code(gitRepo)}, to be merged into ${code(base)}:`,
    '',
    `| ${COLUMNS.join(' | ')} |`,
    `|${' --- |'.repeat(COLUMNS.length)}`,
  ].join('\n');
  const end = `\n\n${notes(context).join('\n')}`;
  const more = (left: number) =>
    left > 0
      ? `\n\n… and ${left} more, all of which the changed files show.`
      : '';
  let table = start;
  for (const [shown, change] of changes.entries()) {
    const longer = `${table}\n${row(context, change)}`;
    const left = changes.length - shown - 1;
    if (longer.length + more(left).length + end.length > longest) {
      return `${table}${more(left + 1)}${end}`;
    }
    table = longer;
  }
  return `${table}${end}`;
}

function row(
  { scans }: PullRequestContext,
  { imageScanId, tagName, from, to, file, line }: UpdateChange,
): string {
  const scan = scans.get(imageScanId);
  const cells = [
    code(scan?.image ?? tagName),
    code(from),
    code(to),
    code(`${file}:${line}`),
    scan?.reason ? code(scan.reason) : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

function notes({ page }: PullRequestContext): string[] {
  return [
    'Newer tags rebuild this branch as long as nobody else commits to it. Closing this pull request without merging it declines these values; newer ones come in another.',
    ...(page
      ? ['', `[All scans of this repository](${linkTarget(page)})`]
      : []),
  ];
}

/** The first part of a text, which ends with no half of a character. */
function wholeCharacters(text: string, longest: number): string {
  return text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
}
