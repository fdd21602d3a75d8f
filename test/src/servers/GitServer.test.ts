import { GitServer } from './GitServer';

describe('GitServer', () => {
  it('keeps each of the commits that are made at once', async () => {
    const git = await GitServer.start();
    try {
      await git.createRepository('repo', { a: '0' });

      const made = await Promise.all(
        ['1', '2', '3', '4', '5', '6'].map(a =>
          git.commitFiles('repo', { a }, `Write ${a}`),
        ),
      );

      const log = await git.log('repo');
      expect(log.map(commit => commit.oid)).toEqual(
        expect.arrayContaining(made),
      );
      expect(log).toHaveLength(7);
    } finally {
      await git.stop();
    }
  });
});
