/*
 * Measures the memory of updates, in a process that does nothing else. It is
 * started with `--expose-gc`; its argument is what to do, as JSON, and it prints
 * what it needed, as JSON.
 */
import assert from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import {
  createHttpTransport,
  GitMemory,
} from 'backstage-plugin-image-scan-node';
import type { GitMemoryFigures, GitMemoryTask } from './gitMemory';
import { remoteOf, update } from './gitUpdate';

/** Bytes that are in use once everything that can be freed is. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function main(task: GitMemoryTask): Promise<void> {
  const { host, warmUp, repositories, marked } = task;
  const transport = createHttpTransport({ hosts: [{ host, insecure: true }] });
  // The tags are new in every process. Code and connections are there before anything is measured.
  await update(remoteOf(warmUp, transport), `9.0.${process.pid}`);
  const heldBefore = await heldBytes();
  const rssBefore = process.memoryUsage.rss();
  let rssPeak = rssBefore;
  const timer = setInterval(() => {
    rssPeak = Math.max(rssPeak, process.memoryUsage.rss());
  }, 2);

  const memory = new GitMemory();
  const remotes = repositories.map(url => remoteOf(url, transport, memory));
  for (const [index, remote] of remotes.entries()) {
    assert.strictEqual(
      await update(remote, `9.${process.pid}.${index + 1}`),
      marked,
    );
  }
  clearInterval(timer);
  const heldAfter = await heldBytes();
  transport.close();
  const figures: GitMemoryFigures = {
    working: rssPeak - rssBefore,
    idle: heldAfter - heldBefore,
    rssPeak,
  };
  console.log(JSON.stringify(figures));
  // Remotes must live until here to be counted.
  assert.strictEqual(remotes.length, repositories.length);
}

main(JSON.parse(process.argv[2])).catch(error => {
  console.error(error);
  process.exitCode = 1;
});
