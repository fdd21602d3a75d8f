import { findDockerRegistry } from '../servers/DockerRegistry';
import { PostgresServer } from '../servers/Postgres';
import { installCommand, installMissing, requiredPrograms } from './programs';
import { printTime } from './runStep';

const isCi = process.env.CI === 'true';

/**
 * Installs what the suites need, where that is possible.
 *
 * @param root - of the project
 * @returns how many suites were left out although they had to run
 */
export async function provideServers(root: string): Promise<number> {
  const started = Date.now();
  const programs = requiredPrograms(root);
  await installMissing(programs.filter(program => !program.isInstalled()));
  const missing = programs.filter(program => !program.isInstalled());
  for (const { name, suites } of missing) {
    console.log(`${name} is not installed. Left out: ${suites}.`);
  }
  if (missing.length > 0) {
    console.log(`On Debian and Ubuntu: ${installCommand(missing)}`);
  }
  const failed = isCi ? missing.length : 0;
  printTime('servers', failed === 0, started);
  return failed;
}

/** How the suites find what they need; they leave out what they do not find. */
export function serverVariables(
  postgres: PostgresServer | undefined,
): Record<string, string> {
  const variables: Record<string, string> = {
    BACKSTAGE_TEST_DISABLE_DOCKER: '1',
  };
  const registry = findDockerRegistry();
  if (registry) {
    variables.IMAGE_SCAN_TEST_DOCKER_REGISTRY = registry;
  }
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
