import type { PostgresServer } from '../servers/Postgres';
import { PROVIDED_VARIABLE, type ProgramName } from '../servers/provided';
import { installCommand, installMissing, requiredPrograms } from './programs';
import { printTime } from './runStep';
import type { Plan } from './selection';

const isCi = process.env.CI === 'true';

/**
 * Installs what the chosen tests need, where that is possible and wanted.
 *
 * @returns how many programs are missing that had to be there
 */
export async function provideServers({
  programs: names,
  installs,
}: Pick<Plan, 'programs' | 'installs'>): Promise<number> {
  const started = Date.now();
  const programs = requiredPrograms(names);
  if (installs) {
    await installMissing(programs.filter(program => !program.isInstalled()));
  }
  const missing = programs.filter(program => !program.isInstalled());
  for (const { name, suites } of missing) {
    console.log(`${name} is not installed. Left out: ${suites}.`);
  }
  if (missing.length > 0) {
    console.log(`On Debian and Ubuntu: ${installCommand(missing)}`);
  }
  const failed = isCi ? missing.length : 0;
  if (programs.length > 0) {
    printTime(`what they need: ${names.join(', ')}`, failed === 0, started);
  }
  return failed;
}

/** How tests find what they need; they leave out what they do not find. */
export function serverVariables(
  names: readonly ProgramName[],
  postgres: PostgresServer | undefined,
): Record<string, string> {
  const variables: Record<string, string> = {
    BACKSTAGE_TEST_DISABLE_DOCKER: '1',
    [PROVIDED_VARIABLE]: names.join(','),
  };
  if (postgres) {
    variables[postgresVariable(postgres.majorVersion)] =
      postgres.connectionString;
  }
  return variables;
}

/** Backstage's test databases know these versions; a newer one passes as 18. */
function postgresVariable(majorVersion: number): string {
  const known = Math.min(Math.max(majorVersion, 11), 18);
  return `BACKSTAGE_TEST_DATABASE_POSTGRES${known}_CONNECTION_STRING`;
}
