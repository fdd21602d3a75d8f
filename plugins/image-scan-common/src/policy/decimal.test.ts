import { pick, seededRandom } from './__testUtils__/random';
import { compareDecimals, parseDecimal } from './decimal';

/** The number times 10^41, exactly. */
function scaled(text: string): bigint {
  const [whole, fraction = ''] = text.replace(/^[+-]/, '').split('.');
  const size = BigInt(whole + fraction.padEnd(41, '0'));
  return text.startsWith('-') ? -size : size;
}

function compare(a: string, b: string): number {
  const left = parseDecimal(a);
  const right = parseDecimal(b);
  if (!left || !right) {
    throw new Error(`${a} or ${b} is no number`);
  }
  return compareDecimals(left, right);
}

describe('decimal numbers', () => {
  it.each(['0', '007', '5.', '.5', '+1', '-1.50', '1'.repeat(128)])(
    'reads %s',
    text => {
      expect(parseDecimal(text)).toBeDefined();
    },
  );

  it.each([
    '',
    '.',
    '-',
    '+.',
    '1e10',
    '0x1',
    '1_000',
    'Inf',
    'NaN',
    '1.2.3',
    '--1',
    ' 1',
    '1\n',
    '١',
    '20260528-153652',
  ])('takes %j for no number', text => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it('knows one zero', () => {
    expect(compare('-0', '0')).toBe(0);
    expect(compare('-0.00', '+.0')).toBe(0);
  });

  it('orders as BigInt does, whatever the length and the sign', () => {
    const random = seededRandom(14);
    const digits = (most: number) =>
      Array.from({ length: Math.floor(random() * (most + 1)) }, () =>
        pick(random, ['0', '0', '1', '5', '9']),
      ).join('');
    const number = () => {
      const whole = digits(30);
      const fraction = digits(pick(random, [0, 2, 40]));
      const size = `${whole || '0'}${
        pick(random, ['.', '']) && `.${fraction}`
      }`;
      return pick(random, ['', '-', '+']) + size;
    };
    for (let round = 0; round < 20_000; round += 1) {
      const a = number();
      const b = pick(random, [number(), `${a.includes('.') ? a : `${a}.`}0`]);
      const [left, right] = [scaled(a), scaled(b)];
      const expected = left === right ? 0 : Number(left > right) * 2 - 1;
      expect([a, b, compare(a, b)]).toEqual([a, b, expected]);
    }
  });
});
