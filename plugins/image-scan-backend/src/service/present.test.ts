import { ScmIntegrations } from '@backstage/integration';
import { ConfigReader } from '@backstage/config';
import type {
  ImageScanCounts,
  ImageScanState,
} from 'backstage-plugin-image-scan-common';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import type { ListedScan } from '../database/ImageScanStore';
import { GitRepoDirectory } from '../model/GitRepoDirectory';
import type { ScanMarker } from '../model/types';
import { presentGitRepo, presentScan } from './present';

const counts: ImageScanCounts = {
  error: 0,
  held: 0,
  'update-available': 0,
  unknown: 0,
  suspended: 0,
  'up-to-date': 0,
};

const context = {
  directory: new GitRepoDirectory([aGitRepo('repo')]),
  integrations: ScmIntegrations.fromConfig(new ConfigReader({})),
};

const marker: ScanMarker = {
  scanId: 'id',
  file: 'a.yaml',
  line: 3,
  form: 'tag',
  current: '1.0.0',
};

/** A scan that nobody can say anything about just now. */
function unknown(markers: ScanMarker[]): ListedScan {
  return {
    scan: {
      definition: {
        id: 'id',
        gitRepo: context.directory.definitions[0].key,
        path: '.',
        tagName: 'web',
        image: 'nginx',
        policy: { semver: { range: '*' } },
        interval: 300_000,
        suspend: false,
        file: 'fleet.yaml',
        line: 2,
        warnings: [],
        hash: 'h',
        listKey: 'k',
        registryHost: 'index.docker.io',
      },
      state: 'unknown',
      choice: {},
      latest: { tag: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
      lastScanAt: 0,
      problems: [],
    },
    markers,
    decisions: [],
  };
}

describe('presentScan', () => {
  it('says since when a result is stale', () => {
    expect(presentScan(unknown([marker]), context)).toMatchObject({
      staleSince: '1970-01-01T00:00:00.000Z',
      problems: [],
    });
  });

  it('says of what waits for a window until when', () => {
    const windowOf = (window: object, state: ImageScanState) => {
      const imageScanWindow = { timeZone: 'UTC', ...window };
      const definition = aGitRepo('shop', { imageScanWindow });
      const directory = new GitRepoDirectory([definition]);
      const listed = unknown([marker]);
      const { key } = definition;
      const scan = {
        ...listed.scan,
        state,
        definition: { ...listed.scan.definition, gitRepo: key },
      };
      const shown = { ...context, directory };
      return [
        presentScan({ ...listed, scan }, shown).window,
        presentGitRepo(definition, undefined, counts, [], shown).window?.isOpen,
      ];
    };
    const closed = { deny: ['2020-01-01/2999-12-31'] };
    const until = '3000-01-01T00:00:00.000Z';
    expect(windowOf(closed, 'update-available')).toEqual([{ until }, false]);
    expect(windowOf(closed, 'held')).toEqual([undefined, false]);
    expect(windowOf({}, 'update-available')).toEqual([undefined, true]);
  });

  it('links who rolled back, where the host is known', () => {
    const rollback = {
      places: [],
      headBefore: 'a',
      headAfter: 'c',
      commit: 'b',
      author: 'Ada',
    };
    const made = (remote: string) =>
      presentScan(
        {
          ...unknown([marker]),
          decisions: [
            {
              id: 'd',
              kind: 'rollback',
              by: 'git',
              at: 0,
              place: { remote },
              rollback,
            },
          ],
        },
        context,
      ).decisions[0].rollback;
    expect(made('https://github.com/o/r')).toEqual({
      ...rollback,
      commitUrl: 'https://github.com/o/r/commit/b',
      compareUrl: 'https://github.com/o/r/compare/a...c',
    });
    expect(made('https://git.example.com/o/r')).toEqual(rollback);
  });

  it('does not call a scan without a marker stale', () => {
    const scan = presentScan(unknown([]), context);
    expect(scan.staleSince).toBeUndefined();
    expect(scan.problems).toMatchObject([
      { message: expect.stringContaining('no marker refers to this scan') },
    ]);
  });

  it.each([
    ['1.15.0-perl', ['1.12.0-alpine'], [/perl in place of alpine/]],
    ['1.15.0-alpine', ['1.12.0-alpine'], []],
    ['20240131', ['1.2.3'], [/beats every usual release/]],
    ['1.4', ['1.3.9'], [/no version of three numbers/]],
    ['1.4', [], [/no version of three numbers/]],
    [
      '2.0.0',
      ['1.0.0-lts', '1.0.0', '1.0.0-slim', '1.0.0-slim'],
      [/no suffix in place of lts/, /no suffix in place of slim/],
    ],
  ])('warns of the choice of %s over %j', (tag, inGit, words) => {
    const listed = unknown(inGit.map(current => ({ ...marker, current })));
    const { latest } = listed.scan;
    expect(
      presentScan(
        {
          ...listed,
          scan: { ...listed.scan, latest: latest && { ...latest, tag } },
        },
        context,
      ).warnings,
    ).toEqual(words.map(each => expect.stringMatching(each)));
  });

  it('reads no versions where the alphabetical order chooses', () => {
    const { scan, ...rest } = unknown([marker]);
    const definition = { ...scan.definition, policy: { alphabetical: {} } };
    const latest = { tag: '20240131', digest: `sha256:${'0'.repeat(64)}` };
    expect(
      presentScan({ scan: { ...scan, definition, latest }, ...rest }, context)
        .warnings,
    ).toEqual([]);
  });
});
