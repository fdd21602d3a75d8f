import { makeFieldSchema } from '@backstage/plugin-scaffolder-react';

/** What the field returns, and what a template can set in `ui:options`. */
export const imageScanPickerSchema = makeFieldSchema({
  output: z =>
    z.object({
      gitRepo: z
        .string()
        .describe('Name of the git repo, for the input gitRepo of the actions'),
      tagNames: z
        .array(z.string())
        .optional()
        .describe('The chosen image scans; absent for all of the git repo'),
    }),
  uiOptions: z =>
    z.object({
      onlyGitRepo: z
        .boolean()
        .optional()
        .describe(
          'Do not offer the image scans: for image-scan:rewrite, which takes all',
        ),
    }),
});

/** The props of the field. */
export type ImageScanPickerProps = typeof imageScanPickerSchema.TProps;

/** The value of the field. */
export type PickedImageScans = typeof imageScanPickerSchema.TOutput;
