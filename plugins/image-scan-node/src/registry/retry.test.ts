import { registryLimits } from './limits';
import { parseRetryAfter } from '../retryAfter';
import { pauseForPulls } from './retry';

const quarterHour = registryLimits.longestBackOff;

describe('pauseForPulls', () => {
  const pause = (limit: string | undefined, remaining: string | undefined) =>
    pauseForPulls(
      { 'ratelimit-limit': limit, 'ratelimit-remaining': remaining },
      registryLimits,
    );

  it.each([
    ['100;w=60', '10;w=60', 60_000],
    ['100;w=60', '0', 60_000],
    ['100', '1', quarterHour],
    ['100;w=21600', ' 7 ; w=21600 ', quarterHour],
    ['nonsense', '0;w=60', 60_000],
    [undefined, '0', quarterHour],
  ])('of %s with %s left is %s ms', (limit, remaining, expected) => {
    expect(pause(limit, remaining)).toBe(expected);
  });

  it.each([
    [undefined, undefined],
    ['100', undefined],
    ['100', '11'],
    [undefined, '5'],
    ['100', '-1'],
    ['100', '0.5'],
    ['100', ''],
  ])('of %s with %s left is none', (limit, remaining) => {
    expect(pause(limit, remaining)).toBeUndefined();
  });
});

it.each([
  ['60', 60_000],
  ['9'.repeat(400), quarterHour],
  ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
  ['Wed, 31 Dec 1969 23:59:00 GMT', undefined],
  ['0', undefined],
  ['-1', undefined],
  ['soon', undefined],
  [undefined, undefined],
])('parseRetryAfter(%.40s)', (header, expected) => {
  expect(parseRetryAfter(header, registryLimits.longestBackOff, 0)).toBe(
    expected,
  );
});
