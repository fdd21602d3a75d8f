import { applyDelta, readDeltaHeader } from './delta';
import { DamagedPackError } from './PackFile';

const base = Buffer.from('0123456789');
const delta = (...bytes: number[]) => Buffer.from(bytes);

describe('applyDelta', () => {
  it.each([
    ['takes bytes as they are', delta(10, 2, 2, 0x61, 0x62), 'ab'],
    ['copies', delta(10, 3, 0x91, 2, 3), '234'],
    ['copies from the start', delta(10, 4, 0x90, 4), '0123'],
    ['mixes both', delta(10, 4, 0x90, 1, 1, 0x7a, 0x91, 8, 2), '0z89'],
    ['makes nothing', delta(10, 0), ''],
  ])('%s', (_, instructions, expected) => {
    expect(applyDelta(base, instructions).toString()).toBe(expected);
  });

  it('copies 64 KiB where no length is written', () => {
    const large = Buffer.alloc(0x10000, 'x');
    const instructions = delta(0x80, 0x80, 4, 0x80, 0x80, 4, 0x80);
    expect(applyDelta(large, instructions).equals(large)).toBe(true);
  });

  it('reads offsets and lengths of several bytes', () => {
    const large = Buffer.alloc(0x30005, 0);
    large.write('here', 0x30001);
    const instructions = delta(0x85, 0x80, 0x0c, 4, 0x97, 1, 0, 3, 4);
    expect(applyDelta(large, instructions).toString()).toBe('here');
  });

  it.each([
    ['a base of another size', delta(9, 1, 0x90, 1)],
    ['a copy beyond the base', delta(10, 3, 0x91, 8, 3)],
    ['a copy beyond the result', delta(10, 2, 0x90, 3)],
    ['bytes beyond the result', delta(10, 1, 2, 0x61, 0x62)],
    ['bytes that are missing', delta(10, 3, 3, 0x61)],
    ['an offset that is missing', delta(10, 3, 0x91)],
    ['less than it says', delta(10, 3, 0x90, 2)],
    ['an instruction 0', delta(10, 1, 0, 0x90, 1)],
    ['no end of its size', delta(0xff, 0xff)],
    ['a size beyond all numbers', Buffer.alloc(20, 0xff)],
    ['nothing', delta()],
  ])('refuses %s', (_, instructions) => {
    expect(() => applyDelta(base, instructions)).toThrow(DamagedPackError);
  });
});

it('readDeltaHeader reads sizes of several bytes', () => {
  expect(readDeltaHeader(delta(0x80, 1, 0xff, 0x7f))).toEqual({
    baseSize: 128,
    resultSize: 16383,
    offset: 4,
  });
});
