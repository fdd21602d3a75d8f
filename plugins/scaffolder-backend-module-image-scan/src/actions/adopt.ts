import type { LoggerService } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { AdoptRun } from '../adopt/AdoptRun';
import type { NotTakenImage, TakenImage } from '../adopt/types';
import { checkpointKey } from '../checkpointKey';
import { logDiff, logLines } from '../report';
import { Workspace } from '../rewrite/Workspace';
import { examples } from './adopt.examples';
import { adoptInput, adoptOutput } from './adoptSchema';

/**
 * `image-scan:adopt`: puts markers behind the images of a repository in the workspace that
 * nobody watches, and defines their scans, so that a later step can open a pull request.
 */
export function createAdoptAction() {
  return createTemplateAction({
    id: 'image-scan:adopt',
    description:
      'Takes the images of a repository in the workspace into care: markers in its manifests, and the imageScans that they mean',
    examples,
    supportsDryRun: true,
    schema: { input: adoptInput, output: adoptOutput },
    async handler(ctx) {
      const { input, logger, signal, workspacePath } = ctx;
      const isDryRun = ctx.isDryRun === true || input.dryRun === true;
      const workspace = await Workspace.open(workspacePath, input.path);
      const run = new AdoptRun({
        ...{ workspace, choices: input.images, isDryRun, logger, signal },
        keep: (name, fn) =>
          isDryRun
            ? fn()
            : ctx.checkpoint({ key: checkpointKey(name, input), fn }),
      });
      const state = await run.run();

      const named = <T extends { file: string }>(each: T) => ({
        ...each,
        file: workspace.nameOf(each.file),
      });
      const taken = state.taken.map(named);
      const notTaken = state.notTaken.map(named);
      logDiff(logger, state.diff);
      logImages(logger, { taken, notTaken, written: !isDryRun });
      logger.info(
        `${state.foundCount} images are not watched; ${
          isDryRun ? 'would take' : 'took'
        } ${taken.length} of them into care`,
      );
      ctx.output('found', state.found.map(named));
      ctx.output('taken', taken);
      ctx.output('notTaken', notTaken);
      ctx.output('diff', state.diff);
      ctx.output(
        'changedFiles',
        state.files.map(({ file }) => workspace.nameOf(file)),
      );
    },
  });
}

/** Says what was taken and what was not, each with file and line. */
function logImages(
  logger: LoggerService,
  {
    taken,
    notTaken,
    written,
  }: {
    taken: readonly TakenImage[];
    notTaken: readonly NotTakenImage[];
    written: boolean;
  },
): void {
  const verb = written ? 'took' : 'would take';
  logLines(
    taken,
    ({ file, line, image, tag, tagName, rule }) =>
      `${file}:${line}: ${verb} ${image}:${tag} as ${tagName}: ${JSON.stringify(
        rule,
      )}`,
    text => logger.info(text),
  );
  logLines(
    notTaken,
    ({ file, line, image, message }) =>
      `${file}:${line}: ${image ?? 'an image'} was not taken: ${message}`,
    text => logger.warn(text),
  );
}
