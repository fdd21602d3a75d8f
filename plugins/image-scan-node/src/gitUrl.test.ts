import { checkBranchName, checkGitUrl, remoteKey } from './gitUrl';

describe('checkGitUrl', () => {
  it.each([
    'https://git.example.com/org/repo',
    'https://git.example.com:8443/org/repo.git',
    'http://127.0.0.1:3000/repo.git/',
  ])('takes %s', url => {
    expect(checkGitUrl(url).href).toBe(url);
  });

  it.each([
    ['git@github.com:org/repo.git', 'https://github.com/org/repo.git'],
    ['github.com:org/repo', 'https://github.com/org/repo'],
    ['git@host:/org/repo', 'https://host/org/repo'],
    ['ssh://git@host:2222/org/repo.git', 'https://host/org/repo.git'],
    ['git+ssh://host/org/repo', 'https://host/org/repo'],
  ])('names the https form of %s', (url, https) => {
    expect(() => checkGitUrl(url)).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: expect.stringMatching(`ssh URL.* ${https}$`),
      }),
    );
  });

  it.each([
    'https://user:hunter2@host/org/repo',
    'https://hunter2@host/org/repo',
    'https://host/org/repo?token=hunter2',
    'https://host/org/repo#hunter2',
    'https//user:hunter2@host/org/repo',
    'https://user:hunter2@ho st/org/repo',
    'ssh://git:hunter2@host/org/repo',
    'git:hunter2@host:org/repo',
    'user:hunter2@host',
    'hunter2:x-oauth-basic@host/org/repo',
    'oauth2:hunter2@host/org/repo',
  ])('does not repeat what is secret in %s', url => {
    expect(() => checkGitUrl(url)).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: expect.not.stringContaining('hunter2'),
      }),
    );
  });

  it.each(['git://host/repo', 'file:///srv/repo', '/srv/repo', '', 'https://'])(
    'refuses "%s"',
    url => {
      expect(() => checkGitUrl(url)).toThrow(
        expect.objectContaining({ name: 'InputError' }),
      );
    },
  );
});

describe('remoteKey', () => {
  it.each([
    'https://Git.Example.com/org/repo',
    'https://git.example.com:443/org/repo.git',
    'http://git.example.com:80/org/repo.git/',
    'https://git.example.com/org/repo//',
  ])('is one for all spellings: %s', url => {
    expect(remoteKey(url, 'main')).toBe('git.example.com/org/repo#main');
  });

  it('tells ports, paths and branches apart', () => {
    const keys = [
      remoteKey('https://h/org/repo', 'main'),
      remoteKey('https://h:8443/org/repo', 'main'),
      remoteKey('https://h/org/Repo', 'main'),
      remoteKey('https://h/org/repo', 'Main'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('checkBranchName', () => {
  it.each(['main', 'release/1.2', 'a-b_c', 'grün', 'x@y', '1'])(
    'takes %s',
    branch => {
      expect(checkBranchName(branch)).toBe(branch);
    },
  );

  it.each([
    ...['', '@', '-x', 'a b', 'a..b', 'a~1', 'a^', 'a:b', 'a?', '*', 'a[b'],
    ...['a\\b', 'a@{1}', '/a', 'a/', 'a//b', 'a.', '.a', 'a/.b', 'a.lock'],
    ...['a.lock/b', 'a\nb', 'a\0b', 'a\u007f'],
  ])('refuses %j', branch => {
    expect(() => checkBranchName(branch)).toThrow('not the name of a branch');
  });
});
