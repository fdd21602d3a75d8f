import { MockImageScanApi } from '../../../dev/__data__/MockImageScanApi';
import { imageScan, scansInEveryState } from '../../../dev/__data__/imageScans';
import { findTargets } from './updateScope';

const NONE = new Set<string>();

describe('findTargets', () => {
  it('names nothing where a whole git repo is meant', async () => {
    const targets = await findTargets(
      new MockImageScanApi(scansInEveryState()),
      { gitRepo: 'shop' },
      NONE,
    );
    expect(targets.tagNames).toBeUndefined();
    expect(targets.held).toEqual([
      expect.objectContaining({ id: 'api', from: '2.0.0', to: '1.9.7' }),
    ]);
  });

  it('leaves out what stays held, so that releasing one releases no other', async () => {
    const held = { from: '2', to: '1', reason: 'older' };
    const api = new MockImageScanApi([
      imageScan({ id: 'a', tagName: 'a', held }),
      imageScan({ id: 'b', tagName: 'b', held }),
      imageScan({ id: 'c', tagName: 'c' }),
    ]);
    const { tagNames } = await findTargets(
      api,
      { gitRepo: 'shop' },
      new Set(['b']),
    );
    expect(tagNames).toEqual(['b', 'c']);
  });

  it('names the one scan it is about, or none while it is held', async () => {
    const api = new MockImageScanApi(scansInEveryState());
    const web = { gitRepo: 'shop', imageScanId: 'web' };
    expect((await findTargets(api, web, NONE)).tagNames).toEqual(['web']);
    const heldApi = { gitRepo: 'shop', imageScanId: 'api' };
    expect((await findTargets(api, heldApi, NONE)).tagNames).toEqual([]);
    expect(
      (await findTargets(api, heldApi, new Set(['api']))).tagNames,
    ).toEqual(['api']);
  });

  it('reads every page of a long list', async () => {
    const api = new MockImageScanApi(
      Array.from({ length: 1203 }, (_, index) =>
        imageScan({ id: `${index}`, tagName: `scan-${index}` }),
      ),
    );
    const { tagNames } = await findTargets(
      api,
      { gitRepo: 'shop', entityRef: 'component:default/shop' },
      NONE,
    );
    expect(tagNames).toHaveLength(1203);
  });
});
