import {
  GitMemory,
  type GitSearch,
  HttpGitRemote,
  type HttpTransport,
  mayHoldMarkers,
  rewriteManifest,
} from 'backstage-plugin-image-scan-node';
import { IMAGE } from './gitRepositories';

/** What every update looks for, as the backend does. */
const search: GitSearch = {
  includes: path => /\.ya?ml$/.test(path),
  always: path => path.endsWith('/fleet.yaml'),
  matches: mayHoldMarkers,
};

/** A remote; make a new one, with a new memory, for a cold start. */
export function remoteOf(
  url: string,
  transport: HttpTransport,
  memory = new GitMemory(),
): HttpGitRemote {
  return new HttpGitRemote({ url, branch: 'main', transport, memory });
}

/**
 * Writes a tag to every marker: look, fetch, find, rewrite, commit, push.
 *
 * @returns how many files changed
 */
export async function update(
  remote: HttpGitRemote,
  tag: string,
): Promise<number> {
  const head = await remote.head();
  const snapshot = await remote.open({ head });
  const images = new Map([['web', { image: IMAGE, tag }]]);
  const files = new Map<string, Buffer>();
  for (const { path, content } of await snapshot.find(search)) {
    const { output } = rewriteManifest(content, images);
    if (output !== content) {
      files.set(path, output);
    }
  }
  const commit = await snapshot.commit({
    files,
    message: `Update to ${tag}`,
    author: { name: 'bench', email: 'bench@example.com' },
  });
  await snapshot.push(commit);
  await snapshot.close();
  return files.size;
}
