import {
  GitAuthError,
  type GitRemote,
  GitUnreachableError,
  RepositoryNotFoundError,
} from 'backstage-plugin-image-scan-node';
import { withFreshCredentials } from './withFreshCredentials';

describe('withFreshCredentials', () => {
  const head = { branch: 'main', commit: '1'.repeat(40) };
  const start = () => {
    const remote: jest.Mocked<GitRemote> = {
      pushLimit: 600_000,
      head: jest.fn().mockResolvedValue(head),
      open: jest.fn(),
      contains: jest.fn().mockResolvedValue(true),
      commitsBetween: jest.fn().mockResolvedValue({ commits: [] }),
      branchHead: jest.fn().mockResolvedValue('3'.repeat(40)),
      deleteBranch: jest.fn(),
    };
    const forget = jest.fn().mockReturnValue(true);
    return { remote, forget, fresh: withFreshCredentials(remote, forget) };
  };

  it.each([
    new GitAuthError('refused (401)'),
    new RepositoryNotFoundError('there is none (404)'),
  ])('asks once more after: %s', async error => {
    const { remote, forget, fresh } = start();
    remote.head.mockRejectedValueOnce(error);
    await expect(fresh.head()).resolves.toEqual(head);
    expect(fresh.pushLimit).toBe(remote.pushLimit);
    expect(forget).toHaveBeenCalledTimes(1);

    remote.contains.mockRejectedValue(error);
    await expect(fresh.contains('2'.repeat(40))).rejects.toBe(error);
    expect(remote.contains).toHaveBeenCalledTimes(2);

    remote.commitsBetween.mockRejectedValueOnce(error);
    await expect(fresh.commitsBetween('2', '3')).resolves.toEqual({
      commits: [],
    });
    remote.branchHead.mockRejectedValueOnce(error);
    await expect(fresh.branchHead('own')).resolves.toBe('3'.repeat(40));
    remote.deleteBranch.mockRejectedValueOnce(error);
    await fresh.deleteBranch('own', '3'.repeat(40));
    expect(remote.deleteBranch).toHaveBeenCalledTimes(2);
  });

  it('asks no more where nothing was remembered, or something else is wrong', async () => {
    const { remote, forget, fresh } = start();
    forget.mockReturnValue(false);
    const refused = new GitAuthError('refused (401)');
    remote.open.mockRejectedValue(refused);
    await expect(fresh.open()).rejects.toBe(refused);
    expect(remote.open).toHaveBeenCalledTimes(1);

    remote.head.mockRejectedValue(new GitUnreachableError('no route'));
    await expect(fresh.head()).rejects.toThrow('no route');
    expect(remote.head).toHaveBeenCalledTimes(1);
    expect(forget).toHaveBeenCalledTimes(1);
  });
});
