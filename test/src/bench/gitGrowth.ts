import type { Bench, BenchOptions } from './Bench';
import { remoteOf, update } from './gitUpdate';
import { GitWorkplace } from './GitWorkplace';
import { growthResult } from './growth';
import { measureAlone } from './measure';

const MARKED = 10;

/** Median time of an update after `changed` of `files` files were changed. */
async function updateBehind(
  workplace: GitWorkplace,
  { files, changed }: { files: number; changed: number },
  { rounds }: BenchOptions,
): Promise<number> {
  const name = `behind-${files}-${changed}`;
  const url = await workplace.createRepository(name, { files, marked: MARKED });
  const remote = remoteOf(url, workplace.transport);
  await update(remote, workplace.newTag());
  const median = await measureAlone(
    {
      prepare: () => workplace.changeFiles(name, files, changed),
      run: () => update(remote, workplace.newTag()),
    },
    rounds,
  );
  await workplace.remove(`${name}.git`);
  return median;
}

async function updateCold(
  workplace: GitWorkplace,
  files: number,
  { rounds }: BenchOptions,
): Promise<number> {
  const name = `cold-${files}`;
  const url = await workplace.createRepository(name, { files, marked: MARKED });
  const median = await measureAlone(
    {
      prepare: () => workplace.reset(name),
      run: () => update(remoteOf(url, workplace.transport), workplace.newTag()),
    },
    rounds,
  );
  await workplace.remove(`${name}.git`);
  return median;
}

/** How the time of an update follows what changed, and what is there. */
export const gitGrowth: Bench = {
  name: 'git-growth',
  async run(options) {
    const workplace = await GitWorkplace.create();
    const sizes = options.short ? [50, 100] : [1_000, 10_000, 100_000];
    const changes = options.short ? [2, 20] : [5, 50, 500];
    const usual = options.short ? 5 : 50;
    const behind: number[] = [];
    const more: number[] = [];
    const cold: number[] = [];
    try {
      for (const files of sizes) {
        const size = { files, changed: usual };
        behind.push(await updateBehind(workplace, size, options));
        cold.push(await updateCold(workplace, files, options));
      }
      for (const changed of changes) {
        const size = { files: sizes[1], changed };
        more.push(await updateBehind(workplace, size, options));
      }
    } finally {
      await workplace.close();
    }
    return [
      growthResult({
        path: `update behind by ${usual} files, of ${sizes.join(', ')}`,
        sizes,
        values: behind,
        atMost: 0.5,
      }),
      growthResult({
        path: `update behind by ${changes.join(', ')} files, of ${sizes[1]}`,
        sizes: changes,
        values: more,
        atMost: 1.1,
      }),
      growthResult({
        path: `update, cold, of ${sizes.join(', ')} files`,
        sizes,
        values: cold,
        atMost: 1.1,
      }),
    ];
  },
};
