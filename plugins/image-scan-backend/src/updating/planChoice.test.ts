import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import { aDefinition } from '../__testUtils__/builders';
import {
  repositoryOf,
  storedScan,
  textOf,
} from '../__testUtils__/repositoryOf';
import type { StoredDecision } from '../model/decisions';
import { planUpdate } from './planUpdate';

const app = aDefinition('app', { policy: { semver: { range: '1.x' } } });

/** Lines with a marker of `app:tag` each. */
const lines = (...values: string[]) =>
  values
    .map((value, i) => `v${i}: ${value} # {"$imagescan": "app:tag"}\n`)
    .join('');

const decision = (overrides: Partial<StoredDecision>): StoredDecision => ({
  id: 'decision',
  kind: 'hold',
  place: {},
  gitRepo: 'repo',
  scanId: app.id,
  by: 'user:default/ada',
  at: 1,
  ...overrides,
});

const planOf = (
  text: string,
  options: Partial<Parameters<typeof planUpdate>[2]>,
  {
    latest = '1.5.0' as string | undefined,
    definition = app,
    settled = '1.5.0',
  } = {},
) =>
  planUpdate(
    repositoryOf([definition], { 'a.yaml': text }),
    [
      storedScan(definition, latest, {
        tag: settled,
        definitionHash: definition.hash,
      }),
    ],
    { allowDowngrade: false, ...options },
  );

describe('planUpdate of a tag that a person names', () => {
  const use = (tag: string, listKey = app.listKey) => ({
    chosen: new Map([[app.id, { tag, listKey }]]),
  });

  it('goes back without being told so, and holds where the policy goes on', () => {
    const plan = planOf(lines('1.5.0', '1.5.0'), use('1.4.0'));
    expect(textOf(plan.outputs)).toEqual({ 'a.yaml': lines('1.4.0', '1.4.0') });
    expect(plan.scans).toMatchObject([
      {
        from: '1.5.0',
        to: '1.4.0',
        change: 'minor',
        values: 2,
        goesBack: expect.stringContaining('git has 1.5.0'),
        holdsAfterwards: true,
      },
    ]);
    expect(plan.choices).toEqual([
      { scanId: app.id, tag: '1.4.0', holds: true },
    ]);
  });

  it.each([
    ['is what the policy chooses', '1.5.0', '1.4.0'],
    // It would be a downgrade.
    ['is beyond what the policy chooses', '2.0.0-rc.1', '1.5.0'],
  ])('holds nothing where it %s', (_, tag, inGit) => {
    const plan = planOf(lines(inGit), use(tag), { settled: '1.4.0' });
    expect(plan.choices).toEqual([{ scanId: app.id, tag, holds: false }]);
    expect(plan.scans[0].goesBack).toBeUndefined();
  });

  it.each<[string, Partial<StoredDecision> | undefined, boolean]>([
    ['there is no result yet', undefined, true],
    ['the choice is skipped', { kind: 'skip', tag: '1.5.0' }, true],
  ])('holds where %s', (_, skip, holds) => {
    const plan = planOf(
      lines('1.3.0'),
      { ...use('1.4.0'), decisions: skip ? [decision(skip)] : [] },
      { latest: skip ? '1.5.0' : undefined },
    );
    expect(plan.choices).toMatchObject([{ holds }]);
  });

  it.each<[Partial<StoredDecision>, string]>([
    [{ kind: 'hold' }, 'held by user:default/ada'],
    [{ kind: 'hold', scanId: undefined, gitRepo: undefined }, 'everything is'],
    [{ kind: 'rollback' }, 'rolled back in git'],
    [{ kind: 'skip', tag: '1.4.0' }, '1.4.0 is skipped'],
  ])('is bound by %j', (binding, reason) => {
    const options = { ...use('1.4.0'), decisions: [decision(binding)] };
    const { changes, scans, choices } = planOf(lines('1.3.0'), options);
    expect([changes, choices]).toEqual([[], []]);
    expect(scans).toMatchObject([
      {
        notWritten: {
          cause: 'decision',
          reason: expect.stringContaining(reason),
          decision: { id: 'decision' },
        },
      },
    ]);
  });

  it('takes the place of an earlier choice, and passes over other skips', () => {
    const { changes } = planOf(lines('1.3.0'), {
      ...use('1.4.0'),
      decisions: [
        decision({ kind: 'chosen', tag: '1.3.0' }),
        decision({ kind: 'skip', tag: '1.5.0' }),
      ],
    });
    expect(changes).toMatchObject([{ from: '1.3.0', to: '1.4.0' }]);
  });

  it('is not written where it is there, of another image, suspended or unmarked', () => {
    const causeOf = (...args: Parameters<typeof planOf>) =>
      planOf(...args).scans.map(({ notWritten }) => notWritten?.cause);
    expect(causeOf(lines('1.4.0'), use('1.4.0'))).toEqual(['unchanged']);
    expect(causeOf(lines('1.4.0'), use('1.3.0', 'other'))).toEqual(['changed']);
    expect(causeOf('', use('1.3.0'))).toEqual(['values']);
    const suspended = { ...app, suspend: true };
    expect(
      causeOf(lines('1.4.0'), use('1.3.0'), { definition: suspended }),
    ).toEqual(['suspended']);
  });

  it('is of its scan alone, or beside those that are named', () => {
    const web = aDefinition('web');
    const text = `${lines('1.4.0')}w: 1.0.0 # {"$imagescan": "web:tag"}\n`;
    const written = (options: { imageScanIds?: string[] }) =>
      planUpdate(
        repositoryOf([app, web], { 'a.yaml': text }),
        [storedScan(app, '1.5.0'), storedScan(web, '1.1.0')],
        { allowDowngrade: false, ...use('1.3.0'), ...options },
      ).changes.map(({ tagName, to }) => [tagName, to]);
    expect(written({})).toEqual([['app', '1.3.0']]);
    expect(written({ imageScanIds: [web.id] })).toEqual([
      ['app', '1.3.0'],
      ['web', '1.1.0'],
    ]);
  });
});

describe('planUpdate of a revert', () => {
  const wrote = (line: number, from: string, to: string): UpdateChange => ({
    ...{ file: 'a.yaml', line, tagName: 'app', imageScanId: app.id },
    ...{ form: 'tag', from, to },
  });
  const messages = ({ problems }: ReturnType<typeof planOf>) =>
    problems.map(({ line, message }) => [line, message]);

  it('writes back each value that is still there, whatever stood there', () => {
    const revert = [wrote(1, '1.3.0', '1.5.0'), wrote(2, 'latest', '1.5.0')];
    // A line above them came meanwhile.
    const plan = planOf(`a: b\n${lines('1.5.0', '1.5.0')}`, { revert });
    expect(textOf(plan.outputs)).toEqual({
      'a.yaml': `a: b\n${lines('1.3.0', 'latest')}`,
    });
    expect(plan.problems).toEqual([]);
    expect(plan.scans).toMatchObject([
      { from: '1.5.0', to: undefined, values: 2, holdsAfterwards: true },
    ]);
    expect(plan.choices).toEqual([{ scanId: app.id, tag: '', holds: true }]);
  });

  it('leaves what is another value by now or not there, and says so', () => {
    const revert = [
      wrote(1, '1.3.0', '1.4.0'),
      wrote(2, '1.3.0', '1.4.0'),
      wrote(9, '1.3.0', '1.4.0'),
    ];
    const plan = planOf(lines('1.5.0', '1.4.0'), { revert });
    expect(plan.changes).toMatchObject([{ line: 2, to: '1.3.0' }]);
    expect(messages(plan)).toEqual([
      [1, 'not reverted, because it is 1.5.0 by now and not 1.4.0'],
      [9, 'not reverted, because the marker of 1.4.0 is not there any more'],
    ]);
    expect(plan.scans).toMatchObject([{ to: '1.3.0', goesBack: /1\.4\.0/ }]);
  });

  it('changes nothing where nothing is left of it', () => {
    const revert = [
      wrote(1, '1.3.0', '1.4.0'),
      { ...wrote(5, '1', '2'), tagName: 'gone', imageScanId: 'gone' },
    ];
    const plan = planOf(lines('1.5.0'), { revert });
    expect(plan.changes).toEqual([]);
    expect(plan.scans).toMatchObject([{ notWritten: { cause: 'changed' } }]);
    expect(messages(plan)).toContainEqual([
      5,
      'not reverted, because the scan gone is not there any more',
    ]);
  });

  it('holds nothing where it goes forward again', () => {
    const revert = [wrote(1, '1.5.0', '1.4.0')];
    const plan = planOf(lines('1.4.0'), { revert });
    expect(plan.changes).toMatchObject([{ to: '1.5.0' }]);
    expect(plan.choices).toMatchObject([{ tag: '1.5.0', holds: false }]);
  });

  it('is bound by what people decided, but for an earlier choice', () => {
    const revert = [wrote(1, '1.3.0', '1.4.0')];
    const causeOf = (binding: Partial<StoredDecision>) =>
      planOf(lines('1.4.0'), { revert, decisions: [decision(binding)] })
        .scans[0].notWritten?.cause;
    expect(causeOf({ kind: 'hold' })).toBe('decision');
    expect(causeOf({ kind: 'skip', tag: '1.3.0' })).toBe('decision');
    expect(causeOf({ kind: 'skip', tag: '1.4.0' })).toBeUndefined();
    expect(causeOf({ kind: 'chosen', tag: '1.4.0' })).toBeUndefined();
  });

  it('finds the scan by its name where the id is another since', () => {
    const revert = [{ ...wrote(1, '1.3.0', '1.4.0'), imageScanId: 'before' }];
    expect(planOf(lines('1.4.0'), { revert }).changes).toHaveLength(1);
  });
});
