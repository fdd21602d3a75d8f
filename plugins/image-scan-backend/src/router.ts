import type { HttpAuthService } from '@backstage/backend-plugin-api';
import express from 'express';
import Router from 'express-promise-router';
import { parseRequest, requests } from './service/requests';
import type { CallOptions, ImageScanService } from './service/ImageScanService';

/**
 * The REST API: each route checks what it is given, asks the service on behalf
 * of the caller, and answers.
 */
export function createRouter(options: {
  service: ImageScanService;
  httpAuth: HttpAuthService;
}): express.Router {
  const { service, httpAuth } = options;
  const router = Router();
  router.use(express.json({ limit: '2mb' }));

  const callOptions = async (
    request: express.Request,
  ): Promise<CallOptions> => ({
    credentials: await httpAuth.credentials(request, {
      allow: ['user', 'service'],
    }),
    request,
  });

  router.get('/git-repos', async (req, res) => {
    parseRequest(requests.nothing, req.query);
    res.json(await service.listGitRepos(await callOptions(req)));
  });

  router.get('/git-repos/:name', async (req, res) => {
    const { name } = req.params;
    res.json(await service.getGitRepo(name, await callOptions(req)));
  });

  router.post('/git-repos/:name/sync', async (req, res) => {
    const { name } = req.params;
    res.json(await service.syncGitRepo(name, await callOptions(req)));
  });

  router.post('/git-repos/:name/update', async (req, res) => {
    const { name } = req.params;
    const request = parseRequest(requests.update, req.body);
    const call = await callOptions(req);
    res.json(await service.updateGitRepo(name, request, call));
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
    res.json(await service.scanImage(id, await callOptions(req)));
  });

  router.post('/policies/preview', async (req, res) => {
    const request = parseRequest(requests.preview, req.body);
    res.json(await service.previewPolicy(request, await callOptions(req)));
  });

  router.get('/updates', async (req, res) => {
    const query = parseRequest(requests.updates, req.query);
    res.json(await service.listUpdates(query, await callOptions(req)));
  });

  router.get('/decisions', async (req, res) => {
    const query = parseRequest(requests.decisions, req.query);
    res.json(await service.listDecisions(query, await callOptions(req)));
  });

  router.post('/decisions', async (req, res) => {
    const { body } = req;
    if (isObject(body) && 'imageScanIds' in body) {
      const several = parseRequest(requests.decideOnScans, body);
      res.json(await service.decideOnScans(several, await callOptions(req)));
      return;
    }
    const request = parseRequest(requests.decide, body);
    res.json(await service.decide(request, await callOptions(req)));
  });

  router.get('/decisions/:id', async (req, res) => {
    const { id } = parseRequest(requests.decision, req.params);
    res.json(await service.getDecision(id, await callOptions(req)));
  });

  router.post('/decisions/:id/release', async (req, res) => {
    const { id } = parseRequest(requests.decision, req.params);
    const release = parseRequest(requests.release, req.body);
    const call = await callOptions(req);
    res.json(await service.releaseDecision(id, release, call));
  });

  return router;
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null;
}
