import { REPOSITORY_LIMITS } from 'backstage-plugin-image-scan-node';
import { ProblemList } from './ProblemList';

const problem = (index: number) => ({
  file: `${index}.yaml`,
  line: 1,
  tagName: 'web',
  message: `${index}.yaml: is wrong`,
});

function listOf(count: number, limits = {}) {
  const list = new ProblemList({ ...REPOSITORY_LIMITS, ...limits });
  list.addAll(Array.from({ length: count }, (_, index) => problem(index)));
  return list;
}

describe('ProblemList', () => {
  it('lists problems in their order, up to the limit', () => {
    expect(listOf(3, { problems: 3 }).toArray()).toEqual(
      [0, 1, 2].map(problem),
    );
  });

  it('says how many more there are, and what to do', () => {
    const list = listOf(5, { problems: 3 });
    list.count('other.yaml', 2_000);
    expect(list.toArray()).toEqual([
      ...[0, 1, 2].map(problem),
      {
        file: '3.yaml',
        message:
          '2,002 more problems are not listed, the first of them in this file: at most 3 with 256 KiB of text are kept of a git repo (limit problems); mend those that are listed, or narrow spec.paths',
      },
    ]);
  });

  it('holds so many bytes, whatever the texts are', () => {
    const list = new ProblemList(REPOSITORY_LIMITS);
    for (let index = 0; index < 10_000; index += 1) {
      list.add({ ...problem(index), message: 'x'.repeat(100_000) });
    }
    const problems = list.toArray();
    expect(JSON.stringify(problems).length).toBeLessThan(300 * 1024);
    expect(problems.length).toBeGreaterThan(200);
    expect(problems[0].message).toBe(`${'x'.repeat(1_000)}…`);
  });

  it('keeps what is wrong with a file of a long path', () => {
    const list = new ProblemList(REPOSITORY_LIMITS);
    const file = `${'a/'.repeat(500)}m.yaml`;
    list.add({ file, message: `${file}: is wrong` });
    expect(list.toArray()).toEqual([
      { file, message: `${'a/'.repeat(100)}…: is wrong` },
    ]);
  });

  it('counts nothing where there is nothing', () => {
    const list = new ProblemList(REPOSITORY_LIMITS);
    list.count('a.yaml', 0);
    expect(list.isFull).toBe(false);
    expect(list.toArray()).toEqual([]);
  });
});
