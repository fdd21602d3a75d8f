import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { runAtOnce } from '../inTurns';
import { readYaml } from './readYaml';

const SIZE = 1024 * 1024;

describe('readYaml', () => {
  // To list a million errors takes over ten seconds, and the first one is enough.
  it.each(['}', '{}', ']', 'a: }\n', 'a: {}}\n'])(
    'stops at the first error of a megabyte of %j',
    part => {
      const source = Buffer.alloc(SIZE, part);
      const started = process.cpuUsage();
      const found = runAtOnce(readYaml(source, 2_000_000));
      const spent = cpuTimeSince(started);
      expect(found).toEqual({
        tokens: expect.any(Number),
        line: 1,
        message: expect.stringContaining('the file is not valid YAML (line 1,'),
      });
      expect(spent).toBeLessThan(3_000);
    },
  );
});
