/**
 * The arrows between packages and rooms. They run one way; a circle, even one of
 * types, is a fault.
 */
const PLUGINS = '^plugins';
const BACKEND = `${PLUGINS}/image-scan-backend/src`;
const NODE = `${PLUGINS}/image-scan-node/src`;

/** Rooms of the backend, the ground floor first. A room knows those below its floor. */
const BACKEND_FLOORS = [
  ['model'],
  ['config', 'database', 'entities'],
  ['credentials', 'permissions', 'work'],
  ['scanning', 'updating'],
  ['service'],
  ['actions'],
];

/** Rooms of the engine, which know each other through `types.ts` and `http/` only. */
const NODE_ROOMS = ['fleet', 'forges', 'git', 'markers', 'policy', 'registry'];

/** A room on top of those: it reads manifests, definitions and rules together. */
const NODE_TOP = 'adopt';

/** What each package may know of the others. */
const PACKAGES = {
  'image-scan-common': [],
  'image-scan': ['image-scan-common'],
  'image-scan-node': ['image-scan-common'],
  'image-scan-backend': ['image-scan-common', 'image-scan-node'],
  'scaffolder-backend-module-image-scan': [
    'image-scan-common',
    'image-scan-node',
  ],
};

const TESTS = '(\\.test\\.tsx?$|/__testUtils__/)';

function floorRules() {
  return BACKEND_FLOORS.flatMap((rooms, floor) =>
    rooms.map(room => ({
      name: `backend-${room}-looks-up`,
      comment: `${room}/ knows only rooms below its floor`,
      severity: 'error',
      from: { path: `${BACKEND}/${room}/`, pathNot: TESTS },
      to: {
        path: `${BACKEND}/`,
        pathNot: [
          `${BACKEND}/${room}/`,
          ...BACKEND_FLOORS.slice(0, floor)
            .flat()
            .map(below => `${BACKEND}/${below}/`),
        ],
      },
    })),
  );
}

function nodeRules() {
  return NODE_ROOMS.map(room => ({
    name: `node-${room}-knows-a-sibling`,
    comment:
      'Rooms of the engine know each other through types.ts and http/ only',
    severity: 'error',
    from: { path: `${NODE}/${room}/`, pathNot: TESTS },
    to: {
      path: [...NODE_ROOMS.filter(other => other !== room), NODE_TOP].map(
        other => `${NODE}/${other}/`,
      ),
    },
  })).concat({
    name: `node-${NODE_TOP}-goes-out`,
    comment: `${NODE_TOP}/ reads what it is given, and asks no registry and no git`,
    severity: 'error',
    from: { path: `${NODE}/${NODE_TOP}/`, pathNot: TESTS },
    to: { path: [`${NODE}/git/`, `${NODE}/http/`] },
  });
}

function packageRules() {
  return Object.entries(PACKAGES).map(([name, known]) => ({
    name: `${name}-knows-too-much`,
    comment: `${name} knows of the project ${known.join(', ') || 'nothing'}`,
    severity: 'error',
    // The demo pages of a plugin may start what they show.
    from: { path: `${PLUGINS}/${name}/src/`, pathNot: TESTS },
    to: {
      path: [`${PLUGINS}/`, '^test/'],
      pathNot: [name, ...known].map(other => `${PLUGINS}/${other}/`),
    },
  }));
}

module.exports = {
  forbidden: [
    {
      name: 'circle',
      comment: 'Each arrow has one direction, those of types too',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...packageRules(),
    ...floorRules(),
    ...nodeRules(),
    {
      name: 'node-http-knows-a-room',
      comment:
        'http/ is the one guarded way out and knows nothing of its users',
      severity: 'error',
      from: { path: `${NODE}/http/`, pathNot: TESTS },
      to: { path: [...NODE_ROOMS, NODE_TOP].map(room => `${NODE}/${room}/`) },
    },
    {
      name: 'lost',
      comment: 'An import that cannot be found would hide an arrow',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^node:sqlite$'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist|/dist-types|/__fixtures__)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types', 'typings'],
    },
  },
};
