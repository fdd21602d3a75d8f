import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from './random';
import type { CrashServers } from './servers';

/** A moment to kill a backend at. */
export interface CrashMoment {
  name: string;
  /** Counts from the start of the process, not from its first answer. */
  whileStarting?: boolean;
  /** Prepares the servers. */
  prepare?(): Promise<void>;
  /** Resolves at the moment. */
  wait(): Promise<void>;
  /** Undoes what was prepared, once the backend is dead. */
  after?(): Promise<void>;
}

/** The moments, each a little different each time. */
export function crashMoments(
  servers: CrashServers,
  repositories: readonly string[],
  random: SeededRandom,
): CrashMoment[] {
  const soon = (limit: number) => sleep(random.below(limit));
  const delayAnswers = async (seconds: number) => {
    for (const repository of repositories) {
      await servers.git.delayAfterPush(repository, seconds);
    }
  };
  return [
    { name: 'while it starts', whileStarting: true, wait: () => soon(900) },
    { name: 'at any time', wait: () => soon(1_500) },
    {
      name: 'while it asks for tags',
      wait: () => servers.next('tags-asked').then(() => soon(20)),
    },
    {
      name: 'between a result and its storing',
      wait: () => servers.next('digest-answered').then(() => soon(15)),
    },
    {
      name: 'while it reads git',
      wait: () => servers.next('git-read').then(() => soon(60)),
    },
    {
      // The push arrives when the next backend is already at work.
      name: 'while git holds its push',
      prepare: () => servers.holdPushes(repositories),
      wait: () =>
        servers.next('push-arrived').then(() => sleep(200 + random.below(300))),
      after: () => servers.allowPushes(repositories),
    },
    {
      name: 'while git takes its push',
      wait: () => servers.next('push-arrived').then(() => soon(60)),
    },
    {
      name: 'after the push, before the answer',
      prepare: () => delayAnswers(30),
      wait: () =>
        servers.next('push-arrived').then(() => sleep(100 + random.below(200))),
      after: () => delayAnswers(0),
    },
    {
      name: 'just after the answer',
      wait: () => servers.next('push-answered').then(() => soon(30)),
    },
  ];
}
