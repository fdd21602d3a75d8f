import type { MarkerProblem } from '../types';
import type { TokenKind } from './TokenReader';

/** Why a marker cannot stand where it stands. */
export type Misplacement = Pick<MarkerProblem, 'code' | 'message'>;

const OWN_LINE: Misplacement = {
  code: 'not-a-marker',
  message:
    'The marker stands on a line of its own, where it marks nothing. Put it behind the value, on the same line.',
};

const EMPTY = notAValue(
  'The marker stands behind a key or a dash that has no value on this line. Put it behind the value itself.',
);

const COLLECTION = notAValue(
  'The marker stands behind a map or list in braces or brackets, and only single values are rewritten. Put each value on a line of its own and the marker behind it.',
);

const OPEN_COLLECTION = notAValue(
  'The marker stands behind an opening bracket or a comma and not behind a value. Put it behind the value, on the same line.',
);

const ALIAS = notAValue(
  'The marker stands behind an alias, whose value is written elsewhere. Put it behind the value with the anchor.',
);

const BLOCK_SCALAR = notAValue(
  'The marker stands behind the header of a block text, and block texts are not rewritten. Write the value on the line of its key.',
);

const BLOCK_TEXT: Misplacement = {
  code: 'not-a-marker',
  message:
    'The text $imagescan is part of a block text and not of a comment, and block texts are not rewritten. Move the value out of the text, or into a file of its own.',
};

const UNCLEAR = notAValue(
  'It is not clear which value the marker stands behind, because the line is not valid YAML. Mend the line.',
);

/** The marked scalar is a key. */
export const KEY = notAValue(
  'The marker stands behind a key, and keys are not rewritten. Put it behind the value of the key.',
);

/** The marked scalar is all of its document. */
export const ROOT = notAValue(
  'The marker stands behind a text that is the whole document, and only values of keys and list items are rewritten.',
);

/** A quote in front of the marker is closed behind it. */
export const IN_OPEN_QUOTE = notAValue(
  'A quoted text that begins on a line above is not closed before the marker, or not indented far enough, so the marker may be part of that text. Close the quote or indent the text.',
);

/** The value is text of a template, or joined to one. */
export const TEMPLATE: Misplacement = {
  code: 'template',
  message:
    'The value holds or touches a template action in {{ }}, and what it will be is not known here. Mark a value that is written out, such as one in values.yaml.',
};

/** The explicit type of the value does not go with text. */
export function wrongTag(tag: string): Misplacement {
  return notAValue(
    `The value has the tag ${tag}, so a text written there could not be read again. Remove the tag or write !!str.`,
  );
}

/**
 * Why text with `$imagescan` that is not in a comment does nothing.
 *
 * @param kind - of the token that it is part of
 * @param behindHash - whether a `#` stands in front of it on its line
 */
export function textOutsideComment(
  kind: TokenKind,
  behindHash: boolean,
): Misplacement {
  if (kind === 'block-scalar') {
    return BLOCK_TEXT;
  }
  return {
    code: 'not-a-marker',
    message:
      kind === 'plain-scalar' && behindHash
        ? 'The text $imagescan is part of a value and not of a comment. Put a blank in front of the #.'
        : 'The text $imagescan is part of a value and not of a comment, so it marks nothing.',
  };
}

/** Why text with `$imagescan` in a template comment or action does nothing. */
export const IN_TEMPLATE: Misplacement = {
  code: 'template',
  message:
    'The text $imagescan stands in a template comment or action, so it marks nothing.',
};

/**
 * Why a marker does nothing behind a token that is not a scalar.
 *
 * @param kind - of the token in front of the marker on its line, if there is one
 */
export function behindOther(kind: TokenKind | undefined): Misplacement {
  switch (kind) {
    case undefined:
      return OWN_LINE;
    case 'map-value-ind':
    case 'seq-item-ind':
    case 'explicit-key-ind':
    case 'anchor':
    case 'tag':
    case 'doc-start':
      return EMPTY;
    case 'flow-map-end':
    case 'flow-seq-end':
      return COLLECTION;
    case 'flow-map-start':
    case 'flow-seq-start':
    case 'comma':
      return OPEN_COLLECTION;
    case 'alias':
      return ALIAS;
    case 'block-scalar-header':
      return BLOCK_SCALAR;
    default:
      return UNCLEAR;
  }
}

/** Why a scalar that is neither key nor value of its document is not rewritten. */
export const UNCLEAR_SCALAR = UNCLEAR;

function notAValue(message: string): Misplacement {
  return { code: 'not-a-value', message };
}
