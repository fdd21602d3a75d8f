import type { GitRemote } from 'backstage-plugin-image-scan-node';
import type { UpdateStore } from '../database/UpdateStore';
import { aDefinition, anUpdate } from '../__testUtils__/builders';
import { settleUpdates } from './settleUpdates';

const app = aDefinition('app');

/** Settles one update and says what became of it. */
async function settle(options: {
  arrived: boolean;
  age: number;
  pushLimit?: number;
}) {
  const update = anUpdate('u1', [app], {
    createdAt: Date.now() - options.age,
  });
  const updates: jest.Mocked<UpdateStore> = {
    announce: jest.fn(),
    confirm: jest.fn(),
    withdraw: jest.fn(),
    announced: jest.fn().mockResolvedValue([update]),
    get: jest.fn(),
    list: jest.fn(),
    ofCommits: jest.fn(),
  };
  const remote: jest.Mocked<GitRemote> = {
    pushLimit: options.pushLimit ?? 300_000,
    head: jest.fn(),
    open: jest.fn(),
    contains: jest.fn().mockResolvedValue(options.arrived),
    commitsBetween: jest.fn(),
    branchHead: jest.fn(),
    deleteBranch: jest.fn(),
  };
  await settleUpdates({ gitRepo: 'repo', updates, remote });
  expect(remote.contains).toHaveBeenCalledWith(update.commit, {
    since: new Date(update.createdAt),
  });
  return {
    confirmed: updates.confirm.mock.calls.length,
    withdrawn: updates.withdraw.mock.calls.length,
  };
}

describe('settleUpdates', () => {
  it('confirms a push that arrived, however late it is seen', async () => {
    expect(await settle({ arrived: true, age: 1_000 })).toEqual({
      confirmed: 1,
      withdrawn: 0,
    });
    expect(await settle({ arrived: true, age: 86_400_000 })).toEqual({
      confirmed: 1,
      withdrawn: 0,
    });
  });

  it('leaves one that the server may still be at', async () => {
    expect(await settle({ arrived: false, age: 1_000 })).toEqual({
      confirmed: 0,
      withdrawn: 0,
    });
  });

  it('withdraws one that cannot arrive any more', async () => {
    expect(await settle({ arrived: false, age: 600_000 })).toEqual({
      confirmed: 0,
      withdrawn: 1,
    });
  });

  it('waits as long as a push to a slow host may take', async () => {
    const pushLimit = 3_600_000;
    const settled = (age: number) => settle({ arrived: false, age, pushLimit });
    expect(await settled(3_500_000)).toEqual({ confirmed: 0, withdrawn: 0 });
    expect(await settled(3_700_000)).toEqual({ confirmed: 0, withdrawn: 1 });
  });
});
