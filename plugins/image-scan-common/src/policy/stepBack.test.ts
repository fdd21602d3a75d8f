import type { ImagePolicy } from '../types';
import { explainStepBack } from './stepBack';

const semver: ImagePolicy = { semver: { range: '>=0-0' } };
const text: ImagePolicy = { alphabetical: {} };
const smallest: ImagePolicy = { alphabetical: { order: 'asc' } };

describe('explainStepBack', () => {
  it('speaks of what the policy orders above', () => {
    expect(explainStepBack(semver, '1.4.2', '1.4.1')).toBe(
      'which the policy orders above 1.4.1',
    );
    expect(explainStepBack(text, 'b', 'a')).toBe(
      'which the policy orders above a',
    );
    expect(explainStepBack(smallest, 'a', 'b')).toBe(
      'which the policy orders above b',
    );
  });

  it.each([
    ['1.1.1-rc10', '1.1.1-rc9', 'write 1.1.1-rc.10'],
    ['1.1.1-rc-10', '1.1.1-rc-9', 'write 1.1.1-rc.10'],
    ['7.2.4-debian-12-r10', '7.2.4-debian-12-r9', 'write 7.2.4-debian-12-r.10'],
    ['7.2.4-debian-10-r1', '7.2.4-debian-9-r8', 'write 7.2.4-debian.10.r1'],
    ['v2026-09-01', 'v2026-1-30', 'write v2026.09.01'],
    ['2026-10-1', '2026-9-1', 'write 2026.10.1'],
    ['1.0.0-beta.x10', '1.0.0-beta.x9', 'write 1.0.0-beta.x.10'],
  ])('speaks of digits that are text to SemVer: %s, %s', (from, to, words) => {
    expect(explainStepBack(semver, from, to)).toEqual(
      expect.stringMatching(
        new RegExp(`reads as newer than ${to} .*${words}$`),
      ),
    );
    expect(explainStepBack(semver, to, from)).toBeDefined();
  });

  it('speaks of digits that are text to the alphabetical order', () => {
    const words = /reads as newer than build-9 .* alphabetical order/;
    expect(explainStepBack(text, 'build-10', 'build-9')).toMatch(words);
    expect(explainStepBack(text, '1.10.0', '1.9.0')).toMatch('1.9.0');
    expect(explainStepBack(smallest, 'build-9', 'build-10')).toBeDefined();
  });

  it.each([
    [semver, '1.1.1-rc9', '1.1.1'],
    [semver, '1.1.1-rc.9', '1.1.1-rc.10'],
    [semver, '1.1.1-rc9', '1.2.0-rc10'],
    [semver, '1.1.1-alpha10', '1.1.1-beta9'],
    // Hashes of commits have no order that anybody reads.
    [semver, '1.1.1-10ab3c4', '1.1.1-9f8e7d6'],
    [semver, '1.1.1-g10b', '1.1.1-g9b'],
    [semver, '1.1.1-rc09', '1.1.1-rc9'],
    [semver, 'latest', '1.1.1'],
    [semver, '1.1.1', '1.1.1'],
    [text, 'a', 'b'],
    [text, 'build-09', 'build-10'],
    [text, '', 'a'],
  ])('finds nothing against %j from %s to %s', (policy, from, to) => {
    expect(explainStepBack(policy, from, to)).toBeUndefined();
  });
});
