import { imageScan } from '../../dev/__data__/imageScans';
import { agedScan } from './agedScan';

const MINUTE = 60_000;
const LOADED = 1_000_000;

describe('agedScan', () => {
  it('leaves a scan as it is for two intervals', () => {
    const scan = imageScan({ interval: 5 * MINUTE });
    expect(agedScan(scan, LOADED, LOADED + 10 * MINUTE)).toBe(scan);
  });

  it('does not say that a scan is up to date when the backend has not answered for longer', () => {
    const scan = imageScan({ interval: 5 * MINUTE });
    expect(agedScan(scan, LOADED, LOADED + 11 * MINUTE)).toMatchObject({
      state: 'unknown',
      staleSince: scan.lastScanTime,
    });
  });

  it('waits a minute for a backend that is slower than a very short interval', () => {
    const scan = imageScan({ interval: 5_000 });
    expect(agedScan(scan, LOADED, LOADED + 50_000).state).toBe('up-to-date');
    expect(agedScan(scan, LOADED, LOADED + 61_000).state).toBe('unknown');
  });

  it('keeps what needs a person', () => {
    const scan = imageScan({ state: 'error' });
    expect(agedScan(scan, LOADED, LOADED + 1000 * MINUTE)).toBe(scan);
  });
});
