import { mockServices } from '@backstage/backend-test-utils';
import type { TemplateAction } from '@backstage/plugin-scaffolder-node';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import type { JsonObject, JsonValue } from '@backstage/types';

/** The checkpoints of a task, which survive a crash of the backend. */
export type Checkpoints = Map<string, string>;

/** What a step showed. */
export interface Run {
  output: { [name: string]: unknown };
  /** Each line with its level in front. */
  log: string;
}

/** Runs an action as one step of a task. */
export async function runAction<
  TInput extends JsonObject,
  TOutput extends JsonObject,
>(
  action: TemplateAction<TInput, TOutput>,
  options: {
    input: TInput;
    workspacePath: string;
    isDryRun?: boolean;
    /** Those of the first run of a task that is recovered. */
    checkpoints?: Checkpoints;
    signal?: AbortSignal;
  },
): Promise<Run> {
  const { input, workspacePath, isDryRun, checkpoints, signal } = options;
  const run: Run = { output: {}, log: '' };
  const logger = mockServices.logger.mock({
    info: message => {
      run.log += `info ${message}\n`;
    },
    warn: message => {
      run.log += `warn ${message}\n`;
    },
  });
  await action.handler({
    ...createMockActionContext<TInput, TOutput>({ input, workspacePath }),
    logger,
    isDryRun,
    signal,
    output(name, value) {
      run.output[String(name)] = value;
    },
    // As the task worker does it: only JSON survives.
    async checkpoint<T extends JsonValue | void>(checkpoint: {
      key: string;
      fn: () => Promise<T> | T;
    }): Promise<T> {
      const kept = checkpoints?.get(checkpoint.key);
      if (kept !== undefined) {
        return JSON.parse(kept);
      }
      const value = await checkpoint.fn();
      checkpoints?.set(checkpoint.key, JSON.stringify(value ?? {}));
      return value;
    },
  });
  return run;
}
