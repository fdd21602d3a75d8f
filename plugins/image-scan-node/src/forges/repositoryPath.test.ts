import { azureApiBase, repositoryPlace } from './repositoryPath';
import type { ForgeType } from '.';

describe('repositoryPlace', () => {
  it.each<[ForgeType, string, string, string]>([
    ['github', 'https://github.com/org/repo', '/repos/org/repo', 'org'],
    ['github', 'https://github.com/org/repo.git/', '/repos/org/repo', 'org'],
    ['gitea', 'https://host/gitea/org/repo.git', '/repos/org/repo', 'org'],
    ['gitlab', 'https://gitlab.com/a/b/c.git', '/projects/a%2Fb%2Fc', 'a'],
    [
      'bitbucketCloud',
      'https://bitbucket.org/team/repo',
      '/repositories/team/repo',
      'team',
    ],
    [
      'bitbucketServer',
      'https://host/context/scm/KEY/repo.git',
      '/projects/KEY/repos/repo',
      'KEY',
    ],
    [
      'bitbucketServer',
      'https://host/scm/~jane/repo.git',
      '/projects/~jane/repos/repo',
      '~jane',
    ],
    [
      'bitbucketServer',
      'https://host/projects/KEY/repos/repo/browse',
      '/projects/KEY/repos/repo',
      'KEY',
    ],
    [
      'bitbucketServer',
      'https://host/users/jane/repos/repo',
      '/projects/~jane/repos/repo',
      '~jane',
    ],
    [
      'azure',
      'https://dev.azure.com/org/My%20Project/_git/my%20repo',
      '/_apis/git/repositories/my%20repo',
      'My Project',
    ],
  ])('of %s at %s', (type, repo, path, owner) => {
    expect(repositoryPlace(type, repo)).toEqual({ path, owner });
  });

  it('leaves out the folder that a forge lies in', () => {
    expect(
      repositoryPlace(
        'gitlab',
        'https://host/gitlab/a/b',
        'https://host/gitlab/',
      ).path,
    ).toBe('/projects/a%2Fb');
    expect(
      repositoryPlace(
        'gitlab',
        'https://host/gitlab-a/b',
        'https://host/gitlab',
      ).path,
    ).toBe('/projects/gitlab-a%2Fb');
  });

  it.each<[ForgeType, string, RegExp]>([
    ['github', 'https://github.com/repo', /https:\/\/HOST\/OWNER\/NAME/],
    ['gitlab', 'https://gitlab.com/repo', /GROUP\/NAME/],
    ['bitbucketServer', 'https://host/KEY/repo', /scm\/PROJECT\/NAME/],
    ['bitbucketCloud', 'https://bitbucket.org/repo', /WORKSPACE\/NAME/],
    ['azure', 'https://dev.azure.com/org/repo', /_git\/NAME/],
    ['github', 'https://github.com/org/%zz', /no escape/],
  ])('refuses for %s %s', (type, repo, message) => {
    expect(() => repositoryPlace(type, repo)).toThrow(message);
  });
});

describe('azureApiBase', () => {
  it.each([
    [
      'https://dev.azure.com/org/My%20Project/_git/repo',
      'https://dev.azure.com/org/My%20Project',
    ],
    ['https://dev.azure.com/org/_git/repo', 'https://dev.azure.com/org/repo'],
    ['https://dev.azure.com/same/_git/same', 'https://dev.azure.com/same/same'],
    [
      'https://org.visualstudio.com/project/_git/repo',
      'https://org.visualstudio.com/project',
    ],
    [
      'https://org.visualstudio.com/DefaultCollection/_git/repo',
      'https://org.visualstudio.com/DefaultCollection/repo',
    ],
    [
      'https://tfs.corp:8443/tfs/Main/project/_git/repo',
      'https://tfs.corp:8443/tfs/Main/project',
    ],
  ])('of %s', (repo, base) => {
    expect(azureApiBase(repo)).toBe(base);
  });
});
