import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

/** Steps to copy; each of them is run as a test. */
export const examples: TemplateExample[] = [
  {
    description: 'Write all new images of a git repo and push the commit',
    example: stringify({
      steps: [
        {
          id: 'update',
          name: 'Update images',
          action: 'image-scan:update',
          input: { gitRepo: 'my-repo' },
        },
      ],
    }),
  },
  {
    description:
      'Write the images of some scans, also where a tag goes back, with a message of its own',
    example: stringify({
      steps: [
        {
          id: 'update',
          name: 'Update images',
          action: 'image-scan:update',
          input: {
            gitRepo: 'my-repo',
            tagNames: ['web', 'worker'],
            message: 'Go back to the last good release',
            allowDowngrade: true,
          },
        },
      ],
    }),
  },
  {
    description: 'Show in the log what would be written, and write nothing',
    example: stringify({
      steps: [
        {
          id: 'preview',
          name: 'Preview the update',
          action: 'image-scan:update',
          input: { gitRepo: 'my-repo', dryRun: true },
        },
      ],
    }),
  },
  {
    description:
      'Show a preview in the log, then write exactly that, or fail where something changed',
    example: stringify({
      steps: [
        {
          id: 'preview',
          name: 'Preview the update',
          action: 'image-scan:update',
          input: { gitRepo: 'my-repo', dryRun: true },
        },
        {
          id: 'update',
          name: 'Update images',
          action: 'image-scan:update',
          input: {
            gitRepo: 'my-repo',
            plan: '${{ steps.preview.output.plan }}',
          },
        },
      ],
    }),
  },
];
