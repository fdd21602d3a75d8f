import type { z as zod } from 'zod/v3';

/** Places and images that one step names. */
const MAX_CHOICES = 1_000;

/** What `image-scan:adopt` takes. */
export const adoptInput = {
  path: (z: typeof zod) =>
    z
      .string()
      .optional()
      .describe(
        'Folder of the workspace that holds the root of the repository. Default: the workspace',
      ),
  images: (z: typeof zod) =>
    z
      .array(
        z.object({
          file: z
            .string()
            .min(1)
            .optional()
            .describe('From the workspace, as in the outputs'),
          line: z.number().int().min(1).optional(),
          image: z
            .string()
            .min(1)
            .optional()
            .describe('Without a tag or digest, as it is written'),
        }),
      )
      .max(MAX_CHOICES)
      .optional()
      .describe(
        'Only these: each with a file and line, or an image, which may be narrowed by a file. Default: all that can be taken and are not likely to be a test',
      ),
  dryRun: (z: typeof zod) =>
    z
      .boolean()
      .optional()
      .describe('Show the diff in the log and write nothing'),
};

/** What it says. */
export const adoptOutput = {
  found: (z: typeof zod) =>
    z
      .array(
        z.object({
          ...placeOf(z),
          shape: z.string().describe('What it stands in, such as workload'),
          image: z.string().optional(),
          tag: z.string().optional(),
          digest: z.string().optional(),
          take: z.boolean().describe('Whether it can be taken'),
          ticked: z
            .boolean()
            .describe('Whether it is taken where images names none'),
        }),
      )
      .describe('The images that no marker watched, at most 5,000 of them'),
  taken: (z: typeof zod) =>
    z
      .array(
        z.object({
          ...placeOf(z),
          image: z.string(),
          tag: z.string().describe('In use'),
          tagName: z.string(),
          form: z.enum(['image', 'name', 'tag', 'digest']),
          rule: z
            .object({
              policy: z.object({
                semver: z
                  .object({
                    range: z.string(),
                    strict: z.boolean().optional(),
                    maxStep: z.enum(['patch', 'minor', 'major']).optional(),
                  })
                  .optional(),
                alphabetical: orderOf(z),
                numerical: orderOf(z),
                newest: z.object({}).optional(),
              }),
              filterTags: z
                .object({
                  pattern: z.string().optional(),
                  extract: z.string().optional(),
                })
                .optional(),
              exclusionList: z.array(z.string()).optional(),
            })
            .describe('As imagescans.yaml has it'),
        }),
      )
      .describe(
        'The images that were taken into care, or would be in a dry run',
      ),
  notTaken: (z: typeof zod) =>
    z
      .array(
        z.object({
          ...placeOf(z),
          image: z.string().optional(),
          tag: z.string().optional(),
          reason: z.string().describe('A word, such as no-tag'),
          message: z.string(),
        }),
      )
      .describe('The others, and why; at most 5,000 of them'),
  diff: (z: typeof zod) =>
    z
      .string()
      .describe(
        'What was written, or would be in a dry run, at most 100,000 characters of it',
      ),
  changedFiles: (z: typeof zod) =>
    z
      .array(z.string())
      .describe('The files that changed or are new, from the workspace'),
};

function placeOf(z: typeof zod) {
  return {
    file: z.string().describe('From the workspace'),
    line: z.number().int(),
  };
}

function orderOf(z: typeof zod) {
  return z.object({ order: z.enum(['asc', 'desc']).optional() }).optional();
}
