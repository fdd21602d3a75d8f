import { mockCredentials } from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { NotFoundError } from '@backstage/errors';
import type {
  Decision,
  ImageScan,
  ImageScanCounts,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import type { ImageScanService } from '../service/ImageScanService';
import { createImageScanActions } from './index';

const credentials = mockCredentials.user('user:default/ada');
const TIME = '2027-01-15T08:00:00.000Z';

const scan: ImageScan = {
  id: 'scan-1',
  gitRepo: 'shop',
  path: 'apps/web',
  tagName: 'web',
  image: 'registry.example.com/web',
  policy: { semver: { range: '^1' } },
  interval: 300_000,
  suspend: false,
  secretRef: { name: 'pull' },
  state: 'held',
  currentTag: '1.2.0',
  latestTag: '1.1.0',
  latestImage: 'registry.example.com/web:1.1.0',
  latestDigest: `sha256:${'a'.repeat(64)}`,
  lastScanTime: TIME,
  nextScanTime: TIME,
  change: 'minor',
  held: { from: '1.2.0', to: '1.1.0', reason: 'older' },
  decisions: [
    {
      id: 'hold-1',
      kind: 'hold',
      gitRepo: 'shop',
      by: 'user:default/ada',
      time: TIME,
    },
  ],
  error: { message: 'no route', time: TIME, retryTime: TIME },
  updateError: { message: 'refused', time: TIME },
  lastUpdate: { commit: 'c0ffee', time: TIME },
  markers: [
    {
      file: 'apps/web/a.yaml',
      line: 3,
      form: 'tag',
      current: '1.2.0',
      desired: '1.1.0',
    },
  ],
  problems: [{ file: 'apps/web/b.yaml', message: 'does nothing' }],
  warnings: ['two policies'],
};

const counts: ImageScanCounts = {
  error: 0,
  held: 1,
  'update-available': 0,
  unknown: 0,
  suspended: 0,
  'up-to-date': 0,
};

const result: UpdateResult = {
  branch: 'main',
  message: 'update image',
  changes: [
    {
      file: 'apps/web/a.yaml',
      line: 3,
      tagName: 'web',
      imageScanId: 'scan-1',
      form: 'tag',
      from: '1.1.0',
      to: '1.2.0',
    },
  ],
  scans: [
    {
      imageScanId: 'scan-1',
      tagName: 'web',
      path: 'apps/web',
      from: '1.1.0',
      to: '1.2.0',
      change: 'minor',
      values: 1,
    },
    {
      imageScanId: 'scan-2',
      tagName: 'api',
      path: 'apps/api',
      values: 0,
      notWritten: {
        cause: 'decision',
        reason: 'is kept as it is: held by user:default/ada',
        decision: { id: 'decision-1', kind: 'hold' },
      },
    },
  ],
  problems: [],
  diff: '--- a\n+++ b\n',
  plan: 'p1',
};

const decision: Decision = {
  id: 'decision-1',
  kind: 'rollback',
  gitRepo: 'shop',
  imageScanId: 'scan-1',
  path: 'apps/web',
  tagName: 'web',
  image: 'registry.example.com/web',
  by: 'git',
  time: TIME,
  ended: { by: 'user:default/ada', time: TIME, how: 'released', reason: 'ok' },
  rollback: {
    places: [
      {
        file: 'apps/web/a.yaml',
        line: 3,
        form: 'tag',
        before: '1.2.0',
        after: '1.1.0',
      },
    ],
    headBefore: 'a0',
    headAfter: 'b0',
  },
};

function createService() {
  const unexpected = async () => {
    throw new Error('not called by any action');
  };
  return {
    listGitRepos: jest.fn(unexpected),
    getGitRepo: jest.fn(unexpected),
    syncGitRepo: jest.fn(unexpected),
    previewPolicy: jest.fn(unexpected),
    listUpdates: jest.fn(unexpected),
    listImageScans: jest.fn(async () => ({
      items: [scan],
      totalItems: 1,
      counts,
    })),
    getImageScan: jest.fn(async () => scan),
    scanImage: jest.fn(async () => scan),
    listTags: jest.fn(async () => ({
      items: [
        { tag: '1.1.0', verdict: 'selected' as const, reason: 'the newest' },
      ],
      totalItems: 1,
      counts: { selected: 1 },
      time: TIME,
    })),
    updateGitRepo: jest.fn(async () => result),
    getDecision: jest.fn(unexpected),
    listDecisions: jest.fn(async () => ({ items: [decision], totalItems: 1 })),
    decide: jest.fn(async () => decision),
    decideOnScans: jest.fn(unexpected),
    releaseDecision: jest.fn(async () => decision),
  } satisfies ImageScanService;
}

describe('createImageScanActions', () => {
  function setUp() {
    const actionsRegistry = actionsRegistryServiceMock();
    const service = createService();
    createImageScanActions({ actionsRegistry, service });
    const invoke = async (name: string, input: object) => {
      const { output } = await actionsRegistry.invoke({
        id: `test:${name}`,
        input: { ...input },
        credentials,
      });
      return output;
    };
    return { actionsRegistry, service, invoke };
  }

  it('registers actions that say honestly what they do', async () => {
    const { actions } = await setUp().actionsRegistry.list();
    const reading = { readOnly: true, destructive: false, idempotent: true };
    expect(
      Object.fromEntries(
        actions.map(({ name, attributes }) => [name, attributes]),
      ),
    ).toEqual({
      'list-image-scans': reading,
      'get-image-scan': reading,
      'explain-tags': reading,
      'scan-image': { readOnly: false, destructive: false, idempotent: true },
      'update-git-repo': {
        readOnly: false,
        destructive: true,
        idempotent: true,
      },
      'list-decisions': reading,
      'hold-updates': {
        readOnly: false,
        destructive: false,
        idempotent: false,
      },
      'skip-tag': { readOnly: false, destructive: false, idempotent: false },
      'release-decision': {
        readOnly: false,
        destructive: true,
        idempotent: false,
      },
    });
  });

  it('lists, makes and releases decisions', async () => {
    const { service, invoke } = setUp();
    const query = { gitRepo: 'shop', active: true };
    expect(await invoke('list-decisions', query)).toEqual({
      items: [decision],
      totalItems: 1,
    });
    const hold = { imageScanId: 'scan-1', until: TIME };
    expect(await invoke('hold-updates', hold)).toEqual(decision);
    const skip = { imageScanId: 'scan-1', tag: '1.5.0', release: ['d-2'] };
    expect(await invoke('skip-tag', skip)).toEqual(decision);
    const release = { decisionId: 'decision-1', reason: 'ok' };
    expect(await invoke('release-decision', release)).toEqual(decision);
    const call = { credentials };
    expect(service.listDecisions).toHaveBeenCalledWith(query, call);
    expect(service.decide.mock.calls).toEqual([
      [{ kind: 'hold', ...hold }, call],
      [{ kind: 'skip', ...skip }, call],
    ]);
    expect(service.releaseDecision).toHaveBeenCalledWith(
      'decision-1',
      { reason: 'ok' },
      call,
    );
  });

  it('lists image scans in short', async () => {
    const { service, invoke } = setUp();
    const query = { gitRepo: 'shop', state: 'held', search: 'web', limit: 5 };
    expect(await invoke('list-image-scans', query)).toEqual({
      items: [
        expect.objectContaining({
          id: 'scan-1',
          state: 'held',
          tagName: 'web',
        }),
      ],
      totalItems: 1,
      counts,
    });
    expect(service.listImageScans).toHaveBeenCalledWith(query, { credentials });
  });

  it.each(['get-image-scan', 'scan-image'])('%s tells all', async name => {
    const { service, invoke } = setUp();
    expect(await invoke(name, { imageScanId: 'scan-1' })).toEqual(scan);
    const called =
      name === 'scan-image' ? service.scanImage : service.getImageScan;
    expect(called).toHaveBeenCalledWith('scan-1', { credentials });
  });

  it('explains tags', async () => {
    const { service, invoke } = setUp();
    const query = { search: '1.1', verdict: 'selected', offset: 0 };
    expect(
      await invoke('explain-tags', { imageScanId: 'scan-1', ...query }),
    ).toMatchObject({
      items: [{ tag: '1.1.0', verdict: 'selected', reason: 'the newest' }],
      totalItems: 1,
      counts: { selected: 1 },
    });
    expect(service.listTags).toHaveBeenCalledWith('scan-1', query, {
      credentials,
    });
  });

  it('writes only when told so', async () => {
    const { service, invoke } = setUp();
    expect(await invoke('update-git-repo', { gitRepo: 'shop' })).toEqual(
      result,
    );
    const write = { dryRun: false, plan: 'p1', tagNames: ['web'] };
    await invoke('update-git-repo', { gitRepo: 'shop', ...write });
    expect(service.updateGitRepo.mock.calls).toEqual([
      ['shop', { dryRun: true }, { credentials }],
      ['shop', write, { credentials }],
    ]);
  });

  it.each([
    ['update-git-repo', { gitRepo: 'shop', dryrun: false }],
    ['update-git-repo', { gitRepo: 'shop', tagnames: ['web'] }],
    ['update-git-repo', { gitRepo: 'shop', message: '' }],
    ['update-git-repo', { dryRun: true }],
    ['list-image-scans', { state: 'fine' }],
    ['list-image-scans', { limit: 501 }],
    ['list-image-scans', { search: '\0' }],
    ['get-image-scan', { imageScanId: '\0' }],
    ['get-image-scan', { id: 'scan-1' }],
    ['explain-tags', { imageScanId: 'scan-1', verdict: 'good' }],
    ['scan-image', {}],
    ['list-decisions', { active: 'yes' }],
    ['hold-updates', { gitRepo: 'shop', imageScanId: 'scan-1' }],
    ['hold-updates', { until: 'tomorrow' }],
    ['hold-updates', { kind: 'skip' }],
    ['skip-tag', { imageScanId: 'scan-1' }],
    ['skip-tag', { imageScanId: 'scan-1', tag: 'x'.repeat(129) }],
    ['release-decision', { id: 'decision-1' }],
  ])('%s refuses %j', async (name, input) => {
    const { service, invoke } = setUp();
    await expect(invoke(name, input)).rejects.toMatchObject({
      name: 'InputError',
    });
    for (const method of Object.values(service)) {
      expect(method).not.toHaveBeenCalled();
    }
  });

  it('passes on what the service refuses', async () => {
    const { service, invoke } = setUp();
    const refused = new NotFoundError('There is no image scan scan-1');
    service.getImageScan.mockRejectedValue(refused);
    await expect(
      invoke('get-image-scan', { imageScanId: 'scan-1' }),
    ).rejects.toBe(refused);
  });
});
