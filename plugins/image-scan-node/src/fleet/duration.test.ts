import { formatDuration, parseDuration } from './duration';

describe('parseDuration', () => {
  it.each([
    ['15s', 15_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['300ms', 300],
    ['1.5h', 5_400_000],
    ['2.3s', 2_300],
    ['100µs', 1],
    ['100μs', 1],
    ['100us', 1],
    ['1ns', 1],
    ['1000001ns', 2],
    ['1s1ns', 1_001],
    ['0', 0],
    ['0s', 0],
    ['0h0m', 0],
    ['2562047h', 9_223_369_200_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each([
    ...['1d', '1w', '1y', '7d12h', 'abc', '5x', '-1h', '+1h', '5000000h'],
    ...['', ' 5m', '5m ', '5 m', '5', '00', '.5h', '1.h', '1,5h', '5M', '5m\n'],
    ...['2562047h1ns', `${'1s'.repeat(17)}`, '1e3s', '0x5m', '٥m', 'h', '1hm'],
  ])('refuses %j', text => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: expect.stringContaining(JSON.stringify(text)),
      }),
    );
  });

  it('says what to write instead', () => {
    expect(() => parseDuration('5')).toThrow('such as 5m for minutes');
    expect(() => parseDuration('7d12h')).toThrow('no days, weeks or years');
    expect(() => parseDuration('5000000h')).toThrow('at most 2562047h');
    expect(() => parseDuration('soon')).toThrow('such as 5m or 1h30m');
  });

  it('is not slow and not long about a long text', () => {
    expect(() => parseDuration('1'.repeat(1_000_000))).toThrow(/^.{0,300}$/);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [1, '1ms'],
    [300, '300ms'],
    [1_500, '1.5s'],
    [15_000, '15s'],
    [60_000, '1m'],
    [900_000, '15m'],
    [5_400_000, '1h30m'],
    [86_461_001, '24h1m1.001s'],
  ])('writes %d as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
    expect(parseDuration(text)).toBe(milliseconds);
  });
});
