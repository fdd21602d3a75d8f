import { moveImageScans } from './moveImageScans';

const ENTRY =
  '- tagName: web\n  image: nginx\n  policy: {semver: {range: "*"}}\n';
const BLOCK = `imageScans:\n${ENTRY}`;
const OTHER = ENTRY.replace('web', 'db');

function move(files: Record<string, string>) {
  const moved = moveImageScans(
    new Map(
      Object.entries(files).map(([file, text]) => [file, Buffer.from(text)]),
    ),
  );
  return 'files' in moved
    ? Object.fromEntries(
        Array.from(moved.files, ([file, text]) => [file, `${text}`]),
      )
    : moved.refused;
}

describe('moveImageScans', () => {
  it.each([
    [
      'a BOM and a directive',
      `\ufeff%YAML 1.2\n---\n${BLOCK}a: 1\n`,
      '\ufeff%YAML 1.2\n---\na: 1\n',
      BLOCK,
    ],
    ['the end of a document', `${BLOCK}...\n`, '...\n', BLOCK],
    ['another document', `${BLOCK}---\na: 1\n`, '---\na: 1\n', BLOCK],
    [
      'an explicit key',
      `a: 1\n? imageScans\n:\n${ENTRY}b: 2\n`,
      'a: 1\nb: 2\n',
      `? imageScans\n:\n${ENTRY}`,
    ],
    ['a blank line behind', `${BLOCK}\na: 1\n`, '\na: 1\n', BLOCK],
    [
      'a text that ends with blank lines',
      `imageScans:\n- tagName: web\n  image: nginx\n  policy: {semver: {range: "*"}}\n  note: |+\n    x\n\na: 1\n`,
      'a: 1\n',
      `imageScans:\n- tagName: web\n  image: nginx\n  policy: {semver: {range: "*"}}\n  note: |+\n    x\n\n`,
    ],
    [
      'an anchor and its alias',
      `imageScans:\n- tagName: web\n  image: &i nginx\n- tagName: db\n  image: *i\na: 1\n`,
      'a: 1\n',
      `imageScans:\n- tagName: web\n  image: &i nginx\n- tagName: db\n  image: *i\n`,
    ],
    [
      'a key of that name further in',
      `a:\n  imageScans: []\n${BLOCK}`,
      'a:\n  imageScans: []\n',
      BLOCK,
    ],
    [
      'a blank line and a comment above',
      `\n# x\n${BLOCK}`,
      '\n',
      `# x\n${BLOCK}`,
    ],
    [
      'an indented comment above',
      `a: 1\n  # of a\n${BLOCK}`,
      'a: 1\n  # of a\n',
      BLOCK,
    ],
  ])('moves the block with %s', (_, before, rest, moved) => {
    expect(move({ 'fleet.yaml': before })).toEqual({
      'fleet.yaml': rest,
      'imagescans.yaml': moved,
    });
  });

  it('appends to a file that is there', () => {
    expect(
      move({
        'app/fleet.yaml': `# ours\n${BLOCK}`,
        'app/imagescans.yaml': `imageScans:\n${OTHER}# end\n`,
      }),
    ).toEqual({
      'app/fleet.yaml': '',
      'app/imagescans.yaml': `imageScans:\n${OTHER}# ours\n${ENTRY}# end\n`,
    });
  });

  it.each([
    ['the same name', `imageScans:\n${ENTRY}`],
    ['another indentation', `imageScans:\n  - tagName: db\n    image: x\n`],
    ['other line ends', `imageScans:\r\n- tagName: db\r\n  image: x\r\n`],
    ['no list', 'a: 1\n'],
    ['braces', 'imageScans: [{tagName: db, image: x}]\n'],
  ])('does not append to a file with %s', (_, existing) => {
    expect(move({ 'fleet.yaml': BLOCK, 'imagescans.yaml': existing })).toBe(
      'imagescans-exists',
    );
  });

  it('reads options files and fleet.yml, which counts alone', () => {
    expect(move({ 'options.yaml': BLOCK })).toEqual({
      'options.yaml': '',
      'imagescans.yaml': BLOCK,
    });
    expect(move({ 'fleet.yml': BLOCK })).toEqual({
      'fleet.yml': '',
      'imagescans.yaml': BLOCK,
    });
    expect(move({ 'fleet.yml': BLOCK, 'fleet.yaml': 'a: 1\n' })).toBe(
      'nothing-to-move',
    );
    expect(move({ 'fleet.yaml': BLOCK, 'options.yaml': BLOCK })).toBe(
      'several-files',
    );
  });

  it.each([
    ['twice', `${BLOCK}a: 1\n${BLOCK}`],
    ['unreadable', `${BLOCK}\0`],
    ['unreadable', `${BLOCK}a: *nothing\n`],
    ['anchor-outside', 'a: &a [{tagName: web, image: x}]\nimageScans: *a\n'],
    ['nothing-to-move', 'a: 1\n'],
    ['nothing-to-move', 'a: imageScans\n'],
  ])('refuses as %s', (refused, text) => {
    expect(move({ 'fleet.yaml': text })).toBe(refused);
  });

  it('says file, line and what to do', () => {
    const moved = moveImageScans(
      new Map([['app/fleet.yaml', Buffer.from(`${BLOCK}a: 1\n${BLOCK}`)]]),
    );
    expect(moved).toMatchObject({
      message:
        'app/fleet.yaml:6: imageScans were not moved, because imageScans is there twice. Write one list.',
    });
  });
});
