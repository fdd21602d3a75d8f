import {
  marked,
  repositoryOf,
  storedScan as stored,
  textOf,
} from '../__testUtils__/repositoryOf';
import { aDefinition } from '../__testUtils__/builders';
import { DIGEST } from '../__testUtils__/stores';
import type { ScanDefinition, StoredScan } from '../model/types';
import { hashPlan, planUpdate } from './planUpdate';

const all = { allowDowngrade: false };

describe('planUpdate', () => {
  const app = aDefinition('app');
  const web = aDefinition('web', { path: 'apps' });

  it('tells each line of a file of which the same is wrong', () => {
    const text = 'VERSION=1.0.0 # {"$imagescan": "app:tag"}\n';
    const repository = repositoryOf([app], { 'a.yaml': `- ${text}- ${text}` });
    const scans = [stored(app, '1.1.0')];
    const { problems } = planUpdate(repository, scans, all);
    expect(problems.map(({ line }) => line)).toEqual([1, 2]);
    expect(problems[0].message).toBe(problems[1].message);
    // One that is known from reading is told once.
    const contents = { ...repository.contents, problems: [problems[0]] };
    const known = planUpdate({ ...repository, contents }, scans, all);
    expect(known.problems).toEqual(problems);
  });

  it('writes only the bytes of marked values', () => {
    const files = {
      'a.yaml': `\u00e9 :\r\n  ${marked(
        "'registry.example.com/app:1.0.0'",
        'app',
      )}# end`,
      'apps/b.yml': `${marked('1.0', 'web', 'tag')}---\n${marked(
        'x',
        'web',
        'name',
      )}`,
      'c.yaml': marked(`registry.example.com/app:1.1.0`, 'app'),
    };
    const plan = planUpdate(
      repositoryOf([app, web], files),
      [stored(app, '1.1.0'), stored(web, '2.0')],
      all,
    );
    expect(textOf(plan.outputs)).toEqual({
      'a.yaml': files['a.yaml'].replace('1.0.0', '1.1.0'),
      'apps/b.yml': `${marked('"2.0"', 'web', 'tag')}---\n${marked(
        'registry.example.com/web',
        'web',
        'name',
      )}`,
    });
    expect(plan.changes).toEqual([
      {
        file: 'a.yaml',
        line: 2,
        tagName: 'app',
        imageScanId: app.id,
        form: 'image',
        from: 'registry.example.com/app:1.0.0',
        to: 'registry.example.com/app:1.1.0',
      },
      expect.objectContaining({ file: 'apps/b.yml', line: 1, to: '2.0' }),
      expect.objectContaining({ file: 'apps/b.yml', line: 3, form: 'name' }),
    ]);
    expect(plan.problems).toEqual([]);
  });

  it('writes each file by the scan of its own folder', () => {
    const inner = aDefinition('app', { path: 'apps', image: 'inner' });
    const plan = planUpdate(
      repositoryOf([app, inner], {
        'a.yaml': marked('1.0.0', 'app', 'tag'),
        'apps/a.yaml': marked('1.0.0', 'app', 'tag'),
      }),
      [stored(app, '1.1.0'), stored(inner, '1.2.0')],
      all,
    );
    expect(textOf(plan.outputs)).toEqual({
      'a.yaml': marked('1.1.0', 'app', 'tag'),
      'apps/a.yaml': marked('1.2.0', 'app', 'tag'),
    });
    expect(plan.changes.map(({ imageScanId }) => imageScanId)).toEqual([
      app.id,
      inner.id,
    ]);
  });

  it('holds a pinned tag that is above the result', () => {
    const pinned = `v5.36.0@sha256:${'c'.repeat(64)}`;
    const files = { 'a.yaml': marked(pinned, 'app', 'tag') };
    const held = planUpdate(
      repositoryOf([app], files),
      [stored(app, 'v5.35.0')],
      all,
    );
    expect(held.outputs.size).toBe(0);
    expect(held.problems).toEqual([
      expect.objectContaining({
        file: 'a.yaml',
        message: expect.stringContaining('is held at v5.36.0'),
      }),
    ]);
    const newer = planUpdate(
      repositoryOf([app], files),
      [stored(app, 'v5.37.0')],
      all,
    );
    expect(textOf(newer.outputs)).toEqual({
      'a.yaml': marked(`v5.37.0@${DIGEST}`, 'app', 'tag'),
    });
  });

  it('reports a value that is no image beside those that it writes', () => {
    const plan = planUpdate(
      repositoryOf([app], {
        'a.yaml': `- ${marked('--image=app:1.0.0', 'app').slice(7)}- ${marked(
          'app:1.0.0',
          'app',
        ).slice(7)}`,
      }),
      [stored(app, '1.1.0')],
      all,
    );
    expect(plan.changes.map(({ line }) => line)).toEqual([2]);
    expect(plan.problems).toEqual([
      expect.objectContaining({ file: 'a.yaml', line: 1, tagName: 'app' }),
    ]);
  });

  it('changes nothing where everything is right', () => {
    const plan = planUpdate(
      repositoryOf([app], { 'a.yaml': marked('1.1.0', 'app', 'tag') }),
      [stored(app, '1.1.0')],
      all,
    );
    expect(plan).toEqual({
      changes: [],
      outputs: new Map(),
      scans: [],
      choices: [],
      problems: [],
    });
  });

  describe('does not write and says why', () => {
    const files = { 'a.yaml': marked('1.5.0', 'app', 'tag') };
    const problemOf = (
      definition: ScanDefinition,
      scans: StoredScan[],
      options = all,
    ) => {
      const plan = planUpdate(
        repositoryOf([definition], files),
        scans,
        options,
      );
      expect(plan.changes).toEqual([]);
      expect(plan.outputs.size).toBe(0);
      expect(plan.scans.map(({ values }) => values)).toEqual(
        plan.problems.map(() => 0),
      );
      return plan.problems;
    };
    const problem = (message: string) => [
      {
        file: 'a.yaml',
        line: 1,
        tagName: 'app',
        message: expect.stringContaining(message),
      },
    ];

    it('without a result', () => {
      expect(problemOf(app, [])).toEqual(problem('has no result yet'));
      expect(problemOf(app, [stored(app, undefined)])).toEqual(
        problem('has no result yet'),
      );
    });

    it.each([
      ['policy', { policy: { semver: { range: '1.x' } } }],
      ['image', { image: 'elsewhere/app' }],
      ['credential', { secretRef: 'other' }],
    ])('with a result of another %s', (_, change) => {
      const before = aDefinition('app', change);
      expect(problemOf(app, [stored(before, '1.6.0')])).toEqual(
        problem('has no result yet'),
      );
    });

    it('while it is suspended', () => {
      const suspended = { ...app, suspend: true };
      expect(problemOf(suspended, [stored(suspended, '1.6.0')])).toEqual(
        problem('is suspended'),
      );
    });

    it('what would go back', () => {
      expect(problemOf(app, [stored(app, '1.4.0')])).toEqual(
        problem('is held at 1.5.0: git has 1.5.0'),
      );
      const settled = { tag: '1.7.0', definitionHash: app.hash };
      expect(problemOf(app, [stored(app, '1.6.0', settled)])).toEqual(
        problem('is held at 1.7.0: 1.7.0 was written last'),
      );
    });

    it('but nothing of scans that were not asked for', () => {
      expect(
        problemOf(app, [stored(app, '1.6.0')], {
          ...all,
          ...{ tagNames: ['web'] },
        }),
      ).toEqual([]);
    });
  });

  it('goes back when a person says so', () => {
    const plan = planUpdate(
      repositoryOf([app], { 'a.yaml': marked('1.5.0', 'app', 'tag') }),
      [stored(app, '1.4.0')],
      { allowDowngrade: true },
    );
    expect(textOf(plan.outputs)).toEqual({
      'a.yaml': marked('1.4.0', 'app', 'tag'),
    });
  });

  it('goes back when the definition changed since the last write', () => {
    const settled = { tag: '1.5.0', definitionHash: 'another' };
    const plan = planUpdate(
      repositoryOf([app], { 'a.yaml': marked('1.5.0', 'app', 'tag') }),
      [stored(app, '1.4.0', settled)],
      all,
    );
    expect(plan.changes).toHaveLength(1);
  });

  it('writes only the scans asked for, and stops for no other', () => {
    const plan = planUpdate(
      repositoryOf([app, web], {
        'a.yaml': `${marked('1.0.0', 'app', 'tag')}b:\n  ${marked(
          '1.0.0',
          'web',
          'tag',
        )}`,
      }),
      [stored(app, '1.1.0'), stored(web, '1.1.0')],
      { tagNames: ['web'], allowDowngrade: false },
    );
    expect(plan.changes.map(({ tagName }) => tagName)).toEqual(['web']);
    expect(plan.problems).toEqual([]);
  });

  it('says of each scan what is written, and why what is wanted is not', () => {
    const old = aDefinition('old');
    const asleep = aDefinition('asleep', { suspend: true });
    const fresh = aDefinition('fresh');
    const strange = aDefinition('strange');
    const right = aDefinition('right');
    const unmarked = aDefinition('unmarked');
    const definitions = [app, old, asleep, fresh, strange, right];
    const text = (value: string, { tagName }: ScanDefinition) =>
      `${tagName}:\n  ${marked(value, tagName, 'tag')}`;
    const plan = planUpdate(
      repositoryOf([...definitions, unmarked], {
        'a.yaml': [
          ...definitions.slice(0, 4).map(each => text('1.0.0', each)),
          text('V=1.0.0', strange),
          text('1.1.0', right),
          text('1.0.0', app).replace('app:', 'again:'),
        ].join(''),
      }),
      [
        stored(app, '1.1.0'),
        stored(old, '0.9.0'),
        stored(asleep, '1.1.0'),
        stored(strange, '1.1.0'),
        stored(right, '1.1.0'),
        stored(unmarked, '1.1.0'),
      ],
      { allowDowngrade: false },
    );
    expect(plan.scans).toMatchObject([
      {
        tagName: 'app',
        from: '1.0.0',
        to: '1.1.0',
        change: 'minor',
        values: 2,
      },
      { tagName: 'old', values: 0, notWritten: { cause: 'downgrade' } },
      { tagName: 'asleep', values: 0, notWritten: { cause: 'suspended' } },
      { tagName: 'fresh', values: 0, notWritten: { cause: 'no-result' } },
      { tagName: 'strange', values: 0, notWritten: { cause: 'values' } },
    ]);
    expect(plan.scans[0].notWritten).toBeUndefined();
  });

  it('reports what the rewrite itself refuses', () => {
    const strange = aDefinition('app', { image: 'not an image' });
    const plan = planUpdate(
      repositoryOf([strange], { 'a.yaml': marked('x:1', 'app') }),
      [stored(strange, '1.1.0')],
      all,
    );
    expect(plan.changes).toEqual([]);
    expect(plan.problems).toEqual([
      {
        file: 'a.yaml',
        line: 1,
        tagName: 'app',
        message: expect.stringContaining('was not written'),
      },
    ]);
  });
});

describe('hashPlan', () => {
  const app = aDefinition('app');
  const web = aDefinition('web');
  const files = {
    'a.yaml': marked('1.0.0', 'app', 'tag'),
    'b.yaml': marked('1.0.0', 'web', 'tag'),
  };
  const head = { branch: 'main', commit: '1'.repeat(40) };
  const hash = (
    overrides: Partial<Parameters<typeof hashPlan>[0]> = {},
    tag = '1.1.0',
    sources: Record<string, string> = files,
  ) =>
    hashPlan({
      head,
      message: 'update image',
      plan: planUpdate(
        repositoryOf([app, web], sources),
        [stored(app, tag), stored(web, '2.0.0')],
        all,
      ),
      ...overrides,
    });

  it('stays the same for the same push', () => {
    expect(hash()).toBe(hash());
    expect(hash()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs for any other', () => {
    const hashes = [
      hash(),
      hash({ head: { ...head, branch: 'next' } }),
      hash({ head: { ...head, commit: '2'.repeat(40) } }),
      hash({ message: 'other' }),
      hash({}, '1.2.0'),
      hash({}, '1.1.0', { ...files, 'b.yaml': marked('2.0.0', 'web', 'tag') }),
      hash({}, '1.1.0', { ...files, 'b.yaml': `${files['b.yaml']}# more\n` }),
      hash({}, '1.1.0', {
        'a.yaml': files['a.yaml'],
        'c.yaml': files['b.yaml'],
      }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
