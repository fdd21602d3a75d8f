import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { changeSchema, problemSchema, updateScanSchema } from './schemas';

/**
 * Registers `update-git-repo`, the counterpart of
 * `POST /git-repos/:name/update`. Other than there, nothing is written unless
 * `dryRun` is false: a caller that forgets it sees a preview.
 */
export function createUpdateGitRepoAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'update-git-repo',
    title: 'Update Images in Git Repo',
    description: `
Writes the tags that the policies chose to the marked values of a git repo, as one commit that is pushed to its branch. What is in that branch may be deployed at once.
By default nothing is written: the answer shows the diff and a plan. Let a person confirm the diff, then call again with dryRun false and that plan, so that exactly what was shown is pushed; if anything has changed meanwhile, that call is refused.
Needs the permission to update the git repo, for the preview as well.
    `.trim(),
    attributes: { readOnly: false, destructive: true, idempotent: true },
    schema: {
      input: z =>
        z
          .object({
            gitRepo: z.string().describe('The name of the git repo'),
            dryRun: z
              .boolean()
              .default(true)
              .describe(
                'true, the default, shows what would be written; false writes and pushes it',
              ),
            plan: z
              .string()
              .optional()
              .describe('The plan of a preview: write that and nothing else'),
            tagNames: z
              .array(z.string())
              .optional()
              .describe(
                'Only image scans with these tagNames; default all of the git repo',
              ),
            imageScanIds: z
              .array(z.string())
              .optional()
              .describe('The same by their ids; not together with tagNames'),
            message: z
              .string()
              .optional()
              .describe('The commit message; default that of the git repo'),
            allowDowngrade: z
              .boolean()
              .optional()
              .describe('Also write what is held because it goes back'),
            tags: z
              .record(z.string())
              .optional()
              .describe(
                'Tags to write in place of what the policies choose, by the ids of image scans, older ones too. Where the policies would write over one, its scan is held afterwards',
              ),
            revert: z
              .string()
              .optional()
              .describe(
                'Id of an update of this git repo: write back what it replaced, where git still has what it wrote; not together with tags',
              ),
            reason: z
              .string()
              .optional()
              .describe('With tags or revert: why, for others to read'),
            until: z
              .string()
              .optional()
              .describe(
                'With tags or revert: until when that holds, ISO 8601; default forever',
              ),
            release: z
              .array(z.string())
              .optional()
              .describe(
                'Ids of decisions: plan as if they were released, and release them with the commit',
              ),
          })
          .strict(),
      output: z =>
        z.object({
          branch: z.string(),
          commit: z
            .string()
            .optional()
            .describe('Absent in a preview and where nothing had to change'),
          commitUrl: z.string().optional(),
          message: z.string(),
          changes: z.array(changeSchema(z)),
          scans: z
            .array(updateScanSchema(z))
            .describe('What is written, or wanted and not written, and why'),
          problems: z.array(problemSchema(z)),
          diff: z.string().describe('Unified diff of all files'),
          plan: z.string().describe('Stands for exactly these changes'),
        }),
    },
    examples: [
      {
        title: 'Preview all updates of a git repo',
        input: { gitRepo: 'shop', dryRun: true },
      },
      {
        title: 'Push what was previewed',
        input: { gitRepo: 'shop', dryRun: false, plan: '5f0c…' },
      },
    ],
    action: async ({ input, credentials }) => {
      const { gitRepo, ...rest } = input;
      const request = parseRequest(requests.update, rest);
      return {
        output: await service.updateGitRepo(gitRepo, request, { credentials }),
      };
    },
  });
}
