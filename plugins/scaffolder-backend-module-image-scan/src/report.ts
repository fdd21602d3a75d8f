import type { LoggerService } from '@backstage/backend-plugin-api';
import type { MarkerForm, Problem } from 'backstage-plugin-image-scan-common';

/** Lines of a kind in the log of one step; a hostile repository could bring a million. */
const MAX_LINES = 200;

/** Characters of a diff in the log of one step. */
const MAX_DIFF = 100_000;

/** A value that was, or in a dry run would be, written; in an action's output. */
export type Change = {
  file: string;
  /** From 1. */
  line: number;
  tagName: string;
  form: MarkerForm;
  from: string;
  to: string;
};

/** A marker that does nothing, and why; in an action's output. */
export type ReportedProblem = {
  file: string;
  line?: number;
  tagName?: string;
  message: string;
};

/** Takes over what an output holds and nothing else, so that it is plain JSON. */
export function toChange(change: Change): Change {
  const { file, line, tagName, form, from, to } = change;
  return { file, line, tagName, form, from, to };
}

/** Takes over what an output holds and nothing else, so that it is plain JSON. */
export function toReportedProblem(problem: Problem): ReportedProblem {
  const { file, line, tagName, message } = problem;
  return {
    file,
    ...(line !== undefined && { line }),
    ...(tagName !== undefined && { tagName }),
    message,
  };
}

/** Shows a unified diff in the log. */
export function logDiff(logger: LoggerService, diff: string): void {
  if (diff !== '') {
    logger.info(cutDiff(diff));
  }
}

/** As much of a unified diff as a log or an output holds. */
export function cutDiff(diff: string): string {
  return diff.length > MAX_DIFF
    ? `${diff.slice(0, MAX_DIFF)}\n… and ${
        diff.length - MAX_DIFF
      } more characters`
    : diff;
}

/** Says what was written and what does nothing, each with file and line. */
export function logReport(
  logger: LoggerService,
  report: {
    changes: readonly Change[];
    problems: readonly ReportedProblem[];
    written: boolean;
  },
): void {
  const { changes, problems, written } = report;
  const verb = written ? 'wrote' : 'would write';
  logLines(
    changes,
    ({ file, line, tagName, from, to }) =>
      `${file}:${line}: ${verb} ${tagName}: ${from} → ${to}`,
    text => logger.info(text),
  );
  logLines(
    problems,
    ({ file, line, message }) =>
      `${line === undefined ? file : `${file}:${line}`}: ${message}`,
    text => logger.warn(text),
  );
}

/** One line for each item, and of a great many only their count. */
export function logLines<T>(
  items: readonly T[],
  describe: (item: T) => string,
  log: (text: string) => void,
): void {
  items.slice(0, MAX_LINES).forEach(item => log(describe(item)));
  if (items.length > MAX_LINES) {
    log(`${items.length - MAX_LINES} more are in the output of this step`);
  }
}
