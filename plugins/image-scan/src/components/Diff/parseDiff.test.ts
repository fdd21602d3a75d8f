import { WEB_DIFF } from '../../../dev/__data__/imageScans';
import { parseDiff } from './parseDiff';

describe('parseDiff', () => {
  it('takes a diff of git apart', () => {
    const files = parseDiff(WEB_DIFF);
    expect(files.map(({ file }) => file)).toEqual([
      'apps/web/deployment.yaml',
      'apps/web/values.yaml',
    ]);
    expect(files[1].lines).toEqual([
      { kind: 'hunk', text: '@@ -1,4 +1,4 @@' },
      { kind: 'context', text: 'image:' },
      { kind: 'context', text: '  repository: registry.example.com/shop/web' },
      { kind: 'removed', text: '  tag: 1.3.0 # {"$imagescan": "web:tag"}' },
      { kind: 'added', text: '  tag: 1.4.2 # {"$imagescan": "web:tag"}' },
      { kind: 'context', text: '  pullPolicy: IfNotPresent' },
    ]);
  });

  it('is not taken in by content that looks like a header', () => {
    const [file, ...others] = parseDiff(
      '--- a/x.yaml\n+++ b/x.yaml\n@@ -1,2 +1,2 @@\n--- a/y.yaml\n+++ b/y.yaml\n same\n',
    );
    expect(others).toEqual([]);
    expect(file).toEqual({
      file: 'x.yaml',
      lines: [
        { kind: 'hunk', text: '@@ -1,2 +1,2 @@' },
        { kind: 'removed', text: '-- a/y.yaml' },
        { kind: 'added', text: '++ b/y.yaml' },
        { kind: 'context', text: 'same' },
      ],
    });
  });

  it('keeps carriage returns and notes about a missing last newline', () => {
    const [{ lines }] = parseDiff(
      '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\r\n\\ No newline at end of file\n+b\r\n',
    );
    expect(lines.slice(1)).toEqual([
      { kind: 'removed', text: 'a\r' },
      { kind: 'note', text: '\\ No newline at end of file' },
      { kind: 'added', text: 'b\r' },
    ]);
  });

  it('says nothing of nothing', () => {
    expect(parseDiff('')).toEqual([]);
  });
});
