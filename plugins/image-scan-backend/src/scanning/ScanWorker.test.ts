import {
  type RegistryClient,
  RegistryError,
  runInTurns,
} from 'backstage-plugin-image-scan-node';
import { aClaimedScan, aDefinition } from '../__testUtils__/builders';
import { mockLogger } from '../__testUtils__/mockLogger';
import type { PlatformStore } from '../database/PlatformStore';
import type { ScanClaim, ScanQueue } from '../database/ScanQueue';
import { FirstSeen } from '../model/FirstSeen';
import { HostPlaces } from './HostPlaces';
import { RegistryCredentialResolver } from '../credentials/RegistryCredentialResolver';
import { ScanWorker } from './ScanWorker';

const DIGEST = `sha256:${'a'.repeat(64)}`;

const claimOf = (name: string, registryHost: string): ScanClaim => ({
  token: `token of ${name}`,
  listKey: name,
  registryHost,
  scans: [
    aClaimedScan(aDefinition(name, { image: `${registryHost}/${name}` })),
  ],
});

const { signal } = new AbortController();

describe('ScanWorker', () => {
  const queue: jest.Mocked<ScanQueue> = {
    claimDue: jest.fn(),
    claimScan: jest.fn(),
    wasScanned: jest.fn(),
    complete: jest.fn(),
    release: jest.fn(),
    renew: jest.fn(),
    getTags: jest.fn(),
    getFirstSeen: jest.fn(),
    setTags: jest.fn(),
    removeLeftoverTags: jest.fn(),
  };
  const platforms: jest.Mocked<PlatformStore> = {
    get: jest.fn(),
    set: jest.fn(),
    removeUnused: jest.fn(),
  };
  const client: jest.Mocked<RegistryClient> = {
    listTags: jest.fn(),
    resolveDigest: jest.fn(),
    readPlatforms: jest.fn(),
    close: jest.fn(),
  };

  const start = () =>
    new ScanWorker({
      queue,
      client,
      credentials: new RegistryCredentialResolver({
        secrets: [],
        registries: [],
      }),
      places: new HostPlaces(new Map()),
      platforms,
      logger: mockLogger(),
      onCompleted: () => {},
    });

  beforeEach(() => {
    jest.resetAllMocks();
    client.listTags.mockResolvedValue(['1.0.0']);
    client.resolveDigest.mockResolvedValue(DIGEST);
  });

  it('fails all scans of a host that is silent, and asks for one', async () => {
    const worker = start();
    client.listTags.mockRejectedValueOnce(
      new RegistryError('timeout', 'silent.example.com/a was silent for 30 s'),
    );
    const claims = ['a', 'b', 'c'].map(name =>
      claimOf(name, 'silent.example.com'),
    );
    for (const claim of claims) {
      await worker.run(claim, signal);
    }
    expect(client.listTags).toHaveBeenCalledTimes(1);
    expect(queue.complete.mock.calls.map(([, outcomes]) => outcomes)).toEqual(
      [
        'silent.example.com/a was silent for 30 s',
        'silent.example.com was silent a moment ago, so it is left alone for a while',
        'silent.example.com was silent a moment ago, so it is left alone for a while',
      ].map(error => [expect.objectContaining({ error })]),
    );

    await worker.run(claimOf('other', 'good.example.com'), signal);
    expect(client.listTags).toHaveBeenCalledTimes(2);
  });

  it('asks a silent host where a person wants it, and goes on once it answers', async () => {
    const worker = start();
    client.listTags.mockRejectedValueOnce(
      new RegistryError('unreachable', 'refused'),
    );
    await worker.run(claimOf('a', 'registry.example.com'), signal);

    queue.claimScan.mockResolvedValue(claimOf('b', 'registry.example.com'));
    await worker.scanNow('b');
    await worker.run(claimOf('c', 'registry.example.com'), signal);
    expect(client.listTags).toHaveBeenCalledTimes(3);
    expect(queue.complete).toHaveBeenLastCalledWith(
      expect.objectContaining({ listKey: 'c' }),
      [expect.objectContaining({ result: { tag: '1.0.0', digest: DIGEST } })],
      expect.any(Number),
    );
  });

  it('scans again when something is old enough, and remembers platforms', async () => {
    const worker = start();
    const HOUR = 3_600_000;
    const now = Date.now();
    const definition = aDefinition('a', {
      image: 'registry.example.com/a',
      minimumAge: 72 * HOUR,
      interval: 24 * HOUR,
      platforms: ['linux/amd64'],
    });
    client.listTags.mockResolvedValue(['1.0.0', '1.1.0']);
    client.readPlatforms.mockResolvedValue(['linux/amd64']);
    const since = now - 71.5 * HOUR;
    queue.getFirstSeen.mockResolvedValue(
      await runInTurns(
        FirstSeen.parse(now - 90 * HOUR, JSON.stringify([[since, ['1.1.0']]])),
      ),
    );
    const claim = {
      ...claimOf('a', 'registry.example.com'),
      scans: [aClaimedScan(definition)],
    };
    await worker.run(claim, signal);
    const until = since + 72 * HOUR;
    expect(queue.complete.mock.lastCall?.[1]).toEqual([
      {
        scanId: definition.id,
        result: { tag: '1.0.0', digest: DIGEST },
        choice: { waiting: { tag: '1.1.0', until } },
        nextScanAt: until,
        staleAt: expect.any(Number),
      },
    ]);
    expect(platforms.set).toHaveBeenCalledWith(
      DIGEST,
      ['linux/amd64'],
      expect.any(Number),
    );
    platforms.get.mockResolvedValue(['linux/arm64']);
    await worker.run(claim, signal);
    expect(client.readPlatforms).toHaveBeenCalledTimes(1);
    expect(queue.complete.mock.lastCall?.[1]).toMatchObject([
      {
        error:
          'none of the 1 best tags has linux/amd64: 1.0.0 has linux/arm64 only',
      },
    ]);
  });

  it('gives a scan back that the end of the process interrupts', async () => {
    const worker = start();
    const stop = new AbortController();
    client.listTags.mockImplementation(async () => {
      stop.abort();
      throw new RegistryError('timeout', 'aborted');
    });
    const claim = claimOf('a', 'registry.example.com');
    await worker.run(claim, stop.signal);
    expect(queue.release).toHaveBeenCalledWith(claim);
    expect(queue.complete).not.toHaveBeenCalled();
  });
});
