import type { Config } from '@backstage/config';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { checkMessageTemplate } from 'backstage-plugin-image-scan-node';
import { checkpointKey } from '../checkpointKey';
import { type ClientServices, createClient } from '../createClient';
import { logReport } from '../report';
import { type CommitInput, isPushed } from '../repository/commitOf';
import type { GitAccess } from '../repository/GitAccess';
import { createImageSource } from '../rewrite/ImageSource';
import { RewriteRun } from '../rewrite/RewriteRun';
import type { Rewritten } from '../rewrite/RewriteStep';
import { examples } from './rewrite.examples';
import { rewriteInput, rewriteOutput } from './rewriteSchema';

/** What the action needs. */
export interface RewriteServices extends ClientServices {
  config: Config;
  access: GitAccess;
}

/**
 * `image-scan:rewrite`: rewrites markers in files of the workspace, so that a later step
 * can open a pull request with them, or commits and pushes them itself.
 */
export function createRewriteAction(services: RewriteServices) {
  return createTemplateAction({
    id: 'image-scan:rewrite',
    description:
      'Writes images to the markers of the manifests in the workspace, and commits them where it is told to',
    examples,
    supportsDryRun: true,
    schema: { input: rewriteInput, output: rewriteOutput },
    async handler(ctx) {
      const { input, logger, signal, workspacePath, isDryRun = false } = ctx;
      const { commit } = input;
      const { access, config } = services;
      const source = createImageSource(input, () =>
        createClient(services, ctx),
      );
      if (commit?.message !== undefined) {
        checkMessageTemplate(commit.message);
      }
      // Neither a token nor what a message may hold is part of a key.
      const keyInput = {
        ...input,
        token: undefined,
        commit: commit && { ...commit, message: undefined },
      };
      const run = new RewriteRun({
        ...{ input, workspacePath, isDryRun, source, access, config },
        ...{ logger, signal },
        keep: (name, fn) =>
          isDryRun
            ? fn()
            : ctx.checkpoint({ key: checkpointKey(name, keyInput), fn }),
      });
      const written = await run.run();

      const { changes, problems } = written.state;
      logReport(logger, { changes, problems, written: !isDryRun });
      const outcome = outcomeOf(written, commit, isDryRun);
      if (outcome !== undefined) {
        logger.info(outcome);
      }
      ctx.output('changes', changes);
      ctx.output('problems', problems);
      ctx.output('changedFiles', written.changedFiles);
      ctx.output('commit', written.commit);
      ctx.output('branch', written.branch);
      ctx.output('remoteUrl', written.remoteUrl);
    },
  });
}

/** One line that says what became of a step; undefined where its report says it. */
function outcomeOf(
  { state, commit, branch, remoteUrl }: Rewritten,
  input: CommitInput | undefined,
  isDryRun: boolean,
): string | undefined {
  if (state.changes.length === 0) {
    return 'Nothing had to change';
  }
  if (!input) {
    return undefined;
  }
  if (isDryRun) {
    return 'Dry run, nothing was written';
  }
  if (commit === undefined) {
    return 'The last commit has all of it already, so none was made';
  }
  const [verb, to] = isPushed(input) ? ['Pushed', 'to'] : ['Made', 'on'];
  const link = remoteUrl === undefined ? '' : ` (${remoteUrl})`;
  return `${verb} commit ${commit} ${to} ${branch}${link}`;
}
