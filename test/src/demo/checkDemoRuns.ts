/**
 * Checks that a part of the demo answers.
 *
 * @throws Error that says how to start the demo
 */
export async function checkDemoRuns(url: string): Promise<void> {
  try {
    await fetch(url);
  } catch (error) {
    throw new Error(
      `Nothing answers at ${url}: start the demo first, with npm start`,
      { cause: error },
    );
  }
}
