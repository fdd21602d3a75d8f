import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

/** Steps to copy; each of them is run as a test. */
export const examples: TemplateExample[] = [
  {
    description:
      'Fetch a repository, take its images into care and open a pull request',
    example: stringify({
      steps: [
        {
          id: 'fetch',
          name: 'Fetch the repository',
          action: 'fetch:plain',
          input: { url: 'https://github.com/org/my-repo/tree/main' },
        },
        {
          id: 'adopt',
          name: 'Take images into care',
          action: 'image-scan:adopt',
        },
        {
          id: 'pull-request',
          name: 'Open a pull request',
          if: '${{ steps.adopt.output.changedFiles | length }}',
          action: 'publish:github:pull-request',
          input: {
            repoUrl: 'github.com?owner=org&repo=my-repo',
            branchName: 'adopt-images',
            title: 'Take images into care',
            description: 'Markers, and the imageScans that they mean',
          },
        },
      ],
    }),
  },
  {
    description: 'Take two images of a repository in a folder into care',
    example: stringify({
      steps: [
        {
          id: 'adopt',
          name: 'Take images into care',
          action: 'image-scan:adopt',
          input: {
            path: 'my-repo',
            images: [
              { file: 'my-repo/app.yaml', line: 6 },
              { image: 'registry.example.com/shop/worker' },
            ],
          },
        },
      ],
    }),
  },
  {
    description: 'Show what would be taken into care, and write nothing',
    example: stringify({
      steps: [
        {
          id: 'preview',
          name: 'Show what would be taken',
          action: 'image-scan:adopt',
          input: { dryRun: true },
        },
      ],
    }),
  },
];
