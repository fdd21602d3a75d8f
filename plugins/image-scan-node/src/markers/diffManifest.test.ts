import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { diffManifest } from './diffManifest';

/** What `git apply` makes of the sources. */
function apply(
  sources: Record<string, string>,
  patch: string,
): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'image-scan-diff-'));
  try {
    for (const [file, source] of Object.entries(sources)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), source);
    }
    execFileSync('git', ['apply', '--whitespace=nowarn', '-'], {
      cwd: folder,
      input: patch,
    });
    return Object.fromEntries(
      Object.keys(sources).map(file => [
        file,
        readFileSync(join(folder, file), 'utf8'),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function diff(
  sources: Record<string, string>,
  outputs: Record<string, string>,
): string {
  return Object.entries(outputs)
    .map(([file, output]) =>
      diffManifest(file, Buffer.from(sources[file]), Buffer.from(output)),
    )
    .join('');
}

const lines = Array.from({ length: 30 }, (_, index) => `line${index}: a`);

describe('diffManifest', () => {
  it('looks as git prints it', () => {
    expect(
      diff(
        { 'apps/a.yaml': 'image: a:1\n' },
        { 'apps/a.yaml': 'image: a:2\n' },
      ),
    ).toBe(
      [
        'diff --git a/apps/a.yaml b/apps/a.yaml',
        '--- a/apps/a.yaml',
        '+++ b/apps/a.yaml',
        '@@ -1,1 +1,1 @@',
        '-image: a:1',
        '+image: a:2',
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['two places', `${lines.join('\n')}\n`],
    ['CRLF', `${lines.join('\r\n')}\r\n`],
    ['mixed line ends', lines.join('\r\n').replace('\r\n', '\n')],
    ['no final line break', lines.join('\n')],
    ['a byte order mark', `\ufeff${lines.join('\n')}\n`],
    ['other alphabets', `${lines.join(' \u00e9\u{1F600}\n')}\n`],
    ['separators that are no line breaks', lines.join('\u2028\u0085\n')],
    [
      'lines that look like a patch',
      `--- a/x\n+++ b/x\n====\n${lines.join('\n')}`,
    ],
    ['form feeds', `${lines.join('\f\v\n')}\n`],
  ])('is applied by git: %s', (_, source) => {
    const output = source
      .replace('line3: a', 'line3: b')
      .replace('line29: a', 'line29: b');
    expect(output).not.toBe(source);
    const sources = { 'a.yaml': source };
    const patch = diff(sources, { 'a.yaml': output });
    expect(apply(sources, patch)).toEqual({ 'a.yaml': output });
  });

  it.each(['with space/a b.yaml', 'caf\u00e9.yaml', "it's.yaml", 'a/b/c.yml'])(
    'is applied by git to %s',
    file => {
      const patch = diff({ [file]: 'a: 1\n' }, { [file]: 'a: 2\n' });
      expect(apply({ [file]: 'a: 1\n' }, patch)).toEqual({ [file]: 'a: 2\n' });
    },
  );

  it('is applied by git to several files', () => {
    const sources = {
      'a.yaml': 'a: 1',
      'b/b.yaml': 'b: 1\n',
      'c.yaml': 'c: 1',
    };
    const outputs = { 'a.yaml': 'a: 2', 'b/b.yaml': 'b: 2\n' };
    expect(apply(sources, diff(sources, outputs))).toEqual({
      ...sources,
      ...outputs,
    });
  });
});
