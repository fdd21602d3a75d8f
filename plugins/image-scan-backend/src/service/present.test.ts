import { ScmIntegrations } from '@backstage/integration';
import { ConfigReader } from '@backstage/config';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { ListedScan } from '../database/ImageScanStore';
import { GitRepoDirectory } from '../GitRepoDirectory';
import { ScanMarker } from '../types';
import { presentScan } from './present';

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
      latest: { tag: '1.0.0', digest: `sha256:${'0'.repeat(64)}` },
      lastScanAt: 0,
      problems: [],
    },
    markers,
  };
}

describe('presentScan', () => {
  it('says since when a result is stale', () => {
    expect(presentScan(unknown([marker]), context)).toMatchObject({
      staleSince: '1970-01-01T00:00:00.000Z',
      problems: [],
    });
  });

  it('does not call a scan without a marker stale', () => {
    const scan = presentScan(unknown([]), context);
    expect(scan.staleSince).toBeUndefined();
    expect(scan.problems).toMatchObject([
      { message: expect.stringContaining('no marker refers to this scan') },
    ]);
  });
});
