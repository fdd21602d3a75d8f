import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '@backstage/errors';
import type { TagRule, TagVerdict } from 'backstage-plugin-image-scan-common';
import { compareTagsBy, evaluateTags } from './evaluateTags';

/**
 * `choices`: what a rule makes of tags; `outcome` is the verdict of each, with its value
 * where it competes. `from` is `flux` where Flux itself chose so in 300 runs of 300, and
 * `rules` where it chooses at random, fails or does otherwise and the rules of this
 * project say what is right. `mayRefuse`: names that only Go since 1.25 knows.
 */
interface Vectors {
  choices: {
    id: string;
    group: string;
    about: string;
    rule: TagRule;
    tags: string[];
    selected?: string | null;
    outcome?: Record<string, [verdict: TagVerdict, value?: string]>;
    error?: string;
    from: 'flux' | 'rules';
    mayRefuse?: boolean;
  }[];
  orders: {
    id: string;
    about: string;
    rule: TagRule;
    a: string;
    b: string;
    order: -1 | 0 | 1 | null;
  }[];
}

function readVectors(name: string): Vectors {
  return JSON.parse(
    readFileSync(join(__dirname, '__fixtures__', `${name}.json`), 'utf8'),
  );
}

/** What evaluating does, in the form of the vectors. */
function outcomeOf(rule: TagRule, tags: readonly string[]) {
  try {
    const { selected = null, tags: explained } = evaluateTags(rule, tags);
    return {
      selected,
      outcome: Object.fromEntries(
        explained.map(({ tag, verdict, value }) => [
          tag,
          value === undefined ? [verdict] : [verdict, value],
        ]),
      ),
    };
  } catch (error) {
    if (error instanceof InputError) {
      return { error: error.message.split(': ')[0] };
    }
    throw error;
  }
}

describe.each([
  ['tag-filters', { choices: 283, orders: 12 }],
  ['numerical', { choices: 77, orders: 8 }],
])('vectors of %s', (name, count) => {
  const { choices, orders } = readVectors(name);

  it('are all there', () => {
    expect(choices.length).toBeGreaterThanOrEqual(count.choices);
    expect(orders.length).toBeGreaterThanOrEqual(count.orders);
  });

  for (const { id, about, rule, tags, mayRefuse, ...expected } of choices) {
    it(`${id}, ${about}`, () => {
      const { selected, outcome, error } = expected;
      const right = error === undefined ? { selected, outcome } : { error };
      const refused = { error: 'filterTags.pattern' };
      for (const list of [tags, [...tags].reverse(), [...tags, ...tags]]) {
        expect(mayRefuse ? [right, refused] : [right]).toContainEqual(
          outcomeOf(rule, list),
        );
      }
    });
  }

  for (const { id, about, rule, a, b, order } of orders) {
    it(`${id}, ${about}`, () => {
      expect(compareTagsBy(rule, a, b) ?? null).toBe(order);
      const back = compareTagsBy(rule, b, a) ?? null;
      expect(back === null ? null : back + (order ?? 0)).toBe(
        order === null ? null : 0,
      );
    });
  }
});
