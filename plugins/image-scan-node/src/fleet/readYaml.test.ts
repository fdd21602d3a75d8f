import { readYaml } from './readYaml';

const SIZE = 1024 * 1024;

describe('readYaml', () => {
  // To list a million errors takes over ten seconds, and the first one is enough.
  it.each(['}', '{}', ']', 'a: }\n', 'a: {}}\n'])(
    'stops at the first error of a megabyte of %j',
    part => {
      const source = Buffer.alloc(SIZE, part);
      const started = process.cpuUsage();
      const read = readYaml(source);
      const { user, system } = process.cpuUsage(started);
      expect(read).toEqual({
        line: 1,
        message: expect.stringContaining('the file is not valid YAML (line 1,'),
      });
      expect((user + system) / 1000).toBeLessThan(3_000);
    },
  );

  it('reads all documents, and names the first line that is wrong', () => {
    const read = readYaml(Buffer.from('a: 1\n---\nb: 2\n'));
    expect('documents' in read && read.documents).toHaveLength(2);
    expect(readYaml(Buffer.from('a: 1\n---\nb: }\n---\nc: ]\n'))).toMatchObject(
      { line: 3 },
    );
    expect(readYaml(Buffer.from(''))).toEqual({ documents: [] });
  });
});
