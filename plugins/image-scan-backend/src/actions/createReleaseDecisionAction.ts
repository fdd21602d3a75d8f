import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { decisionSchema } from './schemas';

/** Registers `release-decision`, the counterpart of `POST /decisions/:id/release`. */
export function createReleaseDecisionAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'release-decision',
    title: 'Release Decision about Image Updates',
    description: `
Ends a hold, or lets go on what was rolled back in git. What it kept from being written is then written as after any scan, which may be deployed at once.
To see first what would be written, call update-git-repo with the id in release and dryRun true.
Needs the permission to update the git repo.
    `.trim(),
    attributes: { readOnly: false, destructive: true, idempotent: false },
    schema: {
      input: z =>
        z
          .object({
            decisionId: z
              .string()
              .describe('The id of a decision, as list-decisions gives it'),
            reason: z.string().optional().describe('Why, for others to read'),
          })
          .strict(),
      output: decisionSchema,
    },
    examples: [{ title: 'Go on', input: { decisionId: '7d3f…' } }],
    action: async ({ input, credentials }) => {
      const { decisionId, ...rest } = input;
      const { id } = parseRequest(requests.decision, { id: decisionId });
      const release = parseRequest(requests.release, rest);
      return {
        output: await service.releaseDecision(id, release, { credentials }),
      };
    },
  });
}
