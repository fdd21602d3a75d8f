import { BranchMovedError } from 'backstage-plugin-image-scan-node';
import type {
  GitRemote,
  GitSearch,
  GitSnapshot,
} from 'backstage-plugin-image-scan-node';

const author = { name: 'Bot', email: 'bot@example.com' };
const search: GitSearch = {
  includes: path => path.endsWith('.yaml'),
  always: () => false,
  matches: content => content.includes('MARK'),
};

/**
 * Does with a remote what is done with a git repo day by day, three times:
 * look, read, find, commit, push, look for the commit; and in each round one
 * push that somebody else is faster than.
 *
 * @param options - `path` holds MARK; `pushBetween` pushes a change of another
 *   file as somebody else
 */
export async function leadLife(
  remote: GitRemote,
  options: { path: string; pushBetween: (round: string) => Promise<void> },
): Promise<void> {
  const { path, pushBetween } = options;
  const commit = (snapshot: GitSnapshot, content: string) =>
    snapshot.commit({
      author,
      message: content,
      files: new Map([[path, Buffer.from(content)]]),
    });
  const read = async (snapshot: GitSnapshot) =>
    (await snapshot.find(search)).map(
      found => `${found.path}: ${found.content.toString()}`,
    );
  let before: string | undefined;
  for (const round of ['1', '2', '3']) {
    const head = await remote.head();
    const snapshot = await remote.open({ head });
    expect(snapshot.head).toEqual(head);
    const found = await read(snapshot);
    expect(found).toEqual([`${path}: ${before ?? 'MARK 0\n'}`]);

    const late = await commit(snapshot, `MARK late ${round}\n`);
    await pushBetween(round);
    await expect(snapshot.push(late)).rejects.toThrow(BranchMovedError);
    await snapshot.close();

    const again = await remote.open();
    expect(again.head.commit).not.toBe(head.commit);
    expect(await read(again)).toEqual(found);
    const made = await commit(again, `MARK ${round}\n`);
    await again.push(made);
    await again.close();
    await expect(remote.head()).resolves.toMatchObject({ commit: made.oid });
    await expect(remote.contains(made.oid)).resolves.toBe(true);
    await expect(remote.contains(made.parent)).resolves.toBe(true);
    await expect(remote.contains(late.oid)).resolves.toBe(false);
    before = `MARK ${round}\n`;
  }
}
