import { shortStep } from './shortStep';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const OTHER = `sha256:${'fedcba9876543210'.repeat(4)}`;

describe('shortStep', () => {
  it.each([
    ['a lone tag', '1.3.0', '1.4.2', '1.3.0', '1.4.2'],
    [
      'the tag of the same image',
      'registry.test:5000/shop/web:1.3.0',
      'registry.test:5000/shop/web:1.4.2',
      '1.3.0',
      '1.4.2',
    ],
    [
      'an image that got its first tag',
      'registry.test/shop/web',
      'registry.test/shop/web:1.4.2',
      'web',
      'web:1.4.2',
    ],
    ['a value that was empty', '', '1.4.2', '""', '1.4.2'],
    [
      'another image',
      'registry.test/shop/web:1.3.0',
      'other.test/shop/front:1.4.2',
      'web:1.3.0',
      'front:1.4.2',
    ],
    [
      'a name alone',
      'registry.test/shop/web',
      'other.test/shop/front',
      'web',
      'front',
    ],
    [
      'another digest of the same tag',
      `registry.test/shop/web:1@${DIGEST}`,
      `registry.test/shop/web:1@${OTHER}`,
      '1@sha256:01234567…',
      '1@sha256:fedcba98…',
    ],
  ])('keeps what tells them apart: %s', (_name, from, to, before, after) => {
    expect(shortStep(from, to)).toEqual({ from: before, to: after });
  });

  it.each([
    ['registry.test/shop/web', 'other.test/shop/web'],
    [
      'registry.test/web:1@sha256:01234567aa',
      'registry.test/web:1@sha256:01234567bb',
    ],
  ])('shows %s in full where the short form would hide the step', (from, to) =>
    expect(shortStep(from, to)).toEqual({ from, to }),
  );
});
