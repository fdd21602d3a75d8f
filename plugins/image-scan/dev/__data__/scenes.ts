import { ServiceUnavailableError } from '@backstage/errors';
import { MockImageScanApi } from './MockImageScanApi';
import {
  gitRepo,
  imageScan,
  minutesFromNow,
  scansInEveryState,
} from './imageScans';

/** A backend that answers with one scan in each state, or with what a scene is about. */
export function mockImageScanApi(scene: string | null): MockImageScanApi {
  const api = new MockImageScanApi(scansInEveryState());
  api.gitRepos = [
    gitRepo({
      problems: [
        {
          file: 'apps/web/kustomization.yaml',
          line: 12,
          tagName: 'web',
          message: 'The marker is on a map and does nothing.',
        },
        { file: 'apps/x/fleet.yaml', message: 'imageScans[2]: no tagName' },
      ],
    }),
    gitRepo({
      name: 'fleet-default:infrastructure-with-a-rather-long-name',
      repo: 'https://git.example.com/platform/infrastructure-with-a-rather-long-name',
      paused: true,
      head: undefined,
      branch: undefined,
      error: {
        message: 'git.example.com answered 403 Forbidden',
        time: minutesFromNow(-2),
        retryTime: minutesFromNow(1),
      },
    }),
  ];
  switch (scene) {
    case 'none':
      api.scans = [];
      api.entity = { source: 'none', paths: [] };
      break;
    case 'unconfigured':
      api.scans = [];
      api.entity = { source: 'none', gitRepo: 'shop', paths: [] };
      break;
    case 'empty':
      api.scans = [];
      api.gitRepos = [];
      api.updates = [];
      break;
    case 'loading':
      api.listImageScans = () => new Promise(() => {});
      api.getImageScan = () => new Promise(() => {});
      break;
    case 'down':
      api.listImageScans = async () => {
        throw new ServiceUnavailableError('The image-scan backend is down');
      };
      break;
    case 'many':
      api.scans = Array.from({ length: 200 }, (_, index) =>
        imageScan({
          id: String(index),
          tagName: `service-${index}`,
          path: `clusters/production/namespaces/team-${
            index % 7
          }/apps/service-${index}`,
          image: `registry.internal.example.com:5000/platform/team-${
            index % 7
          }/services/service-with-a-long-name-${index}`,
          ...(index % 5 === 0
            ? {
                state: 'update-available',
                change: 'patch',
                currentTag: '1.4.1',
              }
            : {}),
        }),
      );
      break;
    default:
  }
  return api;
}
