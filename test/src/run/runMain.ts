/**
 * Runs what a script of package.json stands for: it is given the arguments and answers
 * the exit code. What it throws is printed, and is a failure.
 */
export function runMain(main: (args: string[]) => Promise<number>): void {
  main(process.argv.slice(2)).then(
    code => {
      process.exitCode = code;
    },
    error => {
      console.error(`${error}`);
      process.exitCode = 1;
    },
  );
}
