import type { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

/** Steps to copy; each of them is run as a test. */
export const examples: TemplateExample[] = [
  {
    description:
      'Fetch a repository, write the latest images of its scans and open a pull request',
    example: stringify({
      steps: [
        {
          id: 'fetch',
          name: 'Fetch the repository',
          action: 'fetch:plain',
          input: { url: 'https://github.com/org/my-repo/tree/main' },
        },
        {
          id: 'rewrite',
          name: 'Write the latest images',
          action: 'image-scan:rewrite',
          input: { gitRepo: 'my-repo' },
        },
        {
          id: 'pull-request',
          name: 'Open a pull request',
          if: '${{ steps.rewrite.output.changedFiles | length }}',
          action: 'publish:github:pull-request',
          input: {
            repoUrl: 'github.com?owner=org&repo=my-repo',
            branchName: 'update-images',
            title: 'Update images',
            description: 'New images that the policies of the scans choose',
          },
        },
      ],
    }),
  },
  {
    description: 'Write the latest images to a repository in a folder',
    example: stringify({
      steps: [
        {
          id: 'rewrite',
          name: 'Write the latest images',
          action: 'image-scan:rewrite',
          input: { path: 'my-repo', gitRepo: 'my-repo' },
        },
      ],
    }),
  },
  {
    description: 'Write images that the template names',
    example: stringify({
      steps: [
        {
          id: 'rewrite',
          name: 'Write images',
          action: 'image-scan:rewrite',
          input: {
            path: 'deploy',
            images: {
              web: { image: 'registry.example.com/shop/web', tag: '1.4.2' },
              worker: {
                image: 'registry.example.com/shop/worker',
                tag: '1.4.2',
                digest:
                  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
              },
            },
          },
        },
      ],
    }),
  },
  {
    description:
      'Clone a repository, write an image and push it to a new branch',
    example: stringify({
      steps: [
        {
          id: 'rewrite',
          name: 'Write, commit and push',
          action: 'image-scan:rewrite',
          input: {
            images: {
              web: { image: 'registry.example.com/shop/web', tag: '1.4.2' },
            },
            repository: { url: 'https://github.com/org/deploy' },
            commit: { message: '{{ images }}', branch: 'release-web' },
          },
        },
      ],
    }),
  },
];
