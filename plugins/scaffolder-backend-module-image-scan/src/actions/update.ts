import { ResponseError } from '@backstage/errors';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type {
  ImageScanApi,
  UpdateRequest,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import { checkpointKey } from '../checkpointKey';
import {
  backendError,
  type ClientServices,
  createClient,
} from '../createClient';
import { logDiff, logReport, toChange, toReportedProblem } from '../report';
import { changesOutput, problemsOutput } from './outputs';
import { examples } from './update.examples';

/**
 * `image-scan:update`: has the backend rewrite, commit and push, with the permission
 * of the user who runs the template.
 */
export function createUpdateAction(services: ClientServices) {
  return createTemplateAction({
    id: 'image-scan:update',
    description:
      'Writes the latest images of a git repo to its markers, commits and pushes',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        gitRepo: z =>
          z
            .string()
            .min(1)
            .describe(
              'Name of a configured git repo; `namespace:name` where the name alone is not unique',
            ),
        tagNames: z =>
          z
            .array(z.string())
            .optional()
            .describe('Only these image scans; default all of the git repo'),
        message: z =>
          z
            .string()
            .min(1)
            .optional()
            .describe(
              'Commit message or template in place of the messageTemplate of the git repo',
            ),
        plan: z =>
          z
            .string()
            .optional()
            .describe(
              'The plan of a preview: anything else than what it showed is not written',
            ),
        allowDowngrade: z =>
          z
            .boolean()
            .optional()
            .describe('Also write changes that are held because they go back'),
        dryRun: z =>
          z
            .boolean()
            .optional()
            .describe('Show the diff in the log and write nothing'),
      },
      output: {
        commit: z =>
          z
            .string()
            .optional()
            .describe(
              'Id of the commit; absent in a dry run and where nothing had to change',
            ),
        branch: z => z.string().describe('The branch that is written to'),
        remoteUrl: z =>
          z
            .string()
            .optional()
            .describe('Where to look at the commit, when the host is known'),
        plan: z =>
          z
            .string()
            .describe(
              'Stands for exactly these changes; the input `plan` of a later step',
            ),
        changes: changesOutput,
        problems: problemsOutput,
      },
    },
    async handler(ctx) {
      const { gitRepo, dryRun, ...options } = ctx.input;
      const client = createClient(services, ctx);
      const preview = ctx.isDryRun || dryRun;
      const run = async () => {
        const result = preview
          ? await client.updateGitRepo(gitRepo, { ...options, dryRun: true })
          : await write(client, gitRepo, options);
        logDiff(ctx.logger, result.diff);
        return toOutput(result);
      };

      let output: Output;
      try {
        output = preview
          ? await run()
          : await ctx.checkpoint({
              // The message does not change what is written, and may hold anything.
              key: checkpointKey('update', {
                gitRepo,
                ...options,
                message: undefined,
              }),
              fn: run,
            });
      } catch (error) {
        throw backendError(error);
      }

      logReport(ctx.logger, { ...output, written: !preview });
      ctx.logger.info(describe(gitRepo, output));
      ctx.output('commit', output.commit);
      ctx.output('branch', output.branch);
      ctx.output('remoteUrl', output.remoteUrl);
      ctx.output('plan', output.plan);
      ctx.output('changes', output.changes);
      ctx.output('problems', output.problems);
    },
  });
}

type Output = ReturnType<typeof toOutput>;

function toOutput(result: UpdateResult) {
  const { branch, commit, commitUrl, plan, changes, problems } = result;
  return {
    branch,
    plan,
    ...(commit !== undefined && { commit }),
    ...(commitUrl !== undefined && { remoteUrl: commitUrl }),
    changes: Array.from(changes, toChange),
    problems: Array.from(problems, toReportedProblem),
  };
}

/**
 * Writes once, whatever comes between: a task that stopped after the push and before
 * its checkpoint finds nothing left to write. Its plan then does not hold any more,
 * since its own commit moved the branch; that is a conflict only when something is left.
 */
async function write(
  client: ImageScanApi,
  gitRepo: string,
  request: UpdateRequest,
): Promise<UpdateResult> {
  try {
    return await client.updateGitRepo(gitRepo, request);
  } catch (error) {
    const { plan, ...rest } = request;
    if (plan !== undefined && isConflict(error)) {
      const left = await client.updateGitRepo(gitRepo, {
        ...rest,
        dryRun: true,
      });
      if (left.changes.length === 0) {
        return left;
      }
    }
    throw error;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof ResponseError && error.statusCode === 409;
}

function describe(
  gitRepo: string,
  { commit, branch, remoteUrl, changes }: Output,
): string {
  if (changes.length === 0) {
    return `Git repo ${gitRepo}: nothing had to change`;
  }
  return commit === undefined
    ? `Git repo ${gitRepo}: dry run, nothing was written`
    : `Git repo ${gitRepo}: pushed commit ${commit} to ${branch}${
        remoteUrl === undefined ? '' : ` (${remoteUrl})`
      }`;
}
