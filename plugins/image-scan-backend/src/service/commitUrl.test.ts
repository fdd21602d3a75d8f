import { ConfigReader } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { commitUrl, compareUrl } from './commitUrl';

const integrations = ScmIntegrations.fromConfig(
  new ConfigReader({
    integrations: {
      github: [{ host: 'ghe.example.com' }],
      gitlab: [
        {
          host: 'gitlab.example.com',
          apiBaseUrl: 'https://gitlab.example.com/api/v4',
        },
      ],
      gitea: [{ host: 'gitea.example.com' }],
      bitbucketServer: [{ host: 'bitbucket.example.com' }],
    },
  }),
);
const sha = 'a'.repeat(40);

describe('commitUrl', () => {
  it.each([
    ['https://github.com/o/r', `https://github.com/o/r/commit/${sha}`],
    ['https://github.com/o/r.git', `https://github.com/o/r/commit/${sha}`],
    [
      'https://ghe.example.com/o/r/',
      `https://ghe.example.com/o/r/commit/${sha}`,
    ],
    [
      'https://gitlab.example.com/g/sub/r.git',
      `https://gitlab.example.com/g/sub/r/-/commit/${sha}`,
    ],
    [
      'https://gitea.example.com/o/r.git',
      `https://gitea.example.com/o/r/commit/${sha}`,
    ],
    [
      'https://dev.azure.com/org/project/_git/r',
      `https://dev.azure.com/org/project/_git/r/commit/${sha}`,
    ],
    [
      'https://bitbucket.org/w/r.git',
      `https://bitbucket.org/w/r/commits/${sha}`,
    ],
    [
      'https://bitbucket.example.com/scm/KEY/r.git',
      `https://bitbucket.example.com/projects/KEY/repos/r/commits/${sha}`,
    ],
    [
      'https://bitbucket.example.com/context/scm/~jane/r.git',
      `https://bitbucket.example.com/context/users/jane/repos/r/commits/${sha}`,
    ],
    ['https://bitbucket.example.com/other/r.git', undefined],
    ['https://git.example.com/o/r', undefined],
  ])('of %s', (repo, expected) => {
    expect(commitUrl(integrations, repo, sha)).toBe(expected);
  });
});

describe('compareUrl', () => {
  it.each([
    ['https://github.com/o/r.git', 'https://github.com/o/r/compare/a...b'],
    [
      'https://gitlab.example.com/g/sub/r.git',
      'https://gitlab.example.com/g/sub/r/-/compare/a...b',
    ],
    [
      'https://gitea.example.com/o/r/',
      'https://gitea.example.com/o/r/compare/a...b',
    ],
    [
      'https://dev.azure.com/org/project/_git/r',
      'https://dev.azure.com/org/project/_git/r/branchCompare?baseVersion=GCa&targetVersion=GCb',
    ],
    ['https://bitbucket.org/w/r.git', undefined],
    ['https://git.example.com/o/r', undefined],
  ])('of %s', (repo, expected) => {
    expect(compareUrl(integrations, repo, 'a', 'b')).toBe(expected);
  });
});
