import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitServer } from '../servers/GitServer';

/** Folder of the sample repositories on the git server, as an owner of Gitea. */
export const DEMO_OWNER = 'shop';

const COMMIT = new RegExp(`^/(${DEMO_OWNER}/[\\w-]+)/commit/([0-9a-f]{40})$`);
const ARCHIVE = new RegExp(
  `^/api/v1/repos/(${DEMO_OWNER}/[\\w-]+)/archive/([\\w-]+)\\.tar\\.gz$`,
);
const NEWEST = new RegExp(
  `^/api/v1/repos/(${DEMO_OWNER}/[\\w-]+)/git/commits/([\\w-]+)$`,
);

/**
 * The few pages of Gitea that the demo needs beside git itself: a commit, which
 * the app links to, and the newest commit of a branch with its archive, which
 * `fetch:plain` reads. Nobody has to sign in for them.
 *
 * @returns whether the request was for one of them
 */
export function answerAsGitea(
  git: GitServer,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const url = request.url ?? '/';
  const page = [
    { pattern: COMMIT, answer: showCommit },
    { pattern: ARCHIVE, answer: sendArchive },
    { pattern: NEWEST, answer: nameCommit },
  ].find(({ pattern }) => pattern.test(url));
  const [, repository, ref] = page?.pattern.exec(url) ?? [];
  if (!page || request.method !== 'GET') {
    return false;
  }
  page.answer(git, repository, ref, response).catch((error: Error) => {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end(error.message);
  });
  return true;
}

async function showCommit(
  git: GitServer,
  repository: string,
  commit: string,
  response: ServerResponse,
): Promise<void> {
  const text = await git.run(repository, 'show', '--format=fuller', commit);
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><title>${repository}: ${commit}</title><h1>${repository}</h1><pre>${escaped}</pre></html>`,
  );
}

async function sendArchive(
  git: GitServer,
  repository: string,
  branch: string,
  response: ServerResponse,
): Promise<void> {
  const archive = await git.archive(repository, branch);
  response.writeHead(200, { 'content-type': 'application/gzip' });
  response.end(archive);
}

async function nameCommit(
  git: GitServer,
  repository: string,
  branch: string,
  response: ServerResponse,
): Promise<void> {
  const sha = (await git.run(repository, 'rev-parse', branch)).trim();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ sha }));
}
