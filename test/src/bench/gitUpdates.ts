import assert from 'node:assert';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench, BenchOptions, BenchResult } from './Bench';
import { cloneAndUpdate, pullAndUpdate, shell } from './gitCommands';
import type { RepositorySize } from './gitRepositories';
import { remoteOf, update } from './gitUpdate';
import { GitWorkplace } from './GitWorkplace';
import { compare } from './measure';

/** Two equal repositories, so that neither way sees what the other pushed. */
const OURS = 'ours';
const THEIRS = 'theirs';
const CLONE = 'clone';

interface UpdateComparison {
  path: string;
  size: RepositorySize;
  atMost: number;
}

async function createPair(workplace: GitWorkplace, size: RepositorySize) {
  const ours = await workplace.createRepository(OURS, size);
  const theirs = await workplace.createRepository(THEIRS, size);
  return { ours, theirs, clone: join(workplace.directory, CLONE) };
}

async function removePair(workplace: GitWorkplace): Promise<void> {
  await workplace.remove(`${OURS}.git`, `${THEIRS}.git`, CLONE);
}

/** The same tree by both ways, with every marked file changed. */
async function checkSame({ git }: GitWorkplace, marked: number): Promise<void> {
  const tree = await git.run(OURS, 'rev-parse', 'main^{tree}');
  const same = await git.run(THEIRS, 'rev-parse', 'main^{tree}');
  assert.strictEqual(tree, same, 'Both ways write the same');
  const changed = await git.run(OURS, 'diff', '--name-only', 'main~1', 'main');
  assert.strictEqual(changed.trim().split('\n').length, marked);
  await git.fsck(OURS);
}

async function coldUpdate(
  workplace: GitWorkplace,
  { path, size, atMost }: UpdateComparison,
  options: BenchOptions,
): Promise<BenchResult> {
  const { ours, theirs, clone } = await createPair(workplace, size);
  let tag = workplace.newTag();
  const updateOurs = () => update(remoteOf(ours, workplace.transport), tag);
  const updateTheirs = () => cloneAndUpdate(theirs, clone, tag);
  await updateOurs();
  await updateTheirs();
  await checkSame(workplace, size.marked);

  const result = await compare(
    {
      path,
      ours: {
        prepare: async () => {
          tag = workplace.newTag();
          await workplace.reset(OURS);
        },
        run: updateOurs,
      },
      peer: '`git`: clone, grep, sed, commit, push',
      theirs: {
        prepare: async () => {
          tag = workplace.newTag();
          await workplace.reset(THEIRS);
          await rm(clone, { recursive: true, force: true });
        },
        run: updateTheirs,
      },
      atMost,
    },
    options,
  );
  await removePair(workplace);
  return result;
}

async function updateBehind(
  workplace: GitWorkplace,
  comparison: UpdateComparison & { changed: number },
  options: BenchOptions,
): Promise<BenchResult[]> {
  const { path, size, changed, atMost } = comparison;
  const { ours, theirs, clone } = await createPair(workplace, size);
  const remote = remoteOf(ours, workplace.transport);
  let tag = workplace.newTag();
  await update(remote, tag);
  await cloneAndUpdate(theirs, clone, tag);
  // A clone that is kept has the history too.
  await shell('git fetch --quiet --unshallow origin main', clone);
  await checkSame(workplace, size.marked);

  const prepare = (name: string) => async () => {
    tag = workplace.newTag();
    await workplace.changeFiles(name, size.files, changed);
  };
  const behind = await compare(
    {
      path,
      ours: { prepare: prepare(OURS), run: () => update(remote, tag) },
      peer: '`git`, kept clone: fetch, reset, grep, sed, commit, push',
      theirs: {
        prepare: prepare(THEIRS),
        run: () => pullAndUpdate(clone, tag),
      },
      atMost,
    },
    options,
  );
  const files = await workplace.git.run(OURS, 'ls-tree', '-r', 'main');
  assert.strictEqual(files.trim().split('\n').length, size.files);

  await workplace.server.countRequests();
  await remote.head();
  assert.strictEqual(await workplace.server.countRequests(), 1);
  const unchanged = await compare(
    {
      path: `nothing changed, ${size.files} files: one request`,
      ours: { run: () => remote.head() },
      peer: '`git ls-remote`',
      theirs: { run: () => shell(`git ls-remote '${ours}' main`, '/') },
      atMost: 1.3,
    },
    options,
  );
  await removePair(workplace);
  return [behind, unchanged];
}

/** Writing markers in git: the whole way from a look at the branch to a push. */
export const gitUpdates: Bench = {
  name: 'git-updates',
  async run(options) {
    const files = options.short ? 200 : 10_000;
    const marked = options.short ? 20 : 100;
    const otherMegabytes = options.short ? 2 : 200;
    const changed = options.short ? 5 : 50;
    const cold: UpdateComparison[] = [
      {
        path: `update, cold: ${files} files, ${marked} marked`,
        size: { files, marked },
        atMost: 1,
      },
      {
        path: `update, cold: ${files * 5} files, ${marked} marked`,
        size: { files: files * 5, marked },
        atMost: 0.8,
      },
      {
        path: `update, cold: ${marked} files, all marked, beside ${otherMegabytes} MiB of others`,
        size: { files: marked, marked, otherMegabytes },
        atMost: 0.1,
      },
    ];
    const workplace = await GitWorkplace.create();
    try {
      const results: BenchResult[] = [];
      for (const comparison of cold) {
        results.push(await coldUpdate(workplace, comparison, options));
      }
      const behind = {
        path: `update, one commit behind: ${changed} of ${files} files changed`,
        size: { files, marked },
        changed,
        atMost: 0.6,
      };
      results.push(...(await updateBehind(workplace, behind, options)));
      return results;
    } finally {
      await workplace.close();
    }
  },
};
