export {
  checkMessageTemplate,
  renderCommitMessage,
} from 'backstage-plugin-image-scan-node';

/** The trailer that names the person who asked for a commit. */
const REQUESTER = 'Requested-by';

const NAMES_REQUESTER = new RegExp(`^${REQUESTER}:`, 'i');

/** A line of the last paragraph that git takes for a trailer. */
const TRAILER = /^[A-Za-z0-9-]+: /;

/**
 * Names the person who asked for a commit in a trailer, in place of whomever the
 * message names there: what is edited comes with the name, and must not bear another.
 */
export function nameRequester(message: string, person: string): string {
  const kept = message
    .split('\n')
    .filter(line => !NAMES_REQUESTER.test(line))
    .join('\n')
    .trimEnd();
  const paragraphs = kept.split(/\n{2,}/);
  const last = paragraphs[paragraphs.length - 1];
  const endsInTrailers =
    paragraphs.length > 1 && last.split('\n').every(line => TRAILER.test(line));
  return `${kept}${endsInTrailers ? '\n' : '\n\n'}${REQUESTER}: ${person}`;
}
