import { bodyCases } from './bodies';
import { manifestCases } from './manifests';
import { backendCases, CASE_COUNT } from './numbers';
import { pageCases } from './pages';
import { pauseCases } from './pauses';
import { redirectCases } from './redirects';
import { testHostileCases } from './run';
import { scenarios } from './scenarios';
import { signInCases } from './signIn';
import { tokenCases } from './tokens';

jest.setTimeout(120_000);

it('has every case', () => {
  const numbers = new Set([
    ...[
      ...pageCases,
      ...bodyCases,
      ...manifestCases,
      ...signInCases,
      ...tokenCases,
      ...redirectCases,
      ...pauseCases,
      ...scenarios,
    ].map(({ number }) => number),
    ...Object.values(backendCases),
  ]);
  expect([...numbers].sort((a, b) => a - b)).toEqual(
    Array.from({ length: CASE_COUNT }, (_, index) => index + 1),
  );
});

describe('lists of a hostile or broken registry', () => {
  testHostileCases([...pageCases, ...bodyCases]);
});
