import {
  REPOSITORY_LIMITS,
  type RepositoryLimits,
} from 'backstage-plugin-image-scan-node';
import { readRepository } from '../updating/readRepository';
import { aGitRepo } from './aGitRepo';

/** A file with definitions: one scan. */
export const scan = (name: string) =>
  `imageScans:\n- {tagName: ${name}, image: nginx}\n`;

/** A line with a marker. */
export const marked = (name: string) =>
  `image: nginx:1 # {"$imagescan": "${name}"}\n`;

/** What is read of some files with one limit that is another than always. */
export async function readFiles(
  limits: Partial<RepositoryLimits>,
  files: Record<string, string>,
) {
  const contents = new Map<string, Buffer>();
  // Equal contents are one, as they are in git.
  const contentOf = (text: string) => {
    const content = contents.get(text) ?? Buffer.from(text);
    contents.set(text, content);
    return content;
  };
  const unused = async () => {
    throw new Error('Reading writes nothing');
  };
  const repository = await readRepository(
    {
      head: { branch: 'main', commit: '1'.repeat(40) },
      files: unused,
      read: unused,
      find: async () =>
        Object.entries(files).map(([path, text]) => ({
          path,
          oid: text,
          executable: false,
          content: contentOf(text),
        })),
      commit: unused,
      push: unused,
      pushTo: unused,
      close: async () => {},
    },
    {
      definition: aGitRepo('repo', { paths: ['.'] }),
      credentialKeyOf: () => 'none',
      limits: { ...REPOSITORY_LIMITS, ...limits },
    },
  );
  return {
    ...repository.contents,
    manifests: repository.manifests.map(({ file }) => file),
    messages: repository.contents.problems.map(({ message }) => message),
    markedFiles: repository.contents.markers.map(({ file }) => file),
  };
}
