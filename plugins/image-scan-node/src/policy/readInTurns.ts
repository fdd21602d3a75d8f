import { InputError } from '@backstage/errors';
import type { PausingWork } from '../inTurns';
import type { TagValue, TagValues } from './TagValues';

/** Between two pauses. A single tag with the largest of patterns takes longer. */
const SLICE_MS = 1;

/** Of the processor, for all tags of one list. */
const BUDGET_MS = 10_000;

/**
 * Reads the value of each tag, with pauses.
 *
 * @param budget - milliseconds of the processor; default 10,000
 * @throws InputError when the patterns need more: nothing is to be chosen from what was
 * read until then
 */
export function* readInTurns(
  values: TagValues,
  tags: readonly string[],
  take: (tag: string, value: TagValue) => void,
  budget: number = BUDGET_MS,
): PausingWork<void> {
  let spent = 0;
  let started = performance.now();
  let startedCpu = process.cpuUsage();
  for (let index = 0; index < tags.length; index += 1) {
    const tag = tags[index];
    take(tag, values.read(tag));
    if (performance.now() - started < SLICE_MS) {
      continue;
    }
    // While it waits for the machine, a process uses none of it.
    const { user, system } = process.cpuUsage(startedCpu);
    spent += (user + system) / 1_000;
    if (spent > budget && values.hasPatterns) {
      const [read, all] = [index + 1, tags.length].map(count =>
        count.toLocaleString('en-US'),
      );
      throw new InputError(
        `the patterns take too long: ${read} of ${all} tags in ${
          budget / 1_000
        } s; simplify filterTags.pattern or exclusionList`,
      );
    }
    yield;
    started = performance.now();
    startedCpu = process.cpuUsage();
  }
}
