import { folderInRepository } from './sourceLocation';

const github = { repo: 'https://github.com/org/repo' };
const onBranch = { repo: 'https://github.com/org/repo.git', branch: 'rel/1.0' };
const gitlab = { repo: 'https://gitlab.example.com/group/sub/repo.git' };
const gitea = { repo: 'https://gitea.example.com/org/repo' };
const bitbucket = { repo: 'https://bitbucket.org/team/repo' };
const azure = { repo: 'https://dev.azure.com/org/project/_git/repo' };

describe('folderInRepository', () => {
  it.each([
    ['url:https://github.com/org/repo', github, '.'],
    ['url:https://github.com/org/repo/', github, '.'],
    ['url:https://github.com/org/repo.git', github, '.'],
    ['url:https://github.com/org/repo/tree/main', github, '.'],
    ['url:https://github.com/org/repo/tree/main/', github, '.'],
    [
      'url:https://github.com/org/repo/tree/main/apps/redis/',
      github,
      'apps/redis',
    ],
    [
      'url:https://github.com/org/repo/tree/main/apps/redis',
      github,
      'apps/redis',
    ],
    [
      'url:https://github.com/org/repo/blob/main/apps/catalog-info.yaml',
      github,
      'apps',
    ],
    [
      'url:https://github.com/org/repo/blob/main/catalog-info.yaml',
      github,
      '.',
    ],
    ['url:https://github.com/org/repo/edit/main/apps/a.yaml', github, 'apps'],
    ['url:https://GitHub.com/org/repo/tree/main/a%20b/', github, 'a b'],
    ['url:https://github.com/org/repo/tree/rel/1.0/apps/', onBranch, 'apps'],
    ['url:https://github.com/org/repo/tree/rel/1.0', onBranch, '.'],
    [
      'url:https://gitlab.example.com/group/sub/repo/-/tree/main/apps/',
      gitlab,
      'apps',
    ],
    [
      'url:https://gitlab.example.com/group/sub/repo/-/blob/main/apps/c.yaml',
      gitlab,
      'apps',
    ],
    [
      'url:https://gitea.example.com/org/repo/src/branch/main/apps/c.yaml',
      gitea,
      'apps',
    ],
    [
      'url:https://gitea.example.com/org/repo/src/branch/main/apps/',
      gitea,
      'apps',
    ],
    [
      'url:https://bitbucket.org/team/repo/src/main/apps/c.yaml',
      bitbucket,
      'apps',
    ],
    [
      'url:https://dev.azure.com/org/project/_git/repo?path=/apps/catalog-info.yaml',
      azure,
      'apps',
    ],
    [
      'url:https://dev.azure.com/org/project/_git/repo?path=%2Fapps%2F',
      azure,
      'apps',
    ],
    ['url:https://dev.azure.com/org/project/_git/repo', azure, '.'],
  ])('%s', (location, repository, expected) => {
    expect(folderInRepository(location, repository)).toBe(expected);
  });

  it.each([
    'url:https://github.com/org/repository/tree/main/',
    'url:https://github.com/org/repo-two',
    'url:https://github.com/org',
    'url:https://elsewhere.example.com/org/repo',
    'url:https://github.com:8443/org/repo',
    'url:https://github.com/org/repo/tree/main/%E0%A4%A',
    'file:/home/catalog-info.yaml',
    'url:./catalog-info.yaml',
    'url:',
    '',
  ])('%s points elsewhere', location => {
    expect(folderInRepository(location, github)).toBeUndefined();
  });
});
