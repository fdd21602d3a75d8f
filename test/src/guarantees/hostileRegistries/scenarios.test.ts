import { scenarios, stopScenarios } from './scenarios';

jest.setTimeout(120_000);

beforeAll(() => {
  process.env.NO_PROXY = '*';
});

afterEach(stopScenarios);

describe('a hostile or broken registry, or what leads to one', () => {
  it.each(scenarios.map(row => [row.number, row.name, row] as const))(
    '%i: %s',
    async (_number, _name, { run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
  );
});
