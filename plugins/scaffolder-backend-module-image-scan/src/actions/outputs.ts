import type { z as zod } from 'zod/v3';

/** `changes` of `image-scan:update` and `image-scan:rewrite`. */
export function changesOutput(z: typeof zod) {
  return z
    .array(
      z.object({
        file: z.string(),
        line: z.number().int(),
        tagName: z.string(),
        form: z.enum(['image', 'name', 'tag', 'digest']),
        from: z.string(),
        to: z.string(),
      }),
    )
    .describe(
      'The values that were written, or would be in a dry run; empty where nothing had to change',
    );
}

/** `problems` of `image-scan:update` and `image-scan:rewrite`. */
export function problemsOutput(z: typeof zod) {
  return z
    .array(
      z.object({
        file: z.string(),
        line: z.number().int().optional(),
        tagName: z.string().optional(),
        message: z.string(),
      }),
    )
    .describe('Markers and entries that do nothing, and why');
}
