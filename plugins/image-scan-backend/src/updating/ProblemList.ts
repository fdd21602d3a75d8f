import type { Problem } from 'backstage-plugin-image-scan-common';
import {
  formatLimit,
  REPOSITORY_LIMITS,
  type RepositoryLimits,
} from 'backstage-plugin-image-scan-node';

/** Characters of a message, or of a name in it, which a repository chooses. */
const MAX_TEXT = 1_000;

/** Characters of the path that a message begins with. */
const MAX_PATH = 200;

/**
 * The problems of a git repo: the first ones, and how many more there are. A small
 * file under many names can have millions, and all of them are read with each page.
 */
export class ProblemList {
  readonly #limits: Readonly<RepositoryLimits>;
  readonly #listed: Problem[] = [];
  #bytes = 0;
  #unlisted = 0;
  #firstUnlisted?: string;

  constructor(limits: Readonly<RepositoryLimits> = REPOSITORY_LIMITS) {
    this.#limits = limits;
  }

  /** Whether what is added now is only counted. */
  get isFull(): boolean {
    return this.#unlisted > 0;
  }

  add(problem: Problem): void {
    if (this.isFull) {
      this.count(problem.file, 1);
      return;
    }
    const clipped = clip(problem);
    const bytes = Buffer.byteLength(JSON.stringify(clipped));
    const { problems, problemBytes } = this.#limits;
    if (
      this.#listed.length === problems ||
      this.#bytes + bytes > problemBytes
    ) {
      this.count(problem.file, 1);
    } else {
      this.#listed.push(clipped);
      this.#bytes += bytes;
    }
  }

  addAll(problems: Iterable<Problem>): void {
    for (const problem of problems) {
      this.add(problem);
    }
  }

  /** Counts problems of a file that are not listed. */
  count(file: string, problems: number): void {
    if (problems > 0) {
      this.#firstUnlisted ??= file;
      this.#unlisted += problems;
    }
  }

  /** In the order in which they were added. */
  toArray(): Problem[] {
    const file = this.#firstUnlisted;
    if (file === undefined) {
      return [...this.#listed];
    }
    const more: Problem = clip({
      file,
      message: `${this.#unlisted.toLocaleString(
        'en-US',
      )} more problems are not listed, the first of them in this file: at most ${formatLimit(
        'problems',
        this.#limits,
      )} with ${formatLimit(
        'problemBytes',
        this.#limits,
      )} of text are kept of a git repo (limit problems); mend those that are listed, or narrow spec.paths`,
    });
    return [...this.#listed, more];
  }
}

/** With texts of a length that can be kept and shown. */
export function clip(problem: Problem): Problem {
  const { file, message, tagName } = problem;
  // Most begin with the file, and what is wrong with it must not be cut off.
  const words = message.startsWith(file)
    ? `${shortenPath(file)}${message.slice(file.length)}`
    : message;
  return {
    ...problem,
    ...(tagName !== undefined && { tagName: shorten(tagName) }),
    message: shorten(words),
  };
}

function shortenPath(file: string): string {
  return file.length > MAX_PATH ? `${file.slice(0, MAX_PATH)}…` : file;
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
