import { marked, readFiles, scan } from '../__testUtils__/readFiles';

describe('limits of readRepository', () => {
  it('reads as many definitions as there may be, folder by folder', async () => {
    const { definitions, messages } = await readFiles(
      { definitions: 2 },
      {
        'a/fleet.yaml': scan('a'),
        'b/fleet.yaml': scan('b'),
        'c/fleet.yaml': scan('c'),
      },
    );
    expect(definitions.map(({ tagName }) => tagName)).toEqual(['a', 'b']);
    expect(messages).toEqual([
      'c/fleet.yaml: none of the 1 entries of c is read, because a git repo can have 2 (limit definitions) and those of the folders before are counted too; narrow spec.paths or divide the git repo',
    ]);
  });

  it('goes through broken entries as often as there is room for', async () => {
    const broken = `imageScans:\n${'- {}\n'.repeat(4)}`;
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        `d${index + 100}/fleet.yaml`,
        broken,
      ]),
    );
    const { messages } = await readFiles({ definitions: 8 }, files);
    // Eight errors each, and forty are gone through.
    expect(
      messages.filter(message => message.includes('is missing')),
    ).toHaveLength(40);
    expect(
      messages.filter(message => message.includes('limit definitions')),
    ).toHaveLength(95);
  });

  it('refuses the entries whose patterns are too many, and takes the others', async () => {
    const filtered = (name: string, pattern: string) =>
      `imageScans:\n- {tagName: ${name}, image: nginx, filterTags: {pattern: '${pattern}'}}\n`;
    const { definitions, messages } = await readFiles(
      { patternSize: 20 },
      {
        'a/imagescans.yaml': filtered('a', '^v1'),
        'b/imagescans.yaml': filtered('b', '^version-[0-9]{20}$'),
        'c/imagescans.yaml': filtered('c', '^v1'),
      },
    );
    expect(definitions.map(({ tagName }) => tagName)).toEqual(['a', 'c']);
    expect(messages).toEqual([
      expect.stringMatching(
        /^b\/imagescans.yaml: imageScans\[0\] \(b\) on line 2, filterTags\.pattern: the patterns of this git repo .* \(limit patternSize\)/,
      ),
    ]);
  });

  it('leaves out the files with markers that are too many', async () => {
    const { markedFiles, manifests, messages } = await readFiles(
      { markers: 2 },
      {
        'a.yaml': marked('web'),
        'b.yaml': marked('web').repeat(5),
        'c.yaml': marked('web'),
        'fleet.yaml': scan('web'),
      },
    );
    expect(markedFiles).toEqual(['a.yaml', 'c.yaml']);
    expect(manifests).toEqual(['a.yaml', 'c.yaml']);
    expect(messages).toEqual([
      'b.yaml: none of its 5 markers is read, because a git repo can have 2 with 8 MiB of paths and values (limit markers) and those of the files before are counted too; narrow spec.paths or divide the git repo',
    ]);
  });

  it('counts the bytes of their paths and values', async () => {
    const long = `${'d'.repeat(900)}/m.yaml`;
    const { markedFiles, messages } = await readFiles(
      { markerBytes: 2_000 },
      {
        'a.yaml': marked('web'),
        [long]: marked('web').repeat(3),
        'fleet.yaml': scan('web'),
      },
    );
    expect(markedFiles).toEqual(['a.yaml']);
    expect(messages).toEqual([expect.stringContaining('(limit markers)')]);
  });

  it('reads no manifest that has too many tokens, and all others', async () => {
    const long = `${marked('web')}${'k: v\n'.repeat(300)}`;
    const { markedFiles, messages } = await readFiles(
      { markerTokens: 500, fileTokens: 20 },
      {
        'a.yaml': `${marked('web')}${'k: v\n'.repeat(50)}`,
        'b.yaml': long,
        'c/same.yaml': long,
        'd.yaml': marked('web'),
        'fleet.yaml': scan('web'),
      },
    );
    expect(markedFiles).toEqual(['a.yaml', 'd.yaml']);
    expect(messages).toEqual(
      ['b.yaml', 'c/same.yaml'].map(
        file =>
          `${file}: none of its markers is read, because it has too many tokens of YAML (names, values, signs and line ends): in a git repo, 500 are read beyond 20 of each file with markers (limit markerTokens); divide the file, or narrow spec.paths`,
      ),
    );
  });

  it('counts one content under many names once', async () => {
    const text = `${marked('web')}${'k: v\n'.repeat(80)}`;
    const files = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`m${index}.yaml`, text]),
    );
    const { markedFiles } = await readFiles(
      { markerTokens: 500, fileTokens: 20 },
      { ...files, 'fleet.yaml': scan('web') },
    );
    expect(markedFiles).toHaveLength(50);
  });

  it('reads no definitions among too many tokens, and no scan in their place', async () => {
    const { definitions, markedFiles, messages } = await readFiles(
      { definitionTokens: 100, fileTokens: 20 },
      {
        'a/fleet.yaml': `${scan('web')}${'k: v\n'.repeat(200)}`,
        'a/m.yaml': marked('web'),
        'b/fleet.yaml': scan('web'),
        'b/m.yaml': marked('web'),
      },
    );
    expect(definitions.map(({ path }) => path)).toEqual(['b']);
    expect(markedFiles).toEqual(['b/m.yaml']);
    expect(messages).toEqual([
      expect.stringMatching(
        /^a\/fleet\.yaml: the file has more than .* limit definitionTokens\)/,
      ),
      expect.stringContaining('a/fleet.yaml cannot be read'),
    ]);
  });
});
