import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  type PausingWork,
  type ResolvedImage,
  rewriteManifestInTurns,
} from 'backstage-plugin-image-scan-node';
import type { Change } from '../report';
import { groupBy } from './groupBy';
import type { Choice, Manifest } from './types';

/** A file that changes. */
export interface PlannedFile {
  file: string;
  source: Buffer;
  output: Buffer;
  /** What its changes write, by tagName. */
  images: ReadonlyMap<string, ResolvedImage>;
}

/** What a rewrite does to a folder; files are named from there. */
export interface RewritePlan {
  files: PlannedFile[];
  changes: Change[];
  problems: Problem[];
}

/** Works out the new bytes of each manifest, and writes none of them. */
export function* planRewrite(
  manifests: readonly Manifest[],
  choice: Choice,
): PausingWork<RewritePlan> {
  const plan: RewritePlan = { files: [], changes: [], problems: [] };
  const unchosen = groupBy(choice.problems, ({ file }) => file);
  for (const { file, source } of manifests) {
    const images = choice.imagesIn.get(file) ?? new Map();
    const { output, changes, problems } = yield* rewriteManifestInTurns(
      source,
      images,
      { careful: true },
    );
    yield;
    const found = problems
      // Each of those is a name without an image, which the choice explains better.
      .filter(({ code }) => code !== 'unknown-name')
      .map(({ line, tagName, message }) => ({ file, line, tagName, message }));
    plan.problems.push(
      ...[...(unchosen.get(file) ?? []), ...found].sort(
        (a, b) => (a.line ?? 0) - (b.line ?? 0),
      ),
    );
    plan.changes.push(...changes.map(change => ({ ...change, file })));
    if (output !== source) {
      const names = new Set(changes.map(({ tagName }) => tagName));
      const written = [...images].filter(([tagName]) => names.has(tagName));
      plan.files.push({ file, source, output, images: new Map(written) });
    }
  }
  return plan;
}
