import type { UnwatchedReason } from './types';

const WHY: Record<UnwatchedReason, string> = {
  template: 'the value holds or touches a template action',
  'glued-template':
    'the template action on the next line takes the line end away, so what it prints would become part of the comment',
  substitution: 'something else is put in for the value',
  placeholder: 'the value is a placeholder',
  'not-an-image': 'the value is no image',
  'no-tag': 'the value has no tag',
  'no-policy': 'its tag has no order',
  'chart-default': 'the value is empty, and the chart decides',
  'bare-digest': 'the value is a digest alone',
  'image-unknown': 'it is not known of which image the tag is',
  alias:
    'the value is an alias; put the marker behind the value with the anchor',
  'anchor-shared':
    'other places use the value by its anchor and would change too',
  'flow-line':
    'other text follows the value on its line; give the value a line of its own',
  'embedded-text': 'the value is a text of several lines',
  joined: 'the value holds more than an image',
  json: 'the file is JSON, which has no comments',
  'comment-in-the-way':
    'there is a comment on the line that tells a tool what to do',
  'watched-by-flux': 'Flux writes the value',
  overridden: 'a kustomization sets another tag',
  'built-here': 'the image is built here',
  generated: 'a program writes the file',
};

/** Why an image cannot be taken, as the end of a sentence after "because". @public */
export function explainReason(reason: UnwatchedReason): string {
  return WHY[reason];
}
