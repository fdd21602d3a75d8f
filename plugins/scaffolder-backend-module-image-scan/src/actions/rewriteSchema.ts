import type { z as zod } from 'zod/v3';
import { changesOutput, problemsOutput } from './outputs';

/** What `image-scan:rewrite` takes. */
export const rewriteInput = {
  path: (z: typeof zod) =>
    z
      .string()
      .optional()
      .describe(
        'Folder of the workspace to rewrite; with gitRepo the folder that holds the root of the repository. Default: the workspace',
      ),
  gitRepo: (z: typeof zod) =>
    z
      .string()
      .min(1)
      .optional()
      .describe(
        'Take the latest images of this configured git repo. Give this or images',
      ),
  images: (z: typeof zod) =>
    z
      .record(
        z.object({
          image: z.string().describe('Without a tag or digest'),
          tag: z.string(),
          digest: z
            .string()
            .optional()
            .describe('sha256:…, for markers of the form digest'),
        }),
      )
      .optional()
      .describe('The image of each tagName. Give this or gitRepo'),
  repository: (z: typeof zod) =>
    z
      .object({
        url: z.string().min(1).describe('As git clones it over https'),
        branch: z
          .string()
          .min(1)
          .optional()
          .describe('Default: the one that HEAD names'),
      })
      .optional()
      .describe(
        'Clone this repository into the folder first, unless it is there already',
      ),
  commit: (z: typeof zod) =>
    z
      .object({
        message: z
          .string()
          .min(1)
          .optional()
          .describe(
            'With the variables of a messageTemplate, such as {{ images }}',
          ),
        author: z
          .object({ name: z.string().min(1), email: z.string() })
          .optional()
          .describe('Default: scaffolder.defaultAuthor'),
        branch: z
          .string()
          .min(1)
          .optional()
          .describe(
            'Made where it is absent. Default: the branch of the clone',
          ),
        push: z.boolean().optional().describe('Default: true'),
      })
      .optional()
      .describe(
        'Commit what was written, and push it. The folder is a clone then',
      ),
  token: (z: typeof zod) =>
    z
      .string()
      .optional()
      .describe(
        "Of the user, for the repository's host; default the token of the integration",
      ),
};

/** What it says. */
export const rewriteOutput = {
  changes: changesOutput,
  problems: problemsOutput,
  changedFiles: (z: typeof zod) =>
    z
      .array(z.string())
      .describe('The files of the changes, from the workspace'),
  commit: (z: typeof zod) =>
    z
      .string()
      .optional()
      .describe(
        'Id of the commit; absent without the input commit, in a dry run and where nothing had to change',
      ),
  branch: (z: typeof zod) =>
    z.string().optional().describe('The branch that is committed to'),
  remoteUrl: (z: typeof zod) =>
    z
      .string()
      .optional()
      .describe('Where to look at the pushed commit, when that is known'),
};
