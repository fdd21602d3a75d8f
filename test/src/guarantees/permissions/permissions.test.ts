import type { Answer } from './backend';
import { routesUnder } from './routes';
import { PermissionsScene } from './scene';
import {
  type Caller,
  callers,
  routeOf,
  type Row,
  scaffolderTable,
  table,
  type Target,
} from './table';

jest.setTimeout(120_000);

/** Routes that Backstage itself adds to every plugin, and guards. */
const frameworkRoutes = [
  'GET /.backstage/actions/v1/actions',
  'GET /.backstage/auth/v1/jwks.json',
  'DELETE /.backstage/auth/v1/cookie',
  'GET /.backstage/auth/v1/cookie',
  'POST /.backstage/actions/v1/actions/:actionId/invoke',
  'POST /.backstage/actions/v2/actions/:actionId/invoke',
  'GET /.backstage/scheduler/v1/tasks',
  'POST /.backstage/scheduler/v1/tasks/:id/cancel',
  'POST /.backstage/scheduler/v1/tasks/:id/trigger',
  'GET /.well-known/backstage/permissions/metadata',
  'POST /.well-known/backstage/permissions/apply-conditions',
];

const isInvocation = (route: string) => route.includes('/invoke');

describe('permissions', () => {
  let scene: PermissionsScene;
  const missingAnswers = new Map<string, Answer>();

  beforeAll(async () => {
    scene = await PermissionsScene.start();
  });

  afterAll(async () => {
    await scene?.stop();
  });

  /** Makes a call of the table, and checks that nothing leaks from it. */
  async function call(
    { call: text, target }: Pick<Row, 'call' | 'target'>,
    caller: Caller,
  ): Promise<{ answer: Answer; shown: Answer }> {
    const sent = scene.sent(target);
    const answer = await scene.backend.call(
      caller,
      text
        .replace(':name', sent.name)
        .replace(':id', sent.id)
        .replace(':entity', sent.entity),
    );
    const shown = { ...answer, text: withoutSent(answer.text, target) };
    for (const secret of secretsFrom(caller)) {
      expect(`${shown.headers}\n${shown.text}`).not.toMatch(secret);
    }
    return { answer, shown };
  }

  /** A text without what the caller itself had said. */
  function withoutSent(text: string, target: Target): string {
    const { name, id, entity } = scene.sent(target);
    return [id, entity, 'search=vault']
      .reduce((rest, part) => rest.replaceAll(part, '<sent>'), text)
      .replaceAll(
        new RegExp(`(git-repos/|gitRepo=|named |repo )${name}`, 'g'),
        '$1<sent>',
      );
  }

  /** What is not there and what may not be seen look the same. */
  async function expectAsMissing(
    row: Row,
    caller: Caller,
    shown: Answer,
  ): Promise<void> {
    const key = `${caller}: ${row.call}`;
    const missing =
      missingAnswers.get(key) ??
      (await call({ ...row, target: 'missing' }, caller)).shown;
    missingAnswers.set(key, missing);
    expect(shown).toEqual(missing);
  }

  async function expectRefusals(row: Row): Promise<void> {
    const refused = answersOf(row, 'refused');
    const statuses: { caller: Caller; status: number }[] = [];
    for (const { caller } of refused) {
      const { answer, shown } = await call(row, caller);
      statuses.push({ caller, status: answer.status });
      if (answer.status === 404) {
        await expectAsMissing(row, caller, shown);
      }
    }
    expect(statuses).toEqual(refused);
  }

  function secretsFrom(caller: Caller): (string | RegExp)[] {
    return (['shop', 'vault'] as const)
      .filter(target => !mayRead(caller, target))
      .flatMap(target => scene.secretsOf(target));
  }

  it('has a row for every route and every action', async () => {
    const routes = routesUnder(scene.backend.application, '/api/image-scan');
    const own = routes.filter(route => !/^[A-Z]+ \/\./.test(route));
    const rows = new Set(table.map(row => routeOf(row.call)));
    const rowRoutes = [...rows].filter(route => !isInvocation(route));
    expect(rowRoutes.sort()).toEqual([...new Set(own)].sort());
    expect(routes.filter(route => !own.includes(route)).sort()).toEqual(
      [...frameworkRoutes].sort(),
    );

    const list = await scene.backend.call(
      'service',
      'GET /.backstage/actions/v1/actions',
    );
    const { actions }: { actions: { id: string }[] } = JSON.parse(list.text);
    expect([...rows].filter(isInvocation).sort()).toEqual(
      actions
        .map(({ id }) => `POST /.backstage/actions/v1/actions/${id}/invoke`)
        .sort(),
    );
  });

  describe('what is refused changes nothing and tells nothing', () => {
    it.each(table)('$call on $target', async row => {
      const before = await scene.traces();
      await expectRefusals(row);
      expect(await scene.traces()).toEqual(before);
    });

    it('nor do the routes that Backstage adds', async () => {
      const before = await scene.traces();
      for (const caller of ['anonymous', 'nobody', 'otherService'] as const) {
        for (const route of frameworkRoutes) {
          const [method, path] = route.split(' ');
          const answer = await scene.backend.call(
            caller,
            `${method} ${path.replace(/:\w+/, 'nothing')}${
              method === 'POST' ? ' {}' : ''
            }`,
          );
          for (const secret of secretsFrom(caller)) {
            expect(`${answer.headers}\n${answer.text}`).not.toMatch(secret);
          }
        }
      }
      const conditions = await scene.backend.call(
        'keeper',
        `POST /.well-known/backstage/permissions/apply-conditions ${JSON.stringify(
          {
            items: [
              {
                id: 'x',
                resourceRef: 'vault-plan',
                resourceType: 'image-scan-git-repo',
                conditions: {
                  rule: 'HAS_NAME',
                  resourceType: 'image-scan-git-repo',
                  params: { names: ['vault-plan'] },
                },
              },
            ],
          },
        )}`,
      );
      expect(conditions.status).toBe(403);
      expect(await scene.traces()).toEqual(before);
    });
  });

  describe('what is allowed is done, and shows no more than is allowed', () => {
    let heads: string[];

    beforeAll(async () => {
      heads = await scene.heads();
    });

    it.each(table)('$call on $target', async row => {
      for (const { caller, status } of answersOf(row, 'allowed')) {
        const { answer, shown } = await call(row, caller);
        expect({ caller, ...answer }).toEqual({ caller, ...answer, status });
        checkList(row, answer.text, caller);
        if (isHiddenGitRepo(row, caller)) {
          await expectAsMissing(row, caller, shown);
        }
      }
      if (row.call.startsWith('GET')) {
        // What one caller was shown is not remembered for another.
        await expectRefusals(row);
      }
    });

    it('which has written to both git repos', async () => {
      const now = await scene.heads();
      expect(now[0]).not.toBe(heads[0]);
      expect(now[1]).not.toBe(heads[1]);
    });
  });

  describe('templates', () => {
    beforeAll(() => scene.release('9.9.9'));

    it.each(scaffolderTable)('$call on $target', async row => {
      const gitRepo = scene.sent(row.target).name;
      const run = async (caller: Caller) => {
        const { status, text } = await scene.backend.runTemplate(
          caller,
          row.call,
          { gitRepo },
        );
        const shown = text.replaceAll(gitRepo, '<sent>');
        for (const secret of secretsFrom(caller)) {
          expect(shown).not.toMatch(secret);
        }
        return `${caller} ${status}`;
      };
      const before = await scene.heads();
      const refused = row.expected.filter(end => !end.includes('completed'));
      const callerOf = (end: string) => callers[row.expected.indexOf(end)];
      expect(await Promise.all(refused.map(end => run(callerOf(end))))).toEqual(
        refused,
      );
      expect(await scene.heads()).toEqual(before);
      for (const end of row.expected.filter(each => !refused.includes(each))) {
        expect(await run(callerOf(end))).toBe(end);
      }
    });
  });
});

/** The cells of a row that are, or are not, errors. */
function answersOf(
  row: Row,
  kind: 'allowed' | 'refused',
): { caller: Caller; status: number }[] {
  return callers
    .map((caller, index) => ({ caller, status: row.expected[index] }))
    .filter(({ status }) => status >= 400 === (kind === 'refused'));
}

function mayRead(caller: Caller, target: Target): boolean {
  const row = table.find(
    each => each.call === 'GET /git-repos/:name' && each.target === target,
  );
  return row?.expected[callers.indexOf(caller)] === 200;
}

/** Whether a list is asked for of a git repo that the caller may not read. */
function isHiddenGitRepo({ call, target }: Row, caller: Caller): boolean {
  const isGitRepo = target === 'shop' || target === 'vault';
  return isGitRepo && !call.includes(':entity') && !mayRead(caller, target);
}

/** Lists hold, and count, what the caller may read and nothing else. */
function checkList({ call, target }: Row, text: string, caller: Caller): void {
  const { output, ...rest } = JSON.parse(text);
  const body: {
    items?: { gitRepo?: string; name?: string }[];
    totalItems?: number;
    counts?: Record<string, number>;
  } = output ?? rest;
  const { items, totalItems, counts } = body;
  if (!items || !/GET \/|list-image-scans/.test(call) || /tags/.test(call)) {
    return;
  }
  for (const { gitRepo, name } of items) {
    const shown = (gitRepo ?? name) === 'shop' ? 'shop' : 'vault';
    expect(mayRead(caller, shown)).toBe(true);
  }
  // The table would prove nothing if there were nothing to hide.
  if (caller === 'keeper' && target !== 'missing' && !call.includes('state=')) {
    expect(items).not.toEqual([]);
  }
  if (totalItems !== undefined) {
    expect(items).toHaveLength(totalItems);
  }
  if (counts && !call.includes('state=')) {
    const sum = Object.values(counts).reduce(
      (total, count) => total + count,
      0,
    );
    expect(sum).toBe(items.length);
  }
}
