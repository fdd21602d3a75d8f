import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { NotAllowedError } from '@backstage/errors';
import type {
  GitRepoStatus,
  UpdateResult,
} from 'backstage-plugin-image-scan-common';
import express from 'express';
import request from 'supertest';
import { AuditedImageScanService } from './AuditedImageScanService';
import type { CallOptions, ImageScanService } from './ImageScanService';

const credentials = mockCredentials.user('user:default/ada');

const result: UpdateResult = {
  branch: 'main',
  commit: 'c0ffee',
  message: 'update image',
  changes: [],
  scans: [],
  problems: [],
  diff: '',
  plan: 'p1',
};

function setUp() {
  const auditor = mockServices.auditor.mock();
  const event = { success: jest.fn(), fail: jest.fn() };
  auditor.createEvent.mockResolvedValue(event);
  const unexpected = async () => {
    throw new Error('not expected');
  };
  const inner = {
    listGitRepos: jest.fn(async () => ({ items: new Array<GitRepoStatus>() })),
    getGitRepo: jest.fn(unexpected),
    syncGitRepo: jest.fn(unexpected),
    updateGitRepo: jest.fn(async () => result),
    listImageScans: jest.fn(unexpected),
    getImageScan: jest.fn(unexpected),
    scanImage: jest.fn(unexpected),
    listTags: jest.fn(unexpected),
    previewPolicy: jest.fn(unexpected),
    listUpdates: jest.fn(unexpected),
    listDecisions: jest.fn(unexpected),
    getDecision: jest.fn(unexpected),
    decide: jest.fn(unexpected),
    decideOnScans: jest.fn(unexpected),
    releaseDecision: jest.fn(unexpected),
  } satisfies ImageScanService;
  const service = new AuditedImageScanService({ service: inner, auditor });
  return { auditor, event, inner, service };
}

describe('AuditedImageScanService', () => {
  it('names the caller where there is no request to take them from', async () => {
    const { auditor, event, service } = setUp();
    const write = { dryRun: false, allowDowngrade: true };
    expect(await service.updateGitRepo('shop', write, { credentials })).toBe(
      result,
    );
    expect(auditor.createEvent).toHaveBeenCalledWith({
      eventId: 'git-repo-update',
      severityLevel: 'medium',
      request: undefined,
      meta: {
        gitRepo: 'shop',
        actionType: 'write',
        allowDowngrade: true,
        initiator: 'user:default/ada',
      },
    });
    expect(event.success).toHaveBeenCalledWith({
      meta: { commit: 'c0ffee', changes: 0 },
    });
  });

  it('leaves the caller to the auditor where there is a request', async () => {
    const { auditor, service } = setUp();
    const app = express();
    app.get('/', async (req, res) => {
      const call: CallOptions = { credentials, request: req };
      await service.updateGitRepo('shop', { dryRun: true }, call);
      res.end();
    });
    await request(app).get('/').expect(200);
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        request: expect.objectContaining({ method: 'GET' }),
        meta: expect.not.objectContaining({ initiator: expect.anything() }),
      }),
    );
  });

  it('tells of what was refused, and passes the refusal on', async () => {
    const { event, inner, service } = setUp();
    const refused = new NotAllowedError('no');
    inner.scanImage.mockRejectedValue(refused);
    inner.syncGitRepo.mockRejectedValue(refused);
    await expect(service.scanImage('s1', { credentials })).rejects.toBe(
      refused,
    );
    await expect(service.syncGitRepo('shop', { credentials })).rejects.toBe(
      refused,
    );
    expect(event.fail.mock.calls).toEqual([
      [{ error: refused }],
      [{ error: refused }],
    ]);
    expect(event.success).not.toHaveBeenCalled();
  });

  it('says nothing of reading', async () => {
    const { auditor, service } = setUp();
    expect(await service.listGitRepos({ credentials })).toEqual({ items: [] });
    expect(auditor.createEvent).not.toHaveBeenCalled();
  });
});
