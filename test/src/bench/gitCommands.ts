import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { IMAGE } from './gitRepositories';

const run = promisify(execFile);

// Nothing of the user's own settings, and no upkeep in the middle of a run.
const environment = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'gc.auto',
  GIT_CONFIG_VALUE_0: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'bench',
  GIT_AUTHOR_EMAIL: 'bench@example.com',
  GIT_COMMITTER_NAME: 'bench',
  GIT_COMMITTER_EMAIL: 'bench@example.com',
};

/** Runs a line of shell; it fails where any part of it does. */
export async function shell(script: string, cwd: string): Promise<string> {
  const { stdout } = await run('sh', ['-ec', script], {
    cwd,
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** The same update by git's own commands in a fresh clone without history. */
export function cloneAndUpdate(url: string, folder: string, tag: string) {
  return shell(
    `git clone --quiet --depth 1 --branch main '${url}' '${folder}'
     cd '${folder}'
     ${rewriteAndPush(tag)}`,
    '/',
  );
}

/** And in a clone that is there already. */
export function pullAndUpdate(folder: string, tag: string) {
  return shell(
    `git fetch --quiet origin main
     git reset --quiet --hard FETCH_HEAD
     ${rewriteAndPush(tag)}`,
    folder,
  );
}

function rewriteAndPush(tag: string): string {
  return `git grep -lF '"$imagescan"' -- '*.yaml' |
     xargs sed -i -E '/"\\$imagescan"/s|(image: ${IMAGE}):[^ ]+|\\1:${tag}|'
     git commit --quiet --all --message 'Update to ${tag}'
     git push --quiet origin HEAD:main`;
}
