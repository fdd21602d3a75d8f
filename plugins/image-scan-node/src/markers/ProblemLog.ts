import type { MarkerProblem } from '../types';

/** Problems listed for one file; a hostile file could otherwise report a million. */
const MAX_PROBLEMS = 1000;

/** Collects the problems of one file, up to a limit, and says how many more there are. */
export class ProblemLog {
  readonly #listed: MarkerProblem[] = [];
  #unlisted = 0;

  add(problem: MarkerProblem): void {
    if (this.#listed.length < MAX_PROBLEMS) {
      this.#listed.push(problem);
    } else {
      this.#unlisted += 1;
    }
  }

  /** In the order of their lines. */
  toArray(): MarkerProblem[] {
    const problems = [...this.#listed].sort((a, b) => a.line - b.line);
    if (this.#unlisted > 0) {
      problems.push({
        code: 'not-a-marker',
        line: problems[problems.length - 1].line,
        message: `${
          this.#unlisted
        } more markers of this file do nothing; only the first ${MAX_PROBLEMS} are listed.`,
      });
    }
    return problems;
  }
}
