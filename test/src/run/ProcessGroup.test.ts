import { testFolder } from './testFolder';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessGroup } from './ProcessGroup';

// Whoever adopts an orphan may take its time to reap it.
jest.setTimeout(30_000);

describe('ProcessGroup', () => {
  const folder = testFolder();

  const tidyLoop =
    'trap "touch tidy; exit 0" TERM; touch ready; while :; do sleep 0.05; done';

  beforeEach(() => folder.setContent({}));

  it('ends what the program left behind', async () => {
    const group = ProcessGroup.start({
      program: 'sh',
      args: ['-c', `(${tidyLoop}) & exit 7`],
      cwd: folder.path,
    });
    await expect(group.exited).resolves.toBe(7);
    await fileExists('ready');

    await group.stop();

    expect(existsSync(folder.resolve('tidy'))).toBe(true);
    await group.stop();
  });

  it('gives a program time to end by itself', async () => {
    const group = ProcessGroup.start({
      program: 'sh',
      args: ['-c', tidyLoop],
      cwd: folder.path,
    });
    await fileExists('ready');

    await group.stop();

    await expect(group.exited).resolves.toBe(0);
    expect(existsSync(folder.resolve('tidy'))).toBe(true);
  });

  it('says when the program does not exist', async () => {
    const group = ProcessGroup.start({
      program: 'no-such-program',
      args: [],
      cwd: folder.path,
    });
    await expect(group.exited).rejects.toThrow('ENOENT');
    await group.stop();
  });

  async function fileExists(name: string) {
    while (!existsSync(folder.resolve(name))) {
      await sleep(20);
    }
  }
});
