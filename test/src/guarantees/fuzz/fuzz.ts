import fc from 'fast-check';
import { isFullRun, guaranteeScale } from '../guaranteeScale';

/** What a property is checked with. */
type Arbitraries<T extends [unknown, ...unknown[]]> = {
  [K in keyof T]: fc.Arbitrary<T[K]>;
};

/** More than any run gets to: the time ends it. */
const ENDLESS = 2 ** 31 - 1;

/**
 * The short run and a CI make up the same values each time, so that they fail for
 * what has changed and not by chance; `npm run test:guarantees` elsewhere looks for new
 * ones.
 */
const seed = isFullRun && !process.env.CI ? {} : { seed: 1 };

let runs = 0;

/** Runs of all properties of this test file so far. */
export function fuzzRuns(): number {
  return runs;
}

/**
 * Checks a property with made-up values for {@link guaranteeScale.fuzzSeconds}.
 *
 * @param examples - what once failed, or must not go untried
 * @throws with the seed, and the smallest values that were found to fail
 */
export function fuzz<T extends [unknown, ...unknown[]]>(
  arbitraries: Arbitraries<T>,
  check: (...values: T) => void,
  examples: T[] = [],
): void {
  const details = fc.check(fc.property<T>(...arbitraries, check), {
    numRuns: ENDLESS,
    interruptAfterTimeLimit: guaranteeScale.fuzzSeconds * 1000,
    markInterruptAsFailure: false,
    ...seed,
    examples,
  });
  runs += details.numRuns;
  if (details.failed) {
    throw new Error(fc.defaultReportMessage(details), {
      cause: details.errorInstance,
    });
  }
}

/**
 * Does work and checks that it takes no longer than work that is linear in the
 * size: what is quadratic or worse takes far more for the larger sizes. Counts
 * the processor's time, so that a machine under load does not matter.
 *
 * @param size - of the input, in characters
 */
export function inLinearTime<T>(size: number, work: () => T): T {
  const started = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(started);
  const elapsed = (user + system) / 1000;
  const allowed = 2_000 + size / 20;
  if (elapsed > allowed) {
    throw new Error(
      `${size} characters took ${Math.round(elapsed)} ms, over ${allowed} ms`,
    );
  }
  return result;
}

/** What work throws, undefined where it does not. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Any text; half of a surrogate pair may stand alone in it. */
export function anyText(maxLength?: number): fc.Arbitrary<string> {
  // The library's own units of this kind take seconds to make.
  const character = fc
    .oneof(
      { weight: 3, arbitrary: fc.nat({ max: 0x7f }) },
      { weight: 1, arbitrary: fc.nat({ max: 0xffff }) },
    )
    .map(code => String.fromCharCode(code));
  return fc.string({ unit: character, maxLength });
}

/** A text of parts that matter to a grammar, now and then with any other text. */
export function soup(
  parts: readonly string[],
  maxLength = 24,
): fc.Arbitrary<string> {
  return fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...parts) },
        { weight: 1, arbitrary: anyText(4) },
      ),
      { maxLength },
    )
    .map(list => list.join(''));
}

/** A change to bytes or characters somewhere. */
export interface Damage {
  kind: 'delete' | 'insert' | 'double' | 'replace';
  /** Where, from 0 to 1. */
  at: number;
  length: number;
  text: string;
}

/** Damages of a text, most of them small. */
export function damages(
  parts: readonly string[],
  maxLength = 4,
): fc.Arbitrary<Damage[]> {
  return fc.array(
    fc.record({
      kind: fc.constantFrom(
        ...(['delete', 'insert', 'double', 'replace'] as const),
      ),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 1, max: 12 }),
      text: soup(parts, 3),
    }),
    { maxLength },
  );
}

/** The text after the damages. */
export function damage(text: string, list: readonly Damage[]): string {
  return list.reduce((current, { kind, at, length, text: inserted }) => {
    const start = Math.floor(at * current.length);
    const end = Math.min(current.length, start + length);
    const cut = current.slice(start, end);
    const middle = {
      delete: '',
      insert: inserted + cut,
      double: cut + cut,
      replace: inserted,
    }[kind];
    return current.slice(0, start) + middle + current.slice(end);
  }, text);
}

/** A hostile text: a part that is repeated up to the size, between two others. */
export function pumped(
  parts: readonly string[],
  size: number,
): fc.Arbitrary<string> {
  return fc
    .tuple(soup(parts, 4), soup(parts, 3), soup(parts, 4))
    .map(([front, part, behind]) =>
      part === ''
        ? front + behind
        : front + part.repeat(Math.ceil(size / part.length)) + behind,
    );
}
