import { tagVerdicts } from 'backstage-plugin-image-scan-common';
import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { inputs } from './schemas';

/** Registers `explain-tags`, the counterpart of `GET /image-scans/:id/tags`. */
export function createExplainTagsAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'explain-tags',
    title: 'Explain Tags',
    description: `
Says of each tag in the registry why the policy of an image scan chose it or not.
To learn why one tag was not chosen, search for it. The tags are those of the last scan; use scan-image for newer ones.
    `.trim(),
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z
          .object({
            imageScanId: inputs.imageScanId(z),
            search: z.string().optional().describe('Text to find in the tag'),
            verdict: z
              .enum(tagVerdicts)
              .optional()
              .describe('Only tags with this verdict'),
            limit: inputs.limit(z),
            offset: inputs.offset(z),
          })
          .strict(),
      output: z =>
        z.object({
          items: z.array(
            z.object({
              tag: z.string(),
              verdict: z.enum(tagVerdicts),
              value: z
                .string()
                .optional()
                .describe('What is compared in place of the tag'),
              reason: z.string().describe('The verdict in words'),
            }),
          ),
          totalItems: z.number(),
          counts: z
            .record(z.number())
            .describe('How many tags there are of each verdict'),
          time: z
            .string()
            .optional()
            .describe('When the registry was asked, ISO 8601'),
        }),
    },
    action: async ({ input, credentials }) => {
      const { imageScanId, ...rest } = input;
      const { id } = parseRequest(requests.imageScan, { id: imageScanId });
      const query = parseRequest(requests.tags, rest);
      return { output: await service.listTags(id, query, { credentials }) };
    },
  });
}
