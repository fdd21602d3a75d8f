import { aDefinition } from '../__testUtils__/builders';
import { noticeRollbacks } from './noticeRollbacks';
import { orderOf } from './orderOf';

const builds = aDefinition('app', {
  policy: { numerical: {} },
  filterTags: { pattern: '^main-[a-f]+-(\\d+)$', extract: '$1' },
  exclusionList: ['-bad-'],
});

describe('orderOf', () => {
  it('goes by the values of a filter, and by the tags without one', () => {
    expect(orderOf(builds).compare('main-a-10', 'main-b-9')).toBe(1);
    expect(orderOf(builds).compare('10', '9')).toBeUndefined();
    const plain = aDefinition('app', { policy: { numerical: {} } });
    expect(orderOf(plain).compare('10', '9')).toBe(1);
  });

  it('goes by the clock where the newest is chosen', () => {
    const newest = aDefinition('app', {
      policy: { newest: {} },
      filterTags: { pattern: '^main-' },
    });
    const order = orderOf(newest, {
      firstSeen: [
        ['main-a', 5],
        ['main-b', 3],
        ['__proto__', 9],
      ],
    });
    expect(order.compare('main-a', 'main-b')).toBe(1);
    expect(order.compare('main-b', '__proto__')).toBe(-1);
    expect(order.compare('main-a', 'main-a')).toBe(0);
    expect(order.compare('main-a', 'constructor')).toBeUndefined();
    expect(order.explainStepBack('main-a', 'main-b')).toBe(
      'which appeared after main-b',
    );
    expect(order.explainStepBack('main-b', 'main-a')).toBeUndefined();
    expect(order.explainStepBack('main-c', 'main-a')).toBeUndefined();
    expect(order.admits('main-c')).toBe(true);
    expect(order.admits('latest')).toBe(false);
    expect(orderOf(newest).compare('main-a', 'main-b')).toBeUndefined();
  });

  it('admits what the whole rule does', () => {
    const { admits } = orderOf(builds);
    expect(admits('main-a-10')).toBe(true);
    expect(admits('main-bad-10')).toBe(false);
    expect(admits('10')).toBe(false);
  });

  it('takes nothing for a step forward where the rule cannot be used', () => {
    const order = orderOf({ ...builds, filterTags: { pattern: '(' } });
    expect(order.compare('main-a-10', 'main-b-9')).toBeUndefined();
    expect(order.explainStepBack('main-b-9', 'main-a-10')).toContain(
      'cannot be compared: filterTags.pattern',
    );
    expect(order.admits('main-a-10')).toBe(true);
    const other = orderOf({ ...builds, exclusionList: ['('] });
    expect(other.admits('main-a-10')).toBe(true);
  });

  it('lets a rollback be noticed by values', () => {
    const at = (current: string) => ({
      scanId: builds.id,
      file: 'app.yaml',
      line: 1,
      form: 'tag' as const,
      current,
    });
    const rolledBackTo = (current: string) =>
      noticeRollbacks({
        definition: builds,
        memory: {
          markers: [{ ...at('main-b-9'), agreed: true }],
          definitionHash: builds.hash,
          suspend: false,
        },
        read: [at(current)],
      }).rolledBack.length;
    // As texts both would be the other way round.
    expect(rolledBackTo('main-a-10')).toBe(0);
    expect(rolledBackTo('main-c-8')).toBe(1);
  });
});
