import { runAtOnce } from '../inTurns';
import { readYaml } from './readYaml';

function read(source: Buffer, maxTokens = 1000) {
  return runAtOnce(readYaml(source, maxTokens));
}

describe('readYaml', () => {
  it('reads all documents, and names the first line that is wrong', () => {
    const found = read(Buffer.from('a: 1\n---\nb: 2\n'));
    expect('documents' in found && found.documents).toHaveLength(2);
    expect(read(Buffer.from('a: 1\n---\nb: }\n---\nc: ]\n'))).toMatchObject({
      line: 3,
    });
    expect(read(Buffer.from(''))).toEqual({
      documents: [],
      tokens: 0,
    });
  });

  it('parses no file with too many tokens', () => {
    const source = Buffer.from('a: b\n'.repeat(100));
    const { tokens } = read(source);
    expect(tokens).toBeGreaterThanOrEqual(500);
    expect(read(source, tokens)).toHaveProperty('documents');
    expect(read(source, 499)).toEqual({
      line: 100,
      tokens: 500,
      message:
        'the file has more than 499 tokens of YAML (names, values, signs and line ends; limit definitionTokens), the most that is read of it; move imageScans to a file of its own, or divide the file',
    });
  });
});
