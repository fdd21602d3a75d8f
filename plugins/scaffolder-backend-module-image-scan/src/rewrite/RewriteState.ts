import type { ResolvedImage } from 'backstage-plugin-image-scan-node';
import {
  type Change,
  type ReportedProblem,
  toChange,
  toReportedProblem,
} from '../report';
import type { RewritePlan } from './planRewrite';
import type { Workspace } from './Workspace';

/** An image as a checkpoint keeps it. */
export type NamedImage = {
  tagName: string;
  image: string;
  tag: string;
  digest?: string;
};

/**
 * What is written and shown, as a checkpoint keeps it: plain JSON, without the contents of
 * files. A task that is recovered shows the same and writes the images it chose at first,
 * for scans go on meanwhile.
 */
export type RewriteState = {
  /** Named from the folder that is rewritten. */
  files: { file: string; images: NamedImage[] }[];
  /** Named from the workspace. */
  changes: Change[];
  problems: ReportedProblem[];
};

export function toState(plan: RewritePlan, workspace: Workspace): RewriteState {
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

/** The images of a file by tagName. */
export function imagesByName(
  images: readonly NamedImage[],
): Map<string, ResolvedImage> {
  return new Map(images.map(({ tagName, ...image }) => [tagName, image]));
}

/** Finds what a change writes. */
export function imageFinder(
  { files }: RewriteState,
  workspace: Workspace,
): (change: Change) => ResolvedImage | undefined {
  const imagesIn = new Map(
    files.map(({ file, images }) => [
      workspace.nameOf(file),
      imagesByName(images),
    ]),
  );
  return ({ file, tagName }) => imagesIn.get(file)?.get(tagName);
}
