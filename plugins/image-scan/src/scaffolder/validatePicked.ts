import type { PickedImageScans } from './schema';

/**
 * Refuses a form without a git repo. The form gives a field of type object the value
 * `{}` from the start, so `required` alone does not see that nothing was chosen.
 */
export function validatePicked(
  picked: Partial<PickedImageScans> | undefined,
  field: { addError(message: string): void },
): void {
  if (!picked?.gitRepo) {
    field.addError('Choose a git repository');
  }
}
