import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type { JsonObject } from '@backstage/types';
import type { ImageScanApi } from 'backstage-plugin-image-scan-common';
import {
  BranchMovedError,
  checkMessageTemplate,
  type DefinitionScope,
  diffManifest,
  GitWorkTree,
  type ResolvedImage,
  rewriteManifest,
  type WorkTreeRemote,
} from 'backstage-plugin-image-scan-node';
import { checkpointKey } from '../checkpointKey';
import {
  backendError,
  type ClientServices,
  createClient,
} from '../createClient';
import type { GitAccess } from '../repository/GitAccess';
import {
  discardClone,
  type OpenClone,
  openClone,
  type RepositoryInput,
} from '../repository/openClone';
import {
  branchOf,
  type CommitInput,
  messageOf,
  writeCommit,
} from '../repository/writeCommit';
import { logDiff, logReport, toChange, toReportedProblem } from '../report';
import {
  chooseGivenImages,
  type ImagesInput,
  parseImages,
} from '../rewrite/givenImages';
import { chooseScannedImages, listAllScans } from '../rewrite/gitRepoImages';
import { planRewrite, type RewritePlan } from '../rewrite/planRewrite';
import {
  readWorkspace,
  type WorkspaceContents,
} from '../rewrite/readWorkspace';
import type { Choice } from '../rewrite/types';
import { Workspace } from '../rewrite/Workspace';
import { changesOutput, problemsOutput } from './outputs';
import { examples } from './rewrite.examples';

/** How often a commit is made anew because another push came first. */
const MAX_ATTEMPTS = 5;

/** Names of links in one line of the log. */
const MAX_NAMES = 20;

const DEFAULT_MESSAGE = 'Update images\n\n{{ images }}';
const DEFAULT_AUTHOR = {
  name: 'Image Scan for Backstage',
  email: 'image-scan@backstage.invalid',
};

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
        repository: z =>
          z
            .object({
              url: z.string().min(1).describe('As git clones it over https'),
              branch: z
                .string()
                .min(1)
                .optional()
                .describe('Default: the one that HEAD names'),
            })
            .optional()
            .describe(
              'Clone this repository into the folder first, unless it is there already',
            ),
        commit: z =>
          z
            .object({
              message: z
                .string()
                .min(1)
                .optional()
                .describe(
                  'With the variables of a messageTemplate, such as {{ images }}',
                ),
              author: z
                .object({ name: z.string().min(1), email: z.string() })
                .optional()
                .describe('Default: scaffolder.defaultAuthor'),
              branch: z
                .string()
                .min(1)
                .optional()
                .describe(
                  'Made where it is absent. Default: the branch of the clone',
                ),
              push: z.boolean().optional().describe('Default: true'),
            })
            .optional()
            .describe(
              'Commit what was written, and push it. The folder is a clone then',
            ),
        token: z =>
          z
            .string()
            .optional()
            .describe(
              "Of the user, for the repository's host; default the token of the integration",
            ),
      },
      output: {
        changes: changesOutput,
        problems: problemsOutput,
        changedFiles: z =>
          z
            .array(z.string())
            .describe('The files of the changes, from the workspace'),
        commit: z =>
          z
            .string()
            .optional()
            .describe(
              'Id of the commit; absent without the input commit, in a dry run and where nothing had to change',
            ),
        branch: z =>
          z.string().optional().describe('The branch that is committed to'),
        remoteUrl: z =>
          z
            .string()
            .optional()
            .describe('Where to look at the pushed commit, when that is known'),
      },
    },
    async handler(ctx) {
      const { input, logger, signal, workspacePath, isDryRun = false } = ctx;
      const { repository, commit, token } = input;
      const source = readSource(input, () => createClient(services, ctx));
      if (commit?.message !== undefined) {
        checkMessageTemplate(commit.message);
      }
      // Asked before anything is done: it says what is wrong with URL and token.
      const given = repository && services.access.remote(repository.url, token);
      // Neither a token nor what a message may hold is part of a key.
      const keyInput = {
        ...input,
        token: undefined,
        commit: commit && { ...commit, message: undefined },
      };
      const keep = <T extends JsonObject>(name: string, fn: () => Promise<T>) =>
        isDryRun
          ? fn()
          : ctx.checkpoint({ key: checkpointKey(name, keyInput), fn });

      const prepare = async (workspace: Workspace) => {
        const contents = await readWorkspace(workspace, {
          scope: await source.scope(),
          signal,
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

      /** One attempt: what was written, and the commit of it. */
      const write = async (
        clone: OpenClone | undefined,
        attempt: number,
      ): Promise<Written> => {
        const workspace = await Workspace.open(workspacePath, input.path);
        // A task that is recovered after its files were written must show the same
        // output, and write the images it chose at first: scans go on meanwhile.
        const suffix = attempt === 1 ? '' : `.${attempt}`;
        const state = await keep(`rewrite${suffix}`, () => prepare(workspace));
        if (isDryRun) {
          return { state, file: state.files.map(nameIn(workspace)) };
        }
        for (const { file, images } of state.files) {
          signal?.throwIfAborted();
          const before = await workspace.read(file);
          const { output } = rewriteManifest(before, toMap(images), {
            careful: true,
          });
          if (output !== before) {
            await workspace.replace(file, output);
          }
        }
        const result: Written = {
          state,
          file: state.files.map(nameIn(workspace)),
        };
        if (!commit || !clone) {
          return result;
        }
        const { workTree } = clone;
        const remote = given ?? remoteOf(services.access, workTree, token);
        const branch = branchOf(commit, workTree);
        const push = commit.push ?? true;
        // The same time gives the same commit in the next life of the task.
        const { time } = await keep(`time${suffix}`, async () => ({
          time: Date.now(),
        }));
        const oid = await writeCommit(
          workTree,
          remote,
          {
            branch,
            push,
            files: state.files.map(({ file }) => file),
            message: messageOf(commit.message ?? DEFAULT_MESSAGE, {
              gitRepo: input.gitRepo ?? repositoryName(remote.url),
              branch,
              changes: state.changes,
              imageOf: imageFinder(state, workspace),
            }),
            author: commit.author ?? defaultAuthor(services.config),
            time: new Date(time),
          },
          async built => {
            const kept = await keep(`commit${suffix}`, async () => ({
              ...(built !== undefined && { commit: built }),
            }));
            return kept.commit;
          },
          signal,
        );
        const remoteUrl =
          oid !== undefined && push
            ? services.access.commitUrl(remote.url, oid)
            : undefined;
        return {
          ...result,
          branch,
          ...(oid !== undefined && { commit: oid }),
          ...(remoteUrl !== undefined && { remoteUrl }),
        };
      };

      const run = async (): Promise<Written> => {
        for (let attempt = 1; ; attempt += 1) {
          const clone = await findClone(ctx, given);
          if (clone && clone.workTree.omittedLinks.length > 0) {
            logger.warn(
              `Symbolic links that lead out of the repository are left out: ${clone.workTree.omittedLinks
                .slice(0, MAX_NAMES)
                .join(', ')}`,
            );
          }
          try {
            return await write(clone, attempt);
          } catch (error) {
            const again =
              error instanceof BranchMovedError &&
              clone?.isNew &&
              attempt < MAX_ATTEMPTS;
            if (!again) {
              throw error;
            }
            logger.info(`${error.message}: attempt ${attempt + 1}`);
            await discardClone(workspacePath, input.path);
          }
        }
      };
      // Nothing is pushed twice: neither the clone nor the commit is made again.
      const written =
        commit && (commit.push ?? true)
          ? await keep('written', run)
          : await run();

      const { state, file, commit: oid, branch, remoteUrl } = written;
      const { changes, problems } = state;
      logReport(logger, { changes, problems, written: !isDryRun });
      if (changes.length === 0) {
        logger.info('Nothing had to change');
      } else if (oid !== undefined) {
        logger.info(
          `${commit?.push ?? true ? 'Pushed' : 'Made'} commit ${oid} ${
            commit?.push ?? true ? 'to' : 'on'
          } ${branch}${remoteUrl === undefined ? '' : ` (${remoteUrl})`}`,
        );
      } else if (commit && isDryRun) {
        logger.info('Dry run, nothing was written');
      }
      ctx.output('changes', changes);
      ctx.output('problems', problems);
      ctx.output('changedFiles', file);
      ctx.output('commit', oid);
      ctx.output('branch', branch);
      ctx.output('remoteUrl', remoteUrl);
    },
  });
}

/** What a step did; plain JSON. */
type Written = {
  state: ReturnType<typeof toState>;
  /** From the workspace. */
  file: string[];
  commit?: string;
  branch?: string;
  remoteUrl?: string;
};

/** @throws InputError where a commit is asked for and the folder is no clone */
async function findClone(
  {
    input,
    workspacePath,
    signal,
  }: {
    input: {
      path?: string;
      repository?: RepositoryInput;
      commit?: CommitInput;
    };
    workspacePath: string;
    signal?: AbortSignal;
  },
  remote: WorkTreeRemote | undefined,
): Promise<OpenClone | undefined> {
  const { path, repository, commit } = input;
  if (repository && remote) {
    return openClone({ workspacePath, path, repository, remote, signal });
  }
  if (!commit) {
    return undefined;
  }
  const folder = resolveSafeChildPath(workspacePath, path ?? '.');
  const workTree = await GitWorkTree.open(folder, signal);
  if (!workTree) {
    throw new InputError(
      'commit: the folder is no clone; name the repository to clone with repository.url',
    );
  }
  return { workTree, isNew: false };
}

function remoteOf(
  access: GitAccess,
  { origin }: GitWorkTree,
  token: string | undefined,
): WorkTreeRemote {
  if (origin === undefined) {
    throw new InputError(
      'commit: the clone has no remote called origin; name its URL with repository.url',
    );
  }
  return access.remote(origin, token);
}

function defaultAuthor(config: Config): { name: string; email: string } {
  const of = (field: 'name' | 'email') =>
    config.getOptionalString(`scaffolder.defaultAuthor.${field}`) ??
    DEFAULT_AUTHOR[field];
  return { name: of('name'), email: of('email') };
}

/** `org/repo` of its URL. */
function repositoryName(url: string): string {
  return new URL(url).pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
}

function nameIn(workspace: Workspace) {
  return ({ file }: { file: string }) => workspace.nameOf(file);
}

/** Finds what a change writes. */
function imageFinder(
  { files }: ReturnType<typeof toState>,
  workspace: Workspace,
) {
  const imagesIn = new Map(
    files.map(({ file, images }) => [workspace.nameOf(file), toMap(images)]),
  );
  return ({ file, tagName }: { file: string; tagName: string }) =>
    imagesIn.get(file)?.get(tagName);
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
