import {
  type Decision,
  type GitRepoStatus,
  type ImageScan,
  type TagExplanation,
  type UpdateRecord,
  type UpdateScan,
  imageScanStates,
} from 'backstage-plugin-image-scan-common';

const MINUTE = 60_000;

/** A time so many minutes from now, ISO 8601. */
export function minutesFromNow(minutes: number): string {
  return new Date(Date.now() + minutes * MINUTE).toISOString();
}

/** A scan that is up to date, but for `change`. */
export function imageScan(change: Partial<ImageScan> = {}): ImageScan {
  return {
    id: 'web',
    gitRepo: 'shop',
    path: 'apps/web',
    tagName: 'web',
    image: 'registry.example.com/shop/web',
    policy: { semver: { range: '^1.2' } },
    interval: 5 * MINUTE,
    suspend: false,
    latestImage: 'registry.example.com/shop/web:1.4.2',
    latestTag: '1.4.2',
    latestDigest: `sha256:${'0123456789abcdef'.repeat(4)}`,
    lastScanTime: minutesFromNow(-3),
    nextScanTime: minutesFromNow(2.5),
    state: 'up-to-date',
    currentTag: '1.4.2',
    decisions: [],
    markers: [
      {
        file: 'apps/web/deployment.yaml',
        line: 21,
        form: 'image',
        current: 'registry.example.com/shop/web:1.4.2',
        desired: 'registry.example.com/shop/web:1.4.2',
      },
    ],
    problems: [],
    warnings: [],
    ...change,
  };
}

const COMMIT = '4be1c0ffee5d6a7b8c9d0e1f2a3b4c5d6e7f8091';

/** One scan in each state, the one that needs a person most first. */
export function scansInEveryState(): ImageScan[] {
  return [
    imageScan({
      id: 'cache',
      tagName: 'cache',
      path: 'apps/cache',
      image: 'registry.internal:5000/platform/caching/redis-with-modules',
      policy: { semver: { range: '~7.2' } },
      state: 'error',
      latestTag: '7.2.4',
      currentTag: '7.2.4',
      error: {
        message:
          'registry.internal:5000 answered 429 Too Many Requests: pull rate limit exceeded',
        time: minutesFromNow(-1),
        retryTime: minutesFromNow(4),
      },
    }),
    imageScan({
      id: 'api',
      tagName: 'api',
      path: 'apps/api',
      image: 'registry.example.com/shop/api',
      state: 'held',
      currentTag: '2.0.0',
      latestTag: '1.9.7',
      change: 'major',
      held: {
        from: '2.0.0',
        to: '1.9.7',
        reason: 'The policy now chooses an older version than git has.',
      },
      markers: [
        {
          file: 'apps/api/values.yaml',
          line: 4,
          form: 'tag',
          current: '2.0.0',
          desired: '1.9.7',
        },
      ],
    }),
    imageScan({
      state: 'update-available',
      currentTag: '1.3.0',
      change: 'minor',
      lastUpdate: {
        commit: COMMIT,
        url: `https://git.example.com/org/shop/commit/${COMMIT}`,
        time: minutesFromNow(-2000),
      },
      markers: [
        {
          file: 'apps/web/deployment.yaml',
          line: 21,
          form: 'image',
          current: 'registry.example.com/shop/web:1.3.0',
          desired: 'registry.example.com/shop/web:1.4.2',
        },
        {
          file: 'apps/web/values.yaml',
          line: 3,
          form: 'tag',
          current: '1.3.0',
          desired: '1.4.2',
        },
      ],
      problems: [
        {
          file: 'apps/web/kustomization.yaml',
          line: 12,
          tagName: 'web',
          message: 'The marker is on a map and does nothing.',
        },
      ],
      warnings: [
        'The policy has both semver and alphabetical: semver decides; alphabetical is ignored.',
      ],
    }),
    imageScan({
      id: 'jobs',
      tagName: 'jobs',
      path: 'apps/jobs',
      image: 'registry.example.com/shop/jobs',
      policy: { alphabetical: { order: 'desc' } },
      state: 'unknown',
      latestTag: '20240131-9f8e7d6',
      currentTag: '20240131-9f8e7d6',
      lastScanTime: minutesFromNow(-185),
      staleSince: minutesFromNow(-185),
    }),
    imageScan({
      id: 'legacy',
      tagName: 'legacy',
      path: 'apps/legacy',
      image: 'nginx',
      state: 'suspended',
      suspend: true,
      nextScanTime: undefined,
      latestTag: '1.25.3-alpine-slim-perl-otel-20240131-build.4711',
      currentTag: '1.25.3-alpine-slim-perl-otel-20240131-build.4711',
    }),
    imageScan({
      id: 'mail',
      tagName: 'mail',
      path: 'apps/mail',
      image: 'ghcr.io/example/mail',
      latestTag: '3.1.0',
      currentTag: '3.1.0',
      lastUpdate: { commit: COMMIT, time: minutesFromNow(-90) },
    }),
  ];
}

/** How many of the scans are in each state. */
export function countStates(scans: ImageScan[]) {
  const counts = {
    'up-to-date': 0,
    'update-available': 0,
    held: 0,
    error: 0,
    suspended: 0,
    unknown: 0,
  };
  for (const state of imageScanStates) {
    counts[state] = scans.filter(scan => scan.state === state).length;
  }
  return counts;
}

/** Tags with every verdict. */
export const tags: TagExplanation[] = [
  { tag: '1.4.2', verdict: 'selected', reason: 'selected' },
  { tag: '1.4.1', verdict: 'older', reason: 'older than 1.4.2' },
  { tag: '1.3.0', verdict: 'older', reason: 'older than 1.4.2' },
  {
    tag: '1.5.0-rc.1',
    verdict: 'pre-release',
    reason: 'pre-release; write ^1.2-0 to allow',
  },
  { tag: '2.0.0', verdict: 'outside-range', reason: 'outside the range ^1.2' },
  { tag: 'latest', verdict: 'not-a-version', reason: 'not a version' },
  {
    tag: `sha256-${'ab'.repeat(32)}.sig`,
    verdict: 'artefact',
    reason: 'a signature, not an image',
  },
];

/** What an update of `web` writes. */
export const webChanges: UpdateRecord['changes'] = [
  {
    file: 'apps/web/deployment.yaml',
    line: 21,
    tagName: 'web',
    imageScanId: 'web',
    form: 'image',
    from: 'registry.example.com/shop/web:1.3.0',
    to: 'registry.example.com/shop/web:1.4.2',
  },
  {
    file: 'apps/web/values.yaml',
    line: 3,
    tagName: 'web',
    imageScanId: 'web',
    form: 'tag',
    from: '1.3.0',
    to: '1.4.2',
  },
];

/** The same of the scan. */
export const webUpdate: UpdateScan = {
  imageScanId: 'web',
  tagName: 'web',
  path: 'apps/web',
  from: '1.3.0',
  to: '1.4.2',
  change: 'minor',
  values: 2,
};

/** The diff of {@link webChanges}. */
export const WEB_DIFF = `diff --git a/apps/web/deployment.yaml b/apps/web/deployment.yaml
--- a/apps/web/deployment.yaml
+++ b/apps/web/deployment.yaml
@@ -18,7 +18,7 @@ spec:
     spec:
       containers:
         - name: web
-          image: registry.example.com/shop/web:1.3.0 # {"$imagescan": "web"}
+          image: registry.example.com/shop/web:1.4.2 # {"$imagescan": "web"}
           ports:
             - containerPort: 8080
 
diff --git a/apps/web/values.yaml b/apps/web/values.yaml
--- a/apps/web/values.yaml
+++ b/apps/web/values.yaml
@@ -1,4 +1,4 @@
 image:
   repository: registry.example.com/shop/web
-  tag: 1.3.0 # {"$imagescan": "web:tag"}
+  tag: 1.4.2 # {"$imagescan": "web:tag"}
   pullPolicy: IfNotPresent
`;

/** A commit in the history. */
export function updateRecord(change: Partial<UpdateRecord> = {}): UpdateRecord {
  return {
    id: '1',
    gitRepo: 'shop',
    branch: 'main',
    commit: COMMIT,
    commitUrl: `https://git.example.com/org/shop/commit/${COMMIT}`,
    message: 'update image',
    time: minutesFromNow(-2000),
    initiator: 'schedule',
    changes: webChanges,
    ...change,
  };
}

/** A hold of `web`, but for `change`. */
export function decision(change: Partial<Decision> = {}): Decision {
  return {
    id: 'hold-web',
    kind: 'hold',
    gitRepo: 'shop',
    imageScanId: 'web',
    path: 'apps/web',
    tagName: 'web',
    image: 'registry.example.com/shop/web',
    reason: 'breaks checkout',
    by: 'user:default/ada',
    time: minutesFromNow(-3 * 24 * 60),
    ...change,
  };
}

/** A git repo without trouble, but for `change`. */
export function gitRepo(change: Partial<GitRepoStatus> = {}): GitRepoStatus {
  return {
    name: 'shop',
    repo: 'https://git.example.com/org/shop',
    branch: 'main',
    paths: ['.'],
    paused: false,
    imageScanInterval: 15 * MINUTE,
    head: {
      commit: COMMIT,
      url: `https://git.example.com/org/shop/commit/${COMMIT}`,
    },
    lastSyncTime: minutesFromNow(-4),
    nextSyncTime: minutesFromNow(11),
    problems: [],
    counts: countStates(scansInEveryState()),
    ...change,
  };
}
