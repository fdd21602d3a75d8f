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

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;
const SIGNS: Record<string, DiffLine['kind']> = {
  '+': 'added',
  '-': 'removed',
  ' ': 'context',
};

/**
 * Takes a unified diff apart, with or without git's own header lines.
 *
 * @remarks
 * Inside a hunk only the line counts of its header decide what a line is: a
 * removed line may itself begin with `-- `, and would look like a file header.
 */
export function parseDiff(diff: string): DiffFile[] {
  const files: DiffFile[] = [];
  let oldPath = '';
  let removals = 0;
  let additions = 0;

  for (const line of diff.split('\n')) {
    const current = files[files.length - 1];
    const inHunk = current && (removals > 0 || additions > 0);
    if (inHunk && line[0] in SIGNS) {
      const kind = SIGNS[line[0]];
      removals -= kind === 'added' ? 0 : 1;
      additions -= kind === 'removed' ? 0 : 1;
      current.lines.push({ kind, text: line.slice(1) });
    } else if (current && line.startsWith('\\')) {
      current.lines.push({ kind: 'note', text: line });
    } else if (line.startsWith('--- ')) {
      oldPath = pathOf(line);
    } else if (line.startsWith('+++ ')) {
      const newPath = pathOf(line);
      files.push({
        file: newPath === '/dev/null' ? oldPath : newPath,
        lines: [],
      });
    } else {
      const hunk = HUNK.exec(line);
      if (hunk && current) {
        removals = Number(hunk[1] ?? 1);
        additions = Number(hunk[2] ?? 1);
        current.lines.push({ kind: 'hunk', text: line });
      }
    }
  }
  return files;
}

function pathOf(header: string): string {
  return header
    .slice(4)
    .replace(/\t.*$/, '')
    .replace(/\r$/, '')
    .replace(/^[ab]\//, '');
}
