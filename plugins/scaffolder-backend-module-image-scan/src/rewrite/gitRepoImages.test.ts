import type {
  ImageScan,
  ImageScanApi,
} from 'backstage-plugin-image-scan-common';
import { findMarkers, runAtOnce } from 'backstage-plugin-image-scan-node';
import { FakeBackend } from '../__testUtils__/FakeBackend';
import { imageScan } from '../__testUtils__/imageScan';
import { createClient } from '../createClient';
import { mockCredentials } from '@backstage/backend-test-utils';
import { chooseScannedImages, listAllScans } from './gitRepoImages';
import { readLocalEntries } from './readLocalEntries';

function manifest(file: string, tagName = 'web', current = '1.2.0') {
  const source = Buffer.from(
    `tag: ${current} # {"$imagescan": "${tagName}:tag"}\n`,
  );
  return { file, source, markers: findMarkers(source).markers };
}

function choose(options: {
  file?: string;
  current?: string;
  scans: ImageScan[];
  definitions?: { [file: string]: string };
}) {
  const { file = 'app.yaml', current, scans, definitions = {} } = options;
  const { imagesIn, problems } = chooseScannedImages(
    [manifest(file, 'web', current)],
    scans,
    Object.entries(definitions).flatMap(([name, text]) =>
      runAtOnce(readLocalEntries(name, Buffer.from(text))),
    ),
  );
  return {
    image: imagesIn.get(file)?.get('web'),
    problem: problems.map(({ message }) => message).join('\n') || undefined,
  };
}

const definition = (image: string, more = '') => `imageScans:
  - tagName: web
    image: ${image}
    policy: { semver: { range: "*" } }
${more}`;

describe('chooseScannedImages', () => {
  it('takes the scan of the nearest folder at or above the file', () => {
    const scans = [
      imageScan({ path: '.', image: 'root' }),
      imageScan({ path: 'apps/a', image: 'near' }),
      imageScan({ path: 'apps/ab', image: 'beside' }),
    ];
    const imageAt = (file: string) => choose({ file, scans }).image?.image;
    expect(imageAt('apps/a/deploy/app.yaml')).toBe('near');
    expect(imageAt('apps/abc/app.yaml')).toBe('root');
    expect(imageAt('app.yaml')).toBe('root');
  });

  it('takes the only scan of a name wherever it lies', () => {
    const scans = [imageScan({ path: 'other', latestDigest: 'sha256:1' })];
    expect(choose({ scans }).image).toEqual({
      image: 'registry.example.com/web',
      tag: '1.3.0',
      digest: 'sha256:1',
    });
  });

  it('reports several candidates and none', () => {
    const scans = [imageScan({ path: 'a' }), imageScan({ path: 'b' })];
    expect(choose({ scans })).toEqual({
      problem: expect.stringContaining('several scans have the tagName web'),
    });
    expect(choose({ scans: [] })).toEqual({
      problem: expect.stringContaining('no scan has the tagName web'),
    });
  });

  it.each<[string, Partial<ImageScan>, string]>([
    ['suspended', { suspend: true, state: 'suspended' }, 'is suspended'],
    [
      'without a result',
      { latestTag: undefined, state: 'unknown' },
      'has no result yet',
    ],
    [
      'held',
      {
        state: 'held',
        held: { from: '2.0.0', to: '1.3.0', reason: 'git has 2.0.0' },
      },
      'is held at 2.0.0: git has 2.0.0',
    ],
    [
      'kept by a person',
      {
        state: 'held',
        held: {
          from: '',
          to: '1.3.0',
          reason: 'ann holds it: freeze',
          decision: { id: 'd1', kind: 'hold' },
        },
      },
      'is kept as it is: ann holds it: freeze',
    ],
  ])('does not write a scan that is %s', (_, overrides, reason) => {
    expect(choose({ scans: [imageScan(overrides)] })).toEqual({
      problem: `not written, because the scan web ${reason}`,
    });
  });

  it('writes the last good result of a scan that fails now', () => {
    const error = { message: 'down', time: '2026-01-01T00:00:00Z' };
    const scans = [imageScan({ state: 'error', error })];
    expect(choose({ scans }).image?.tag).toBe('1.3.0');
  });

  it('does not go back by the values that a filter gives', () => {
    const scans = [
      imageScan({
        policy: { numerical: {} },
        filterTags: { pattern: '^main-[a-f]+-(\\d+)$', extract: '$1' },
        latestTag: 'main-b-9',
      }),
    ];
    expect(choose({ scans, current: 'main-a-10' }).problem).toContain(
      'the workspace has main-a-10, which the policy orders above main-b-9: 10 and 9',
    );
    expect(choose({ scans, current: 'main-a-8' }).image?.tag).toBe('main-b-9');
  });

  it('uses no result that another filter chose', () => {
    const scans = [imageScan({ path: '.', image: 'nginx' })];
    const entry = definition('nginx', '    exclusionList: ["-debug$"]\n');
    expect(
      choose({ scans, definitions: { 'imagescans.yaml': entry } }).image,
    ).toBeUndefined();
  });

  it('does not go back from what only the workspace has', () => {
    expect(choose({ current: '2.0.0', scans: [imageScan()] })).toEqual({
      problem:
        'not written, because the scan web is held at 2.0.0: the workspace has 2.0.0, which the policy orders above 1.3.0',
    });
  });

  it('goes back where the backend would', () => {
    const marker = { file: 'app.yaml', line: 1, form: 'tag' } as const;
    const scans = [imageScan({ markers: [{ ...marker, current: '2.0.0' }] })];
    expect(choose({ current: '2.0.0', scans }).image?.tag).toBe('1.3.0');
  });

  it('replaces a value that the policy cannot order', () => {
    expect(choose({ current: 'latest', scans: [imageScan()] }).image?.tag).toBe(
      '1.3.0',
    );
  });

  it('uses a scan whose entry in the workspace is the same', () => {
    const scans = [imageScan({ path: 'a', image: 'near' }), imageScan()];
    const definitions = { 'a/fleet.yaml': definition('near:1.0.0') };
    expect(choose({ file: 'a/x.yaml', scans, definitions }).image?.image).toBe(
      'near',
    );
  });

  it.each([
    ['another image', definition('other')],
    ['a policy that is no policy', definition('near').replace('*', '>>1')],
    ['a file that cannot be read', 'imageScans: [{'],
    [
      'two entries of the name',
      definition('near', '  - { tagName: web, image: near }\n'),
    ],
  ])('lets %s in the workspace stand in the way', (_, text) => {
    const scans = [imageScan({ path: 'a', image: 'near' }), imageScan()];
    const definitions = { 'a/fleet.yaml': text };
    const { image, problem } = choose({
      file: 'a/x.yaml',
      scans,
      definitions,
    });
    expect(image).toBeUndefined();
    expect(problem).toContain('a/fleet.yaml');
    // Elsewhere it is nobody's business.
    expect(choose({ file: 'x.yaml', scans, definitions }).image).toBeDefined();
  });

  it('lets an entry that both files of a bundle define stand in the way', () => {
    const scans = [imageScan({ path: 'a', image: 'near' })];
    const definitions = {
      'a/fleet.yaml': definition('near'),
      'a/imagescans.yaml': definition('near'),
    };
    expect(
      choose({ file: 'a/x.yaml', scans, definitions }).image,
    ).toBeUndefined();
  });
});

describe('listAllScans', () => {
  let backend: FakeBackend;
  let client: ImageScanApi;

  beforeEach(async () => {
    backend = await FakeBackend.start();
    client = createClient(backend.services, {
      getInitiatorCredentials: async () => mockCredentials.user(),
    });
  });

  afterEach(() => backend.stop());

  it('reads all pages', async () => {
    backend.scans = Array.from({ length: 1001 }, (_, index) =>
      imageScan({ tagName: `scan-${index}` }),
    );
    const scans = await listAllScans(client, 'my-repo');
    expect(scans.map(({ tagName }) => tagName)).toEqual(
      backend.scans.map(({ tagName }) => tagName),
    );
    expect(backend.queries).toEqual(
      [0, 500, 1000].map(
        offset =>
          `?gitRepo=my-repo&limit=500&offset=${offset}&orderBy=tagName%2Casc`,
      ),
    );
  });

  it('asks once where there is nothing', async () => {
    expect(await listAllScans(client, 'my-repo')).toEqual([]);
    expect(backend.queries).toHaveLength(1);
  });

  it('does not work with a list that changed between two pages', async () => {
    backend.scans = Array.from({ length: 600 }, (_, index) =>
      imageScan({ tagName: `scan-${index}` }),
    );
    const moving: ImageScanApi = Object.create(client, {
      listImageScans: {
        value: async (options: object) => {
          const page = await client.listImageScans(options);
          backend.scans = [imageScan({ tagName: 'new' }), ...backend.scans];
          return page;
        },
      },
    });
    await expect(listAllScans(moving, 'my-repo')).rejects.toThrow(
      'changed while they were read',
    );
  });
});
