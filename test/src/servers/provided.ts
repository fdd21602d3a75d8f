/** Programs that tests need and npm cannot bring; Node.js and git are always there. */
export const PROGRAM_NAMES = [
  'docker-registry',
  'openssl',
  'postgresql',
  'dulwich',
  'jgit',
  'jdk',
  'skopeo',
  'wrk',
  'chromium',
] as const;

/** One of {@link PROGRAM_NAMES}. */
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** Set by the runner: names of the programs that it has provided, with commas. */
export const PROVIDED_VARIABLE = 'IMAGE_SCAN_TEST_PROGRAMS';

/**
 * Refuses a program that the runner did not see a test to need. Without this the test
 * would be left out wherever the program is missing, and nobody would know. Where
 * jest runs without the runner everything may be used.
 *
 * @throws Error that says how the runner gets to know
 */
export function checkProvided(name: ProgramName): void {
  const provided = process.env[PROVIDED_VARIABLE];
  if (provided !== undefined && !provided.split(',').includes(name)) {
    throw new Error(
      `A test uses ${name}, and nothing that its file imports says so: write "// Needs: ${name}" there`,
    );
  }
}
