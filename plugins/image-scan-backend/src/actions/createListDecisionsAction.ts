import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { decisionSchema, inputs } from './schemas';

/** Registers `list-decisions`, the counterpart of `GET /decisions`. */
export function createListDecisionsAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'list-decisions',
    title: 'List Decisions about Image Updates',
    description: `
Lists what people decided about image updates, the newest first: holds, and rollbacks that were noticed in git. While one is active, nothing that it forbids is written.
Only those on git repos that the caller may see are in it, and those on everything.
Use the id of a decision with release-decision, or in release of update-git-repo.
    `.trim(),
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z =>
        z
          .object({
            gitRepo: z
              .string()
              .optional()
              .describe('Only those of this git repo and on everything'),
            entityRef: z
              .string()
              .optional()
              .describe('Only those of this catalog entity'),
            imageScanId: inputs.imageScanId(z).optional(),
            active: z
              .boolean()
              .optional()
              .describe('true: only those that bind; false: only ended ones'),
            limit: inputs.limit(z),
            offset: inputs.offset(z),
          })
          .strict(),
      output: z =>
        z.object({
          items: z.array(decisionSchema(z)),
          totalItems: z.number(),
        }),
    },
    examples: [
      { title: 'What is held now', input: { gitRepo: 'shop', active: true } },
    ],
    action: async ({ input, credentials }) => {
      const query = parseRequest(requests.decisions, input);
      return { output: await service.listDecisions(query, { credentials }) };
    },
  });
}
