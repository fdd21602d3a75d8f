import { webChanges } from '../../../dev/__data__/imageScans';
import { compareChanges } from './compareChanges';

describe('compareChanges', () => {
  const [image, tag] = webChanges;

  it('finds nothing between the same', () => {
    expect(compareChanges(webChanges, [tag, image])).toEqual({
      added: [],
      removed: [],
      altered: [],
    });
  });

  it('tells what came, went and became another', () => {
    const newer = { ...tag, to: '1.4.3' };
    const moved = { ...image, line: 99 };
    expect(compareChanges([image, tag], [newer, moved])).toEqual({
      added: [moved],
      removed: [image],
      altered: [{ before: tag, after: newer }],
    });
  });
});
