import { ServiceUnavailableError } from '@backstage/errors';
import type {
  ImageScan,
  UpdateRecord,
} from 'backstage-plugin-image-scan-common';
import { MockImageScanApi } from './MockImageScanApi';
import {
  countStates,
  decision,
  gitRepo,
  imageScan,
  minutesFromNow,
  scansInEveryState,
  updateRecord,
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
      answerWith(api, () => new Promise(() => {}));
      break;
    case 'down':
      answerWith(api, isDown);
      break;
    case 'lost':
      loseAfterFirstAnswers(api);
      break;
    case 'new':
      api.scans = neverAnswered();
      api.gitRepos = [gitRepo({ lastSyncTime: undefined, head: undefined })];
      break;
    case 'fine':
      api.scans = [imageScan()];
      api.gitRepos = [gitRepo({ counts: countStates(api.scans) })];
      break;
    case 'long':
      api.scans = longNames();
      api.updates = [longUpdate()];
      break;
    case 'decided':
      decide(api);
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

/** Much is decided, some of it long ago. */
function decide(api: MockImageScanApi) {
  const hold = decision({ until: minutesFromNow(2 * 24 * 60) });
  const rollback = decision({
    id: 'rollback-api',
    kind: 'rollback',
    imageScanId: 'api',
    tagName: 'api',
    path: 'apps/api',
    image: 'registry.example.com/shop/api',
    by: 'git',
    reason: undefined,
    time: minutesFromNow(-90),
    rollback: {
      headBefore: '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c',
      headAfter: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
      commit: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
      commitUrl:
        'https://git.example.com/example/shop/commit/1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
      author: 'Grace Hopper',
      subject: 'Roll back api to 2.0.0',
      places: [
        {
          file: 'apps/api/values.yaml',
          line: 4,
          form: 'tag',
          before: '2.1.0',
          after: '2.0.0',
        },
      ],
    },
  });
  api.decisions = [
    rollback,
    hold,
    decision({
      id: 'hold-shop',
      imageScanId: undefined,
      tagName: undefined,
      path: undefined,
      image: undefined,
      reason: undefined,
      time: minutesFromNow(-40 * 24 * 60),
    }),
    decision({
      id: 'skip-mail',
      kind: 'skip',
      tag: '3.2.0',
      imageScanId: 'mail',
      tagName: 'mail',
      image: 'ghcr.io/example/mail',
      time: minutesFromNow(-5000),
      ended: {
        by: 'user:default/grace',
        time: minutesFromNow(-100),
        how: 'released',
        reason: '3.2.1 is out',
      },
    }),
  ];
  api.scans = api.scans.map(scan => {
    const held = scan.id === 'api' ? rollback : hold;
    if (scan.id !== held.imageScanId) {
      return scan.id === 'mail'
        ? { ...scan, waiting: { tag: '3.2.1', until: minutesFromNow(2900) } }
        : scan;
    }
    return {
      ...scan,
      state: 'held',
      decisions: [held],
      held: {
        from: scan.currentTag ?? '',
        to: scan.latestTag ?? '',
        reason: 'held',
        decision: held,
      },
    };
  });
}

async function isDown(): Promise<never> {
  throw new ServiceUnavailableError('The image-scan backend is down');
}

function answerWith(api: MockImageScanApi, answer: () => Promise<never>) {
  api.listImageScans = answer;
  api.getImageScan = answer;
  api.listGitRepos = answer;
  api.listTags = answer;
  api.listUpdates = answer;
  api.updateGitRepo = answer;
  api.previewPolicy = answer;
}

/** A backend that goes away once a page has something to show. */
function loseAfterFirstAnswers(api: MockImageScanApi) {
  const { listImageScans, getImageScan, listGitRepos, listUpdates } = api;
  api.listImageScans = once(listImageScans.bind(api));
  api.getImageScan = once(getImageScan.bind(api));
  api.listGitRepos = once(listGitRepos.bind(api));
  api.listUpdates = once(listUpdates.bind(api));
}

function once<A extends unknown[], T>(
  answer: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  let isFirst = true;
  return async (...args) => {
    if (!isFirst) {
      return isDown();
    }
    isFirst = false;
    return answer(...args);
  };
}

/** Scans whose registry has never answered. */
function neverAnswered(): ImageScan[] {
  const unanswered = {
    lastScanTime: undefined,
    latestTag: undefined,
    latestImage: undefined,
    latestDigest: undefined,
  };
  return [
    imageScan({
      ...unanswered,
      id: 'report',
      tagName: 'report',
      image: 'registry.example.com/shop/report',
      path: 'apps/report',
      state: 'error',
      nextScanTime: minutesFromNow(4.5),
      error: {
        message:
          'registry.example.com has no repository shop/report: NAME_UNKNOWN',
        time: minutesFromNow(-1),
        retryTime: minutesFromNow(4.5),
      },
    }),
    imageScan({ ...unanswered, state: 'unknown' }),
  ];
}

const LONG =
  'a-service-with-a-name-that-somebody-generated-and-nobody-shortened';
const LONG_IMAGE = `registry.internal.platform.example.com:5000/business-unit/team-checkout/backend/services/${LONG}`;
const LONG_TAG = `1.4.2-feature-branch-with-a-long-name-20240131235959-${'9f8e7d6c'.repeat(
  5,
)}`;

function longNames(): ImageScan[] {
  const file = `clusters/production/eu-central-1/namespaces/checkout/releases/${LONG}/templates/deployment.yaml`;
  const common = {
    gitRepo: 'fleet-default:infrastructure-with-a-rather-long-name',
    path: `clusters/production/eu-central-1/namespaces/checkout/releases/${LONG}`,
    tagName: LONG,
    image: LONG_IMAGE,
    policy: { semver: { range: '>=1.2.0-0 <2.0.0-0 || >=3.0.0-0 <4.0.0-0' } },
  };
  return [
    imageScan({
      ...common,
      id: 'long',
      state: 'error',
      error: {
        message: `registry.internal.platform.example.com:5000 answered 403 Forbidden to GET /v2/business-unit/team-checkout/backend/services/${LONG}/tags/list: {"errors":[{"code":"DENIED","message":"requested access to the resource is denied","detail":{"Type":"repository","Class":"","Name":"business-unit/team-checkout/backend/services/${LONG}","Action":"pull"}}]}`,
        time: minutesFromNow(-1),
        retryTime: minutesFromNow(4),
      },
      latestTag: LONG_TAG,
      currentTag: LONG_TAG,
    }),
    imageScan({
      ...common,
      id: 'long-update',
      state: 'update-available',
      change: 'minor',
      currentTag: LONG_TAG.replace('1.4.2', '1.3.0'),
      latestTag: LONG_TAG,
      lastUpdate: updateRecord(),
      markers: [
        {
          file,
          line: 1021,
          form: 'digest',
          current: `${LONG_IMAGE}:1.3.0@sha256:${'0123456789abcdef'.repeat(4)}`,
          desired: `${LONG_IMAGE}:${LONG_TAG}@sha256:${'fedcba9876543210'.repeat(
            4,
          )}`,
        },
      ],
    }),
  ];
}

function longUpdate(): UpdateRecord {
  const [scan] = longNames().slice(1);
  return updateRecord({
    gitRepo: scan.gitRepo,
    branch: 'environments/production/eu-central-1',
    initiator: 'user:default/somebody.with.a.long.name',
    changes: scan.markers.map(
      ({ file, line, form, current, desired = '' }) => ({
        file,
        line,
        form,
        tagName: scan.tagName,
        imageScanId: scan.id,
        from: current,
        to: desired,
      }),
    ),
  });
}
