import type { BenchResult } from './Bench';
import { formatTime } from './measure';

/** Medians at growing sizes. */
export interface Growth {
  path: string;
  /** What grows, by the same factor or not. */
  sizes: readonly number[];
  /** One for each size. */
  values: readonly number[];
  /** Default: of a time in milliseconds. */
  format?: (value: number) => string;
  /** The largest exponent that is wanted: 1 is linear, 0 does not grow. */
  atMost: number;
}

/**
 * A line that says how something follows size: it is about size to the power of
 * the exponent, from each size to the next.
 */
export function growthResult(growth: Growth): BenchResult {
  const { path, sizes, values, format = formatTime, atMost } = growth;
  const exponents = values.slice(1).map((value, step) => {
    const grown = Math.log(value / values[step]);
    return grown / Math.log(sizes[step + 1] / sizes[step]);
  });
  const words = exponents.map(exponent => exponent.toFixed(2)).join(', ');
  return {
    path,
    figure: `${values.map(format).join(', ')}; exponents ${words}`,
    target: `exponents at most ${atMost}`,
    met: exponents.every(exponent => exponent <= atMost),
  };
}
