import type { ManifestText } from '../markers/manifestText';
import type { CommentStyle, DocumentFacts, Value } from './tree';
import type { UnwatchedReason } from './types';

/** Comments that tell a tool what to do, which only reads them as they are. */
const STEERING =
  /\$imagescan|\$imagepolicy|\$openapi|\$ref|kpt-set|renovate:|yamllint|noqa|nosemgrep|checkov:|kics|pragma|x-release-please|@schema|prettier-ignore|trivy:/i;

/** An action that prints nothing on the line above it, whatever it trims. */
const SILENT_ACTION =
  /^\{\{-[ \t]*(?:(?:if|else|end|with|range|define)\b[^}]*|\/\*[^{}]*\*\/[ \t]*)(?<!-)\}\}[ \t\r]*$/;

const OWN_LINE_ACTION =
  /^\{\{-[^}]*\bnindent[ \t]+\d+[ \t]*(?:-[ \t]*)?\}\}[ \t\r]*$/;

/** Bytes of a line of template that are looked at; a longer one may print anything. */
const MAX_ACTION_BYTES = 1024;

/** Why no marker can be put behind a value as it stands there. */
export function obstacleAt(
  manifest: ManifestText,
  { aliases, isJson }: DocumentFacts,
  value: Value,
): UnwatchedReason | undefined {
  if (value.kind === 'alias') {
    return 'alias';
  }
  if (value.touchesTemplate) {
    return 'template';
  }
  if (value.kind === 'block' || value.isMultiLine) {
    return 'embedded-text';
  }
  if (isJson) {
    return 'json';
  }
  if (value.kind === 'empty' || value.isCrowded) {
    return 'flow-line';
  }
  if (value.anchor !== undefined && aliases.has(value.anchor)) {
    return 'anchor-shared';
  }
  if (value.comment) {
    const { start, end } = value.comment;
    return manifest.raw.slice(start, end).includes('$imagepolicy')
      ? 'watched-by-flux'
      : 'comment-in-the-way';
  }
  return isGlued(manifest, value.insertAt) ? 'glued-template' : undefined;
}

/**
 * Whether the next action takes the line end away, so that what it prints would become
 * part of the comment.
 */
function isGlued({ raw }: ManifestText, from: number): boolean {
  let at = raw.indexOf('\n', from);
  while (at !== -1 && at < raw.length && ' \t\r\n'.includes(raw[at])) {
    at += 1;
  }
  if (at === -1 || !raw.startsWith('{{-', at)) {
    return false;
  }
  const text = raw.slice(at, at + MAX_ACTION_BYTES);
  const [line] = text.split('\n', 1);
  return !SILENT_ACTION.test(line) && !OWN_LINE_ACTION.test(line);
}

/** A comment that stays, inside the marker: what a person noted there. */
export function noteIn(
  { raw }: ManifestText,
  { comment }: Value,
): string | undefined {
  if (!comment) {
    return undefined;
  }
  const text = raw.slice(comment.start, comment.end);
  return STEERING.test(text) ? undefined : text.replace(/^#+/, '').trim();
}

/** What stands between a value and its marker: as the other comments of the file have it. */
export function blanksBefore(
  { behindText, behindTwoBlanks }: CommentStyle,
  lintConfig: string | undefined,
): ' ' | '  ' {
  if (behindText > 0) {
    return behindText === behindTwoBlanks ? '  ' : ' ';
  }
  return lintConfig !== undefined && wantsTwoBlanks(lintConfig) ? '  ' : ' ';
}

/** Whether yamllint asks for two, which is its default. */
function wantsTwoBlanks(config: string): boolean {
  const [, least] = /min-spaces-from-content:[ \t]*(\d+)/.exec(config) ?? [];
  if (least !== undefined) {
    return Number(least) >= 2;
  }
  return (
    /extends:[ \t]*["']?default/.test(config) &&
    !/^[ \t]*comments:[ \t]*disable/m.test(config)
  );
}
