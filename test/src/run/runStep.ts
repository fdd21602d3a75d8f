import { type Command, ProcessGroup } from './ProcessGroup';

/** A part of the run that passes or fails as a whole. */
export interface Step {
  name: string;
  command: Command;
  /** After which it is ended and has failed. */
  limitMinutes: number;
}

/**
 * Runs a step and prints how long it took.
 *
 * @param interrupt - ends the step early
 * @returns whether it passed
 * @throws the reason of `interrupt`
 */
export async function runStep(
  step: Step,
  interrupt: AbortSignal,
): Promise<boolean> {
  interrupt.throwIfAborted();
  console.log(`\n── ${step.name}`);
  const started = Date.now();
  const passed = await runToEnd(step, interrupt);
  interrupt.throwIfAborted();
  printTime(step.name, passed, started);
  return passed;
}

/**
 * The same beside others: what the step prints is shown when it has ended, so that it
 * stands together.
 */
export async function runBeside(
  step: Step,
  interrupt: AbortSignal,
): Promise<boolean> {
  interrupt.throwIfAborted();
  const chunks: Buffer[] = [];
  const print = (chunk: Buffer) => void chunks.push(chunk);
  const started = Date.now();
  const quiet = { ...step, command: { ...step.command, print } };
  const passed = await runToEnd(quiet, interrupt);
  process.stdout.write(Buffer.concat(chunks));
  interrupt.throwIfAborted();
  printTime(step.name, passed, started);
  return passed;
}

/** The same without a word. */
export async function runToEnd(
  step: Step,
  interrupt: AbortSignal,
): Promise<boolean> {
  if (interrupt.aborted) {
    return false;
  }
  const group = ProcessGroup.start(step.command);
  const stop = () => void group.stop();
  interrupt.addEventListener('abort', stop);
  const timer = setTimeout(() => {
    console.error(`${step.name} took over ${step.limitMinutes} minutes: ended`);
    stop();
  }, step.limitMinutes * 60_000);

  try {
    return (await group.exited) === 0;
  } finally {
    clearTimeout(timer);
    interrupt.removeEventListener('abort', stop);
    // What the step started and forgot must not outlive it.
    await group.stop();
  }
}

/** Prints the end of a part of the run that began at `started`. */
export function printTime(name: string, passed: boolean, started: number) {
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  console.log(`── ${name}: ${passed ? 'passed' : 'FAILED'} in ${seconds} s`);
}
