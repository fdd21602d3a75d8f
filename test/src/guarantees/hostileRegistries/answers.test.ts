import { manifestCases } from './manifests';
import { pauseCases } from './pauses';
import { redirectCases } from './redirects';
import { testHostileCases } from './run';
import { signInCases } from './signIn';
import { tokenCases } from './tokens';

jest.setTimeout(120_000);

describe('digests, sign-in, redirects and pauses of a hostile or broken registry', () => {
  testHostileCases([
    ...manifestCases,
    ...signInCases,
    ...tokenCases,
    ...redirectCases,
    ...pauseCases,
  ]);
});
