import { AuditorService, HttpAuthService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import express from 'express';
import Router from 'express-promise-router';
import { parseRequest, requests } from './requests';
import { ImageScanService } from './service/ImageScanService';

/**
 * The REST API: each route checks what it is given, asks the service on behalf
 * of the caller, and answers. What writes or costs work goes to the auditor.
 */
export function createRouter(options: {
  service: ImageScanService;
  httpAuth: HttpAuthService;
  auditor: AuditorService;
}): express.Router {
  const { service, httpAuth, auditor } = options;
  const router = Router();
  router.use(express.json({ limit: '2mb' }));

  const callOptions = async (request: express.Request) => ({
    credentials: await httpAuth.credentials(request, {
      allow: ['user', 'service'],
    }),
  });

  async function audited<T>(
    event: {
      request: express.Request;
      eventId: string;
      meta: { [key: string]: string | boolean | undefined };
    },
    work: () => Promise<T>,
    describe: (result: T) => { [key: string]: string | number | undefined },
  ): Promise<T> {
    const audit = await auditor.createEvent({
      ...event,
      severityLevel: 'medium',
    });
    try {
      const result = await work();
      await audit.success({ meta: describe(result) });
      return result;
    } catch (error) {
      await audit.fail({ error: toError(error) });
      throw error;
    }
  }

  router.get('/git-repos', async (req, res) => {
    parseRequest(requests.nothing, req.query);
    res.json(await service.listGitRepos(await callOptions(req)));
  });

  router.get('/git-repos/:name', async (req, res) => {
    res.json(await service.getGitRepo(req.params.name, await callOptions(req)));
  });

  router.post('/git-repos/:name/sync', async (req, res) => {
    const { name } = req.params;
    const call = await callOptions(req);
    const status = await audited(
      { request: req, eventId: 'git-repo-sync', meta: { gitRepo: name } },
      () => service.syncGitRepo(name, call),
      result => ({ head: result.head?.commit }),
    );
    res.json(status);
  });

  router.post('/git-repos/:name/update', async (req, res) => {
    const { name } = req.params;
    const request = parseRequest(requests.update, req.body);
    const call = await callOptions(req);
    const result = await audited(
      {
        request: req,
        eventId: 'git-repo-update',
        meta: {
          gitRepo: name,
          actionType: request.dryRun ? 'dry-run' : 'write',
          allowDowngrade: request.allowDowngrade,
        },
      },
      () => service.updateGitRepo(name, request, call),
      ({ commit, changes }) => ({ commit, changes: changes.length }),
    );
    res.json(result);
  });

  router.get('/image-scans', async (req, res) => {
    const query = parseRequest(requests.imageScans, req.query);
    res.json(await service.listImageScans(query, await callOptions(req)));
  });

  router.get('/image-scans/:id', async (req, res) => {
    const { id } = parseRequest(requests.imageScan, req.params);
    res.json(await service.getImageScan(id, await callOptions(req)));
  });

  router.get('/image-scans/:id/tags', async (req, res) => {
    const query = parseRequest(requests.tags, req.query);
    const { id } = parseRequest(requests.imageScan, req.params);
    res.json(await service.listTags(id, query, await callOptions(req)));
  });

  router.post('/image-scans/:id/scan', async (req, res) => {
    const { id } = parseRequest(requests.imageScan, req.params);
    const call = await callOptions(req);
    const scan = await audited(
      { request: req, eventId: 'image-scan', meta: { imageScanId: id } },
      () => service.scanImage(id, call),
      ({ gitRepo, tagName, state }) => ({ gitRepo, tagName, state }),
    );
    res.json(scan);
  });

  router.post('/policies/preview', async (req, res) => {
    const request = parseRequest(requests.preview, req.body);
    res.json(await service.previewPolicy(request, await callOptions(req)));
  });

  router.get('/updates', async (req, res) => {
    const query = parseRequest(requests.updates, req.query);
    res.json(await service.listUpdates(query, await callOptions(req)));
  });

  return router;
}
