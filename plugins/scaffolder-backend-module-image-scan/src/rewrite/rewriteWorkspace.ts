import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  diffManifestInTurns,
  type PausingWork,
  rewriteManifestInTurns,
  runInTurns,
} from 'backstage-plugin-image-scan-node';
import { logDiff } from '../report';
import type { ImageSource } from './ImageSource';
import { planRewrite, type RewritePlan } from './planRewrite';
import { readWorkspace } from './readWorkspace';
import { imagesByName, type RewriteState, toState } from './RewriteState';
import type { Workspace } from './Workspace';

/** Chooses what to write to a workspace, shows the diff and writes nothing. */
export async function planWorkspace(
  workspace: Workspace,
  options: {
    source: ImageSource;
    logger: LoggerService;
    signal?: AbortSignal;
  },
): Promise<RewriteState> {
  const { source, logger, signal } = options;
  const contents = await readWorkspace(workspace, {
    scope: await source.scope(),
    signal,
  });
  const choice = await source.choose(contents);
  const plan = await runInTurns(planRewrite(contents.manifests, choice));
  plan.problems.push(...contents.problems);
  logDiff(logger, await runInTurns(diffOf(plan, workspace)));
  choice.warnings.forEach(warning => logger.warn(warning));
  if (contents.links.length > 0) {
    const names = contents.links.map(link => workspace.nameOf(link));
    logger.info(`Symbolic links are not followed: ${names.join(', ')}`);
  }
  return toState(plan, workspace);
}

/** Writes what was chosen; a second time it changes nothing. */
export async function writeWorkspace(
  workspace: Workspace,
  { files }: RewriteState,
  signal?: AbortSignal,
): Promise<void> {
  for (const { file, images } of files) {
    signal?.throwIfAborted();
    const before = await workspace.read(file);
    const { output } = await runInTurns(
      rewriteManifestInTurns(before, imagesByName(images), { careful: true }),
    );
    if (output !== before) {
      await workspace.replace(file, output);
    }
  }
}

function* diffOf(
  { files }: RewritePlan,
  workspace: Workspace,
): PausingWork<string> {
  const diffs: string[] = [];
  for (const { file, source, output } of files) {
    const name = workspace.nameOf(file);
    diffs.push(yield* diffManifestInTurns(name, source, output));
  }
  return diffs.join('');
}
