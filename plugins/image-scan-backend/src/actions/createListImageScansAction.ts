import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { imageScanSummarySchema, inputs } from './schemas';

/** Registers `list-image-scans`, the counterpart of `GET /image-scans`. */
export function createListImageScansAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'list-image-scans',
    title: 'List Image Scans',
    description: `
Lists the container images that are watched for newer tags, with the tag that git has, the tag that the policy chose, and the state of each.
Only the git repos that the caller may see are in it. Filters can be combined; without any, all image scans are listed, those that need attention first.
Use the id of an image scan with get-image-scan, explain-tags and scan-image, and its gitRepo with update-git-repo.
    `.trim(),
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z
          .object({
            gitRepo: z
              .string()
              .optional()
              .describe('Only those of this git repo'),
            entityRef: z
              .string()
              .optional()
              .describe(
                'Only those of this catalog entity, such as component:default/shop',
              ),
            state: inputs.state(z).optional().describe('Only those in a state'),
            search: z
              .string()
              .optional()
              .describe('Text to find in the image, tagName or folder'),
            limit: inputs.limit(z),
            offset: inputs.offset(z),
          })
          .strict(),
      output: z =>
        z.object({
          items: z.array(imageScanSummarySchema(z)),
          totalItems: z.number(),
          counts: z
            .record(z.number())
            .describe('How many there are in each state'),
        }),
    },
    examples: [
      {
        title: 'What could be updated',
        input: { gitRepo: 'shop', state: 'update-available' },
      },
    ],
    action: async ({ input, credentials }) => {
      const query = parseRequest(requests.imageScans, input);
      const { items, totalItems, counts } = await service.listImageScans(
        query,
        { credentials },
      );
      return { output: { items, totalItems, counts } };
    },
  });
}
