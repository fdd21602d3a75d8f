/** Who calls, in the order of the columns of the table. */
export const callers = [
  /** Without a token. */
  'anonymous',
  /** Signed in, without any permission on any git repo. */
  'nobody',
  'reader',
  /** May read and scan. */
  'scanner',
  /** May read and update. */
  'writer',
  /** May do everything, and see every entity. */
  'keeper',
  /** May scan and update, and read nothing. */
  'blind',
  /** May do everything with the git repo of one name (HAS_NAME). */
  'named',
  /** The same by what they own in the catalog (IS_LINKED_ENTITY_OWNER). */
  'owner',
  /** A service without restrictions. */
  'service',
  /** A service whose token is for reading image scans only. */
  'readingService',
  /** A service whose token is for another plugin. */
  'otherService',
] as const;

export type Caller = (typeof callers)[number];

/**
 * What a call is about: a git repo that all who may read some can see, one that
 * is hidden from `named` and `owner`, and one that does not exist. For entities:
 * one that all see, tied to the first git repo; one that only `keeper` sees,
 * tied to it too; one that all see, tied to the hidden git repo.
 */
export type Target = 'shop' | 'vault' | 'missing' | 'closed' | 'window';

/** A call on a target and the status that each caller is answered with. */
export interface Row {
  /** Method, path and body; `:name`, `:id` and `:entity` are those of the target. */
  call: string;
  target: Target;
  /** In the order of the callers. */
  expected: readonly number[];
}

const UPDATE = 'POST /git-repos/:name/update';
const invoke = (action: string) =>
  `POST /.backstage/actions/v1/actions/image-scan:${action}/invoke`;
const DRY_RUN = '{"dryRun":true}';
const PREVIEW = '{"policy":{}';
const BY_NAME = '{"gitRepo":":name"';
/** Refused only once it is allowed, so that nothing is held. */
const TOO_LATE = '"until":"2020-01-01T00:00:00Z"';
const SKIP = `{"imageScanId":":id","tag":"1.0.0",${TOO_LATE}`;
const HOLD = `POST /decisions {"kind":"hold",${TOO_LATE}`;
const BY_ID = '{"imageScanId":":id"}';

/**
 * The statuses of each kind of call. `hidden` is a target that `named` and `owner`
 * cannot see. A token that is restricted to this plugin cannot read the catalog
 * through it.
 */
const STATUSES = `
              anon nobo read scan writ keep blin name owne serv rese othe
listed        401  200  200  200  200  200  200  200  200  200  200  403
read          401  404  200  200  200  200  404  200  200  200  200  403
readHidden    401  404  200  200  200  200  404  404  404  200  200  403
scan          401  404  403  200  403  200  404  200  200  200  403  403
scanHidden    401  404  403  200  403  200  404  404  404  200  403  403
update        401  404  403  403  200  200  404  200  200  200  403  403
updateHidden  401  404  403  403  200  200  404  404  404  200  403  403
hold          401  404  403  403  400  400  404  400  400  400  403  403
holdHidden    401  404  403  403  400  400  404  404  404  400  403  403
holdAll       401  403  403  403  400  400  400  403  403  400  403  403
missing       401  404  404  404  404  404  404  404  404  404  404  403
entity        401  200  200  200  200  200  200  200  200  200  403  403
entityHidden  401  404  404  404  404  200  404  404  404  200  403  403
entityMissing 401  404  404  404  404  404  404  404  404  404  403  403
`;

const kinds = new Map(
  STATUSES.trim()
    .split('\n')
    .slice(1)
    .map((line): [string, number[]] => {
      const [kind, ...list] = line.split(/ +/);
      return [kind, list.map(Number)];
    }),
);

const reading = { shop: 'read', vault: 'readHidden', missing: 'missing' };
const scanning = { shop: 'scan', vault: 'scanHidden', missing: 'missing' };
const updating = { shop: 'update', vault: 'updateHidden', missing: 'missing' };
const holding = { shop: 'hold', vault: 'holdHidden', missing: 'missing' };
const listing = { shop: 'listed', vault: 'listed', missing: 'listed' };
const ofEntity = {
  shop: 'entity',
  window: 'entity',
  closed: 'entityHidden',
  missing: 'entityMissing',
};

/** Every call of the REST API, and every registered action. */
export const table: Row[] = [
  ...rows('GET /git-repos', { shop: 'listed' }),
  ...rows('GET /git-repos/:name', reading),
  ...rows('POST /git-repos/:name/sync', scanning),
  ...rows(`${UPDATE} ${DRY_RUN}`, updating),
  ...rows(`${UPDATE} {}`, updating),
  ...rows(`${UPDATE} {"allowDowngrade":true,"message":"mine"}`, updating),

  ...rows('GET /image-scans', { shop: 'listed' }),
  ...rows('GET /image-scans?search=vault', { shop: 'listed' }),
  ...rows('GET /image-scans?state=update-available', { shop: 'listed' }),
  ...rows('GET /image-scans?gitRepo=:name', listing),
  ...rows('GET /image-scans?entityRef=:entity', ofEntity),
  ...rows('GET /image-scans/:id', reading),
  ...rows('GET /image-scans/:id/tags', reading),
  ...rows('POST /image-scans/:id/scan', scanning),

  ...rows(`POST /policies/preview ${PREVIEW},"tags":["1.0.0"]}`, {
    shop: 'listed',
  }),
  ...rows(`POST /policies/preview ${PREVIEW},"imageScanId":":id"}`, reading),

  ...rows('GET /updates', { shop: 'listed' }),
  ...rows('GET /updates?gitRepo=:name', listing),
  ...rows('GET /updates?imageScanId=:id', listing),
  ...rows('GET /updates?entityRef=:entity', ofEntity),

  ...rows('GET /decisions', { shop: 'listed' }),
  ...rows('GET /decisions?active=false', { shop: 'listed' }),
  ...rows('GET /decisions?gitRepo=:name', listing),
  ...rows('GET /decisions?imageScanId=:id', listing),
  ...rows('GET /decisions?entityRef=:entity', ofEntity),
  ...rows('GET /decisions/:id', { missing: 'missing' }),
  ...rows(`${HOLD},"gitRepo":":name"}`, holding),
  ...rows(`${HOLD},"imageScanId":":id"}`, holding),
  ...rows(`POST /decisions {"kind":"skip",${SKIP.slice(1)}}`, holding),
  ...rows(`${HOLD}}`, { shop: 'holdAll' }),
  ...rows('POST /decisions/:id/release {}', { missing: 'missing' }),

  ...rows(`${invoke('list-decisions')} {}`, { shop: 'listed' }),
  ...rows(`${invoke('list-decisions')} ${BY_NAME}}`, listing),
  ...rows(`${invoke('hold-updates')} ${BY_NAME},${TOO_LATE}}`, holding),
  ...rows(`${invoke('skip-tag')} ${SKIP}}`, holding),
  ...rows(`${invoke('hold-updates')} {${TOO_LATE}}`, { shop: 'holdAll' }),
  ...rows(`${invoke('release-decision')} {"decisionId":":id"}`, {
    missing: 'missing',
  }),

  ...rows(`${invoke('list-image-scans')} {}`, { shop: 'listed' }),
  ...rows(`${invoke('list-image-scans')} ${BY_NAME}}`, listing),
  ...rows(`${invoke('list-image-scans')} {"entityRef":":entity"}`, ofEntity),
  ...rows(`${invoke('get-image-scan')} ${BY_ID}`, reading),
  ...rows(`${invoke('explain-tags')} ${BY_ID}`, reading),
  ...rows(`${invoke('scan-image')} ${BY_ID}`, scanning),
  ...rows(`${invoke('update-git-repo')} ${BY_NAME}}`, updating),
  ...rows(`${invoke('update-git-repo')} ${BY_NAME},"dryRun":false}`, updating),
];

function rows(call: string, expected: Partial<Record<Target, string>>): Row[] {
  const targets: Target[] = ['shop', 'vault', 'closed', 'window', 'missing'];
  return targets.flatMap(target => {
    const list = kinds.get(expected[target] ?? '');
    return list ? [{ call, target, expected: list }] : [];
  });
}

/** The route of the router that a call goes to, and the action, where it is one. */
export function routeOf(call: string): string {
  const [method, path] = call.split(' ');
  return `${method} ${path.split('?')[0]}`;
}

/** How a template with one step ends for each caller: `caller end`. */
export interface ScaffolderRow {
  /** The name of the template. */
  call: 'update' | 'rewrite';
  target: Target;
  expected: string[];
}

/** The scaffolder's actions; who may not call the scaffolder gets a status. */
export const scaffolderTable: ScaffolderRow[] = [
  ...scaffolderRows('update', updating),
  ...scaffolderRows('rewrite', reading),
];

function scaffolderRows(
  call: ScaffolderRow['call'],
  expected: Partial<Record<Target, string>>,
): ScaffolderRow[] {
  return rows(call, expected).map(({ target, expected: list }) => ({
    call,
    target,
    expected: callers.map((caller, index) => {
      // A token that is restricted to another plugin does not get to the action.
      const isRestricted =
        caller === 'readingService' || caller === 'otherService';
      const refusal = isRestricted ? '403' : 'failed';
      const end = list[index] === 200 && !isRestricted ? 'completed' : refusal;
      return `${caller} ${caller === 'anonymous' ? '401' : end}`;
    }),
  }));
}
