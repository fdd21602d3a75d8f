import {
  ConflictError,
  InputError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { PushRefusedError } from 'backstage-plugin-image-scan-node';
import { aGitRepo } from '../__testUtils__/aGitRepo';
import { anUpdate } from '../__testUtils__/builders';
import type { WriteResult } from './RepositoryWriter';
import {
  failedOutcome,
  isRequestersFault,
  writtenOutcome,
} from './updateOutcome';

describe('updateOutcome', () => {
  it('lets the interval pass between two commits', () => {
    const before = Date.now();
    const result: WriteResult = {
      head: { branch: 'main', commit: '1'.repeat(40) },
      message: 'update',
      plan: {
        changes: [],
        scans: [],
        choices: [],
        problems: [],
        outputs: new Map(),
      },
      planHash: 'hash',
      diff: '',
    };
    const repo = aGitRepo('repo', { imageScanInterval: '5m' });
    expect(writtenOutcome(result, repo)).toEqual({ result: 'nothing' });
    const written = writtenOutcome(
      { ...result, update: anUpdate('a', []) },
      repo,
    );
    expect(written?.result).toBe('written');
    const { at = 0, notBefore = 0 } =
      written?.result === 'written' ? written : {};
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
    expect(notBefore).toBe(at + 5 * 60_000);
  });

  it('tells what was asked wrongly from what is wrong with the git repo', () => {
    expect(isRequestersFault(new InputError('no such tagName'))).toBe(true);
    expect(isRequestersFault(new ConflictError('an outdated plan'))).toBe(true);
    const refused = new PushRefusedError('remote', 'main', 'protected', '');
    expect(isRequestersFault(refused)).toBe(false);
    expect(isRequestersFault(new ServiceUnavailableError('busy'))).toBe(false);
  });

  it('keeps the words of a failure and when it is tried again', () => {
    const before = Date.now();
    const claim = {
      token: 'token',
      gitRepo: { key: 'repo', problems: [], nextSyncAt: 0 },
    };
    const outcome = failedOutcome(
      claim,
      aGitRepo('repo'),
      new Error('refused'),
    );
    expect(outcome).toMatchObject({ result: 'failed', message: 'refused' });
    expect(outcome).toHaveProperty('notBefore');
    expect(
      outcome?.result === 'failed' && outcome.notBefore,
    ).toBeGreaterThanOrEqual(before + 15_000);
  });
});
