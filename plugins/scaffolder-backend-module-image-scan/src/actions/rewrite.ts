import { InputError } from '@backstage/errors';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { ImageScanApi } from 'backstage-plugin-image-scan-common';
import {
  DefinitionScope,
  diffManifest,
  ResolvedImage,
  rewriteManifest,
} from 'backstage-plugin-image-scan-node';
import { checkpointKey } from '../checkpointKey';
import { backendError, ClientServices, createClient } from '../createClient';
import { logDiff, logReport, toChange, toReportedProblem } from '../report';
import {
  chooseGivenImages,
  ImagesInput,
  parseImages,
} from '../rewrite/givenImages';
import { chooseScannedImages, listAllScans } from '../rewrite/gitRepoImages';
import { planRewrite, RewritePlan } from '../rewrite/planRewrite';
import { readWorkspace, WorkspaceContents } from '../rewrite/readWorkspace';
import { Choice } from '../rewrite/types';
import { Workspace } from '../rewrite/Workspace';
import { changesOutput, problemsOutput } from './outputs';
import { examples } from './rewrite.examples';

/**
 * `image-scan:rewrite`: rewrites markers in files of the workspace, so that a later step
 * can open a pull request with them.
 */
export function createRewriteAction(services: ClientServices) {
  return createTemplateAction({
    id: 'image-scan:rewrite',
    description:
      'Writes images to the markers of the manifests in the workspace',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        path: z =>
          z
            .string()
            .optional()
            .describe(
              'Folder of the workspace to rewrite; with gitRepo the folder that holds the root of the repository. Default: the workspace',
            ),
        gitRepo: z =>
          z
            .string()
            .min(1)
            .optional()
            .describe(
              'Take the latest images of this configured git repo. Give this or images',
            ),
        images: z =>
          z
            .record(
              z.object({
                image: z.string().describe('Without a tag or digest'),
                tag: z.string(),
                digest: z
                  .string()
                  .optional()
                  .describe('sha256:…, for markers of the form digest'),
              }),
            )
            .optional()
            .describe('The image of each tagName. Give this or gitRepo'),
      },
      output: {
        changes: changesOutput,
        problems: problemsOutput,
        changedFiles: z =>
          z
            .array(z.string())
            .describe('The files of the changes, from the workspace'),
      },
    },
    async handler(ctx) {
      const { input, logger, isDryRun = false } = ctx;
      const source = readSource(input, () => createClient(services, ctx));
      const workspace = await Workspace.open(ctx.workspacePath, input.path);

      const prepare = async () => {
        const contents = await readWorkspace(workspace, {
          scope: await source.scope(),
          signal: ctx.signal,
        });
        const choice = await source.choose(contents);
        const plan = planRewrite(contents.manifests, choice);
        plan.problems.push(...contents.problems);
        logDiff(logger, diffOf(plan, workspace));
        choice.warnings.forEach(warning => logger.warn(warning));
        if (contents.links.length > 0) {
          const names = contents.links.map(link => workspace.nameOf(link));
          logger.info(`Symbolic links are not followed: ${names.join(', ')}`);
        }
        return toState(plan, workspace);
      };
      // A task that is recovered after its files were written must show the same
      // output, and write the images it chose at first: scans go on meanwhile.
      const state = isDryRun
        ? await prepare()
        : await ctx.checkpoint({
            key: checkpointKey('rewrite', input),
            fn: prepare,
          });

      if (!isDryRun) {
        for (const { file, images } of state.files) {
          ctx.signal?.throwIfAborted();
          const before = await workspace.read(file);
          const { output } = rewriteManifest(before, toMap(images), {
            careful: true,
          });
          if (output !== before) {
            await workspace.replace(file, output);
          }
        }
      }
      const { changes, problems } = state;
      logReport(logger, { changes, problems, written: !isDryRun });
      if (changes.length === 0) {
        logger.info('Nothing had to change');
      }
      ctx.output('changes', changes);
      ctx.output('problems', problems);
      ctx.output(
        'changedFiles',
        state.files.map(({ file }) => workspace.nameOf(file)),
      );
    },
  });
}

/** Where the images come from. */
interface Source {
  /** Folders and definitions that count. */
  scope(): Promise<DefinitionScope>;
  choose(contents: WorkspaceContents): Promise<Choice>;
}

/** @throws InputError unless exactly one of gitRepo and images is given */
function readSource(
  input: { gitRepo?: string; images?: ImagesInput },
  openClient: () => ImageScanApi,
): Source {
  const { gitRepo, images } = input;
  if (gitRepo !== undefined && images === undefined) {
    const client = openClient();
    return {
      scope: () => ask(() => client.getGitRepo(gitRepo)),
      choose: ({ manifests, entries }) =>
        ask(async () =>
          chooseScannedImages(
            manifests,
            await listAllScans(client, gitRepo),
            entries,
          ),
        ),
    };
  }
  if (images !== undefined && gitRepo === undefined) {
    const given = parseImages(images);
    return {
      scope: async () => ({ paths: ['.'] }),
      choose: async ({ manifests }) => chooseGivenImages(manifests, given),
    };
  }
  throw new InputError('Give exactly one of gitRepo and images');
}

async function ask<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    throw backendError(error);
  }
}

function diffOf({ files }: RewritePlan, workspace: Workspace): string {
  return files
    .map(({ file, source, output }) =>
      diffManifest(workspace.nameOf(file), source, output),
    )
    .join('');
}

type NamedImage = {
  tagName: string;
  image: string;
  tag: string;
  digest?: string;
};

/** What a checkpoint keeps: plain JSON, without the contents of files. */
function toState(plan: RewritePlan, workspace: Workspace) {
  const named = <T extends { file: string }>(item: T) => ({
    ...item,
    file: workspace.nameOf(item.file),
  });
  return {
    files: plan.files.map(({ file, images }) => ({
      file,
      images: [...images].map(
        ([tagName, image]): NamedImage => ({ tagName, ...image }),
      ),
    })),
    changes: plan.changes.map(change => toChange(named(change))),
    problems: plan.problems.map(problem => toReportedProblem(named(problem))),
  };
}

function toMap(images: readonly NamedImage[]): Map<string, ResolvedImage> {
  return new Map(images.map(({ tagName, ...image }) => [tagName, image]));
}
