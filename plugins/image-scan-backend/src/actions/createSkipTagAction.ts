import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { decisionSchema, inputs } from './schemas';

/** Registers `skip-tag`, the counterpart of `POST /decisions` with a skip. */
export function createSkipTagAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'skip-tag',
    title: 'Skip a Tag of an Image',
    description: `
Lets an image scan pass over one tag, until the skip is released or its date passes: the next best tag is chosen, and newer ones as soon as they appear. A tag that all markers have already stays.
Where that tag was rolled back in git, give the decision of that rollback in release, so that newer ones are written again.
Needs the permission to update the git repo.
    `.trim(),
    attributes: { readOnly: false, destructive: false, idempotent: false },
    schema: {
      input: z =>
        z
          .object({
            imageScanId: inputs.imageScanId(z),
            tag: z.string().describe('The tag to pass over'),
            reason: z.string().optional().describe('Why, for others to read'),
            until: z
              .string()
              .optional()
              .describe('When it ends by itself, ISO 8601; default never'),
            release: z
              .array(z.string())
              .optional()
              .describe(
                'Ids of decisions on the same image scan that end with it, as list-decisions gives them',
              ),
          })
          .strict(),
      output: decisionSchema,
    },
    examples: [
      {
        title: 'Pass over a broken release',
        input: {
          imageScanId: '7d3f…',
          tag: '1.5.0',
          reason: 'breaks checkout',
        },
      },
    ],
    action: async ({ input, credentials }) => {
      const request = parseRequest(requests.decide, { kind: 'skip', ...input });
      return { output: await service.decide(request, { credentials }) };
    },
  });
}
