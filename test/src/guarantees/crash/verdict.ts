import type { UpdateRecord } from 'backstage-plugin-image-scan-common';
import { eventually } from '../../integration/eventually';
import type { CrashScenario, ScenarioImage } from './scenario';

/** A commit of the backend as git has it. */
interface WrittenCommit {
  commit: string;
  changes: { file: string; from: string; to: string }[];
}

/**
 * Checks what a scenario has left behind in git and in the database, once
 * everything is up to date.
 */
export async function judge(scenario: CrashScenario): Promise<void> {
  expect(scenario.refusals).toEqual([]);
  const found = new Set<string>();
  for (const repository of scenario.repositories) {
    const images = scenario.images.filter(
      image => image.repository === repository,
    );
    const { written, foreign } = await readHistory(scenario, repository);
    foreign.forEach(commit => found.add(commit));
    images.forEach(image => expectEachTagOnce(image, written));
    await expectTheSameInTheDatabase(scenario, images, written);
    await scenario.servers.git.fsck(repository);
  }
  expect([...found].sort()).toEqual([...scenario.foreignCommits].sort());
  await expectNothingHeld(scenario);
}

/** A value never comes back, and the newest tag came. */
function expectEachTagOnce(
  { file, version }: ScenarioImage,
  written: readonly WrittenCommit[],
): void {
  const changes = written
    .flatMap(commit => commit.changes)
    .filter(change => change.file === file);
  const versions = changes.map(({ to }) => Number(to.split('.')[1]));
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  // The first tag was there before the backend was.
  expect(versions.at(-1) ?? 1).toBe(version);
}

async function expectTheSameInTheDatabase(
  scenario: CrashScenario,
  images: readonly ScenarioImage[],
  written: readonly WrittenCommit[],
): Promise<void> {
  const { client } = scenario.backend;
  const names = [...new Set(images.map(({ gitRepo }) => gitRepo))];
  // The last push may have been noted, and not yet been asked for.
  await eventually(
    async () => {
      const known = (
        await Promise.all(
          names.map(async gitRepo => {
            await client.syncGitRepo(gitRepo);
            return allUpdates(scenario, gitRepo);
          }),
        )
      ).flat();
      expect(known.map(({ commit }) => commit).sort()).toEqual(
        written.map(({ commit }) => commit).sort(),
      );
      for (const { commit, changes } of written) {
        const update = known.find(each => each.commit === commit);
        expect(
          update?.changes.map(({ file, from, to }) => ({ file, from, to })),
        ).toEqual(changes);
      }
    },
    { timeout: 30_000 },
  );
  const { items } = await client.listImageScans({ limit: 100 });
  for (const { gitRepo, tagName, file } of images) {
    const scan = items.find(
      each => each.gitRepo === gitRepo && each.tagName === tagName,
    );
    const last = written.filter(({ changes }) =>
      changes.some(change => change.file === file),
    );
    expect(scan?.lastUpdate?.commit).toBe(last.at(-1)?.commit);
  }
}

async function allUpdates(
  { backend }: CrashScenario,
  gitRepo: string,
): Promise<UpdateRecord[]> {
  const all: UpdateRecord[] = [];
  for (;;) {
    const { items, totalItems } = await backend.client.listUpdates({
      gitRepo,
      limit: 100,
      offset: all.length,
    });
    all.push(...items);
    if (all.length >= totalItems || items.length === 0) {
      return all;
    }
  }
}

/** After an orderly end nobody holds anything. */
async function expectNothingHeld({
  backend,
  database,
}: CrashScenario): Promise<void> {
  await backend.kill('SIGTERM');
  const knex = database.connect();
  try {
    for (const table of ['git_repos', 'image_scans', 'branch_locks']) {
      expect(await knex(table).where('lease_until', '>', 1)).toEqual([]);
    }
  } finally {
    await knex.destroy();
  }
}

/** The commits of a branch, the oldest first, without the first of all. */
async function readHistory(
  { servers, foreignCommits }: CrashScenario,
  repository: string,
): Promise<{ written: WrittenCommit[]; foreign: string[] }> {
  const log = await servers.git.run(
    repository,
    ...['log', '--reverse', '--first-parent', '--unified=0', '--patch'],
    ...['--format=commit %H %P', 'main'],
  );
  const commits = log
    .split(/^commit /m)
    .slice(1)
    .map(text => text.split('\n'))
    .filter(([head]) => head.trim().includes(' '))
    .map(([head, ...lines]) => ({ commit: head.split(' ')[0], lines }));
  const isForeign = ({ commit }: { commit: string }) =>
    foreignCommits.includes(commit);
  return {
    foreign: commits.filter(isForeign).map(({ commit }) => commit),
    written: commits
      .filter(each => !isForeign(each))
      .map(({ commit, lines }) => ({ commit, changes: readChanges(lines) })),
  };
}

function readChanges(lines: readonly string[]): WrittenCommit['changes'] {
  const changes: WrittenCommit['changes'] = [];
  let file = '';
  let from = '';
  for (const line of lines) {
    const [, value] = /^[-+]v: (\S+) #/.exec(line) ?? [];
    if (line.startsWith('+++ b/')) {
      file = line.slice('+++ b/'.length);
    } else if (value && line.startsWith('-')) {
      from = value;
    } else if (value) {
      changes.push({ file, from, to: value });
    }
  }
  return changes;
}
