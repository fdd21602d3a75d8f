import { BenchResult } from './Bench';
import { formatTime } from './measure';

/** Medians at growing sizes. */
export interface Growth {
  path: string;
  /** What grows, by the same factor or not. */
  sizes: readonly number[];
  /** In milliseconds, one for each size. */
  times: readonly number[];
  /** The largest exponent that is wanted: 1 is linear, 0 does not grow. */
  atMost: number;
}

/**
 * A line that says how time follows size: time is about size to the power of
 * the exponent, from each size to the next.
 */
export function growthResult(growth: Growth): BenchResult {
  const { path, sizes, times, atMost } = growth;
  const exponents = times.slice(1).map((time, step) => {
    const grown = Math.log(time / times[step]);
    return grown / Math.log(sizes[step + 1] / sizes[step]);
  });
  const words = exponents.map(exponent => exponent.toFixed(2)).join(', ');
  return {
    path,
    figure: `${times.map(formatTime).join(', ')}; exponents ${words}`,
    target: `exponents at most ${atMost}`,
    met: exponents.every(exponent => exponent <= atMost),
  };
}
