import { marked, readFiles, scan } from '../__testUtils__/readFiles';

jest.setTimeout(60_000);

describe('readRepository, below its limits', () => {
  it('reads eight thousand scans of one name, each in its folder', async () => {
    const files: Record<string, string> = {};
    for (let index = 0; index < 8_000; index += 1) {
      files[`apps/app-${index}/fleet.yaml`] = scan('app');
      files[`apps/app-${index}/m.yaml`] = `${marked('app')}# ${index}\n`;
    }
    const { definitions, markedFiles, messages } = await readFiles({}, files);
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
    const { definitions, messages } = await readFiles({}, files);
    expect(definitions).toHaveLength(4_000);
    expect(messages).toEqual([]);
  });
});
