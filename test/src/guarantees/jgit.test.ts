import { describeWith } from '../integration/describeWith';
import { liveAt } from '../integration/liveAt';
import { hasJdk, hasJGit, startJGit } from '../servers/jgit';

jest.setTimeout(120_000);

describeWith([
  !hasJGit() && 'libjgit-java is not installed',
  !hasJdk() && 'default-jdk-headless is not installed',
])('git servers in Java', () => {
  it('as JGit, of Gerrit and Bitbucket Server, are worked with', () =>
    liveAt(startJGit));
});
