import { nextTag } from './nextTag';
import { demoImages } from './samples';

describe('nextTag', () => {
  it.each([
    [['2.9.1', '2.10.0', '2.10.0-rc.9', 'latest'], '2.10.1'],
    [['v1.2.3', 'v1.2'], 'v1.2.4'],
    [['1.9', '1.19'], '1.20'],
    [['20240902', '20240816'], '20240903'],
    [['007'], '008'],
  ])('follows %j with %s', (tags, expected) => {
    expect(nextTag(tags)).toBe(expected);
  });

  it('says what it cannot continue', () => {
    expect(() => nextTag(['latest', 'main'])).toThrow('latest, main');
  });

  it('continues every image of the demo', () => {
    for (const tags of Object.values(demoImages)) {
      expect(tags).not.toContain(nextTag(tags));
    }
  });
});
