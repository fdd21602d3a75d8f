import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { decisionSchema, inputs } from './schemas';

/** Registers `hold-updates`, the counterpart of `POST /decisions`. */
export function createHoldUpdatesAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'hold-updates',
    title: 'Hold Image Updates',
    description: `
Holds one image scan, a whole git repo, or everything: nothing is written to it until the hold is released or its date passes. A hold takes the place of an earlier one on the same.
Needs the permission to update the git repo, and to hold everything, that on all git repos.
    `.trim(),
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z
          .object({
            gitRepo: z
              .string()
              .optional()
              .describe(
                'Hold a whole git repo; without it and imageScanId, everything',
              ),
            imageScanId: inputs.imageScanId(z).optional(),
            reason: z.string().optional().describe('Why, for others to read'),
            until: z
              .string()
              .optional()
              .describe('When it ends by itself, ISO 8601; default never'),
          })
          .strict(),
      output: decisionSchema,
    },
    examples: [
      {
        title: 'Hold a git repo over the weekend',
        input: {
          gitRepo: 'shop',
          reason: 'sale',
          until: '2027-01-18T08:00:00Z',
        },
      },
    ],
    action: async ({ input, credentials }) => {
      const request = parseRequest(requests.decide, { kind: 'hold', ...input });
      return { output: await service.decide(request, { credentials }) };
    },
  });
}
