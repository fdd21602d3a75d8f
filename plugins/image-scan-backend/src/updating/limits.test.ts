import {
  REPOSITORY_LIMITS,
  type RepositoryLimits,
} from 'backstage-plugin-image-scan-node';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { readRepository } from './readRepository';

const scan = (name: string) =>
  `imageScans:\n- {tagName: ${name}, image: nginx}\n`;
const marked = (name: string) => `image: nginx:1 # {"$imagescan": "${name}"}\n`;

jest.setTimeout(60_000);

/** What is read of some files with one limit that is another than always. */
async function read(
  limits: Partial<RepositoryLimits>,
  files: Record<string, string>,
) {
  const contents = new Map<string, Buffer>();
  // Equal contents are one, as they are in git.
  const contentOf = (text: string) => {
    const content = contents.get(text) ?? Buffer.from(text);
    contents.set(text, content);
    return content;
  };
  const unused = async () => {
    throw new Error('Reading writes nothing');
  };
  const repository = await readRepository(
    {
      head: { branch: 'main', commit: '1'.repeat(40) },
      files: unused,
      read: unused,
      find: async () =>
        Object.entries(files).map(([path, text]) => ({
          path,
          oid: text,
          executable: false,
          content: contentOf(text),
        })),
      commit: unused,
      push: unused,
      close: async () => {},
    },
    {
      definition: aGitRepo('repo', { paths: ['.'] }),
      credentialKeyOf: () => 'none',
      limits: { ...REPOSITORY_LIMITS, ...limits },
    },
  );
  return {
    ...repository.contents,
    manifests: repository.manifests.map(({ file }) => file),
    messages: repository.contents.problems.map(({ message }) => message),
    markedFiles: repository.contents.markers.map(({ file }) => file),
  };
}

describe('limits of readRepository', () => {
  it('reads as many definitions as there may be, folder by folder', async () => {
    const { definitions, messages } = await read(
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
    const { messages } = await read({ definitions: 8 }, files);
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
    const { definitions, messages } = await read(
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
    const { markedFiles, manifests, messages } = await read(
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
    const { markedFiles, messages } = await read(
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
    const { markedFiles, messages } = await read(
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
    const { markedFiles } = await read(
      { markerTokens: 500, fileTokens: 20 },
      { ...files, 'fleet.yaml': scan('web') },
    );
    expect(markedFiles).toHaveLength(50);
  });

  it('reads no definitions among too many tokens, and no scan in their place', async () => {
    const { definitions, markedFiles, messages } = await read(
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

  it('reads eight thousand scans of one name, each in its folder', async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 8_000; index += 1) {
      files[`apps/app-${index}/fleet.yaml`] = scan('app');
      files[`apps/app-${index}/m.yaml`] = `${marked('app')}# ${index}\n`;
    }
    const { definitions, markedFiles, messages } = await read({}, files);
    expect(definitions).toHaveLength(8_000);
    expect(markedFiles).toHaveLength(8_000);
    expect(messages).toEqual([]);
  });

  it('reads four thousand apps with much that is only for Fleet', async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 4_000; index += 1) {
      files[`apps/app-${index}/fleet.yaml`] = `${scan(
        'app',
      )}helm:\n  values:\n${'    key: value\n'.repeat(50)}# ${index}\n`;
    }
    const { definitions, messages } = await read({}, files);
    expect(definitions).toHaveLength(4_000);
    expect(messages).toEqual([]);
  });
});
