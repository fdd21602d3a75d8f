import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TagRule } from 'backstage-plugin-image-scan-common';
import { evaluateTags } from '../policy';
import type { TagEvaluation } from '../policy';
import { DefinitionFolders } from './definitionFolders';
import { findUnwatched } from './findUnwatched';
import { insertMarkers } from './insertMarkers';
import { moveImageScans } from './moveImageScans';
import { proposeRule } from './proposeRule';
import type { UnwatchedImage } from './types';

/** As the files say: a proposal is for a list that holds the tag in use alone. */
type ExpectedFind = Partial<UnwatchedImage> & {
  insert?: { offset: number; text: string };
  proposal?: TagRule | { none: string };
};

type Vector =
  | {
      group: 'find';
      id: string;
      files: Record<string, string>;
      finds: ExpectedFind[];
      marked?: Record<string, string>;
    }
  | {
      group: 'policy';
      id: string;
      tag: string;
      tags: string[];
      proposal?: TagRule;
      selected?: string;
      competing?: string[];
    }
  | {
      group: 'move';
      id: string;
      before: Record<string, string>;
      after?: Record<string, string>;
      refused?: string;
    }
  | {
      group: 'folder';
      id: string;
      tree: string[];
      marked: string[];
      folder: string;
    };

const { cases }: { cases: Vector[] } = JSON.parse(
  readFileSync(join(__dirname, '__fixtures__/adopt.json'), 'utf8'),
);

function inGroup<G extends Vector['group']>(group: G) {
  return cases.filter(
    (each): each is Extract<Vector, { group: G }> => each.group === group,
  );
}

const buffers = (files: Record<string, string>) =>
  new Map(
    Object.entries(files).map(([file, text]) => [file, Buffer.from(text)]),
  );

const texts = (files: ReadonlyMap<string, Buffer>) =>
  Object.fromEntries(Array.from(files, ([file, text]) => [file, `${text}`]));

describe('images that nobody watches', () => {
  it.each(inGroup('find'))('$id', ({ files, finds, marked = files }) => {
    const sources = buffers(files);
    const found = findUnwatched(sources);
    expect(found.map(({ digest, ticked, ...each }) => each)).toEqual(
      finds.map(({ insert, proposal, ...each }) => each),
    );

    const taken = found.flatMap(({ file, line, tagName, form }) =>
      tagName && form ? [{ file, line, tagName, form }] : [],
    );
    const inserted = new Map([...sources, ...insertMarkers(sources, taken)]);
    expect(texts(inserted)).toEqual({ ...files, ...marked });
    expect(findUnwatched(inserted)).toEqual(found.filter(({ take }) => !take));

    const proposed = finds.filter(each => each.tag && each.proposal);
    const expected = proposed.map(({ proposal = {} }) =>
      'none' in proposal ? undefined : proposal,
    );
    expect(proposed.map(({ tag = '' }) => proposeRule(tag, [tag]))).toEqual(
      expected,
    );
    expect(proposed.map(({ tag = '' }) => proposeRule(tag))).toEqual(expected);
  });
});

describe('rules of tags', () => {
  it.each(inGroup('policy'))('$id', each => {
    const { tag, tags, proposal, selected, competing = [] } = each;
    const rule = proposeRule(tag, tags);
    expect(rule).toEqual(proposal);
    const found: TagEvaluation = rule ? evaluateTags(rule, tags) : { tags: [] };
    expect(found.selected).toBe(selected);
    const best = found.tags.filter(({ verdict }) =>
      ['selected', 'older', 'waiting'].includes(verdict),
    );
    // Of equal ones any may come first.
    expect(best.map(({ tag: name }) => name).sort()).toEqual(
      [...competing].sort(),
    );
  });
});

describe('scans in files of Fleet', () => {
  it.each(inGroup('move'))('$id', ({ before, after, refused }) => {
    const moved = moveImageScans(buffers(before));
    expect(
      'files' in moved
        ? { after: texts(moved.files) }
        : { refused: moved.refused },
    ).toEqual(after ? { after } : { refused });
  });
});

describe('folders of definitions', () => {
  it.each(inGroup('folder'))('$id', ({ tree, marked, folder }) => {
    const files = tree.map(entry => entry.split(' = ')[0]);
    const flux = tree.flatMap(
      entry => /= .* path (.*)$/.exec(entry)?.[1] ?? [],
    );
    const folders = new DefinitionFolders(files, flux);
    expect([...new Set(marked.map(file => folders.folderFor(file)))]).toEqual([
      folder,
    ]);
  });
});

it('are all there', () => {
  expect(cases).toHaveLength(134);
});
