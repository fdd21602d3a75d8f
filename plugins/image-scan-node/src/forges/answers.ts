import { z } from 'zod/v4';

/** A text that may be absent or null; both are read as empty. */
export const optionalText = z
  .string()
  .nullish()
  .transform(text => text ?? '');

/** A text that may be absent, null or empty; all are read as undefined. */
export const optionalName = z
  .string()
  .nullish()
  .transform(text => text || undefined);

/** Without `refs/heads/`. */
export function branchOf(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}
