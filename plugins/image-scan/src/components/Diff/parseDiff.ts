import { parsePatch } from 'diff';

/** One line of a diff and what happens to it. */
export interface DiffLine {
  kind: 'added' | 'removed' | 'context' | 'hunk' | 'note';
  /** Without its sign. */
  text: string;
}

/** What a diff says about one file. */
export interface DiffFile {
  /** Path of the file from the root of the repository. */
  file: string;
  lines: DiffLine[];
}

const SIGNS: Readonly<Record<string, DiffLine['kind']>> = {
  '+': 'added',
  '-': 'removed',
  ' ': 'context',
};

/** Takes a unified diff apart, with or without git's own header lines. */
export function parseDiff(diff: string): DiffFile[] {
  return parsePatch(diff)
    .filter(({ oldFileName, newFileName }) => oldFileName ?? newFileName)
    .map(({ oldFileName = '', newFileName = '', hunks }) => ({
      file: pathOf(newFileName === '/dev/null' ? oldFileName : newFileName),
      lines: hunks.flatMap(({ lines, ...hunk }) => [
        { kind: 'hunk' as const, text: headerOf(hunk) },
        ...lines.map(toLine),
      ]),
    }));
}

function toLine(line: string): DiffLine {
  const kind = SIGNS[line[0]];
  return kind ? { kind, text: line.slice(1) } : { kind: 'note', text: line };
}

/** A header as diffs write it: a count of one is left out. */
function headerOf(hunk: {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
}): string {
  const range = (start: number, lines: number) =>
    lines === 1 ? `${start}` : `${start},${lines}`;
  return `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(
    hunk.newStart,
    hunk.newLines,
  )} @@`;
}

function pathOf(name: string): string {
  return name.replace(/^[ab]\//, '');
}
