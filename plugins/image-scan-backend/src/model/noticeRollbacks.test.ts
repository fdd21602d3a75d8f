import type {
  ImagePolicy,
  MarkerForm,
} from 'backstage-plugin-image-scan-common';
import { aDefinition } from '../__testUtils__/builders';
import {
  isAgreed,
  noticeRollbacks,
  type NoticedChanges,
  type OwnValue,
  settledAfterRollback,
} from './noticeRollbacks';
import type {
  RememberedMarker,
  ScanDefinition,
  ScanMarker,
  ScanResult,
} from './types';

const IMAGE = 'registry.example.com/app';
const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const A = digestOf('a');
const B = digestOf('b');

/** Files by their lines: a line is a form and a value, or anything without a marker. */
type Files = Record<string, string[]>;

const forms: readonly MarkerForm[] = ['image', 'name', 'tag', 'digest'];

/** One scan and its markers, from reading to reading. */
class History {
  definition: ScanDefinition;
  latest?: ScanResult;
  markers: RememberedMarker[] | undefined;
  #memoryOf: ScanDefinition | undefined;

  constructor(policy?: ImagePolicy) {
    this.definition = aDefinition('app', policy && { policy });
  }

  /** A result arrives. */
  result(tag: string, digest = A): this {
    this.latest = { tag, digest };
    this.markers = this.markers?.map(marker => ({
      ...marker,
      agreed: marker.agreed || isAgreed(this.definition, this.latest, marker),
    }));
    return this;
  }

  /** The definition becomes another, and its result goes with it. */
  define(overrides: Partial<ScanDefinition>): this {
    const before = this.definition;
    const { policy, image, suspend } = { ...before, ...overrides };
    this.definition = aDefinition('app', { policy, image, suspend });
    if (this.definition.hash !== before.hash) {
      this.latest = undefined;
    }
    return this;
  }

  read(
    files: Files,
    options: { ownValues?: OwnValue[]; learnsOnly?: boolean } = {},
  ): NoticedChanges {
    const noticed = noticeRollbacks({
      definition: this.definition,
      latest: this.latest,
      memory:
        this.markers && this.#memoryOf
          ? {
              markers: this.markers,
              definitionHash: this.#memoryOf.hash,
              suspend: this.#memoryOf.suspend,
            }
          : undefined,
      read: this.#markersOf(files),
      ...options,
    });
    this.markers = noticed.markers;
    this.#memoryOf = this.definition;
    return noticed;
  }

  /** What is held back, as line, value before and value now. */
  rolledBack(files: Files, options?: { ownValues?: OwnValue[] }): string[] {
    return this.read(files, options).rolledBack.map(
      ({ line, rolledFrom, current }) => `${line}: ${rolledFrom} > ${current}`,
    );
  }

  #markersOf(files: Files): ScanMarker[] {
    return Object.entries(files).flatMap(([file, lines]) =>
      lines.flatMap((text, index): ScanMarker[] => {
        const [word, ...value] = text.split(' ');
        const form = forms.find(each => each === word);
        const scanId = this.definition.id;
        return form
          ? [{ scanId, file, line: index + 1, form, current: value.join(' ') }]
          : [];
      }),
    );
  }
}

/** A scan that wrote 1.5.0, and whose next reading found it. */
function wrote(files: Files, policy?: ImagePolicy): History {
  const history = new History(policy).result('1.5.0');
  history.read(files);
  return history;
}

describe('noticeRollbacks', () => {
  describe('notices', () => {
    it('a value that goes back', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toEqual([
        '1: 1.5.0 > 1.4.0',
      ]);
    });

    it('one while a newer result arrives', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] }).result('1.6.0');
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toEqual([
        '1: 1.5.0 > 1.4.0',
      ]);
    });

    it('one to what an update would write over', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] }).result('1.6.0');
      const ownValues = [{ file: 'a.yaml', form: 'tag', to: '1.6.0' } as const];
      const files = { 'a.yaml': ['tag 1.4.0'] };
      expect(history.rolledBack(files, { ownValues })).toHaveLength(1);
    });

    it('one of two markers, while the other goes on by hand', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0', 'tag 1.5.0'] });
      expect(
        history.rolledBack({ 'a.yaml': ['tag 1.6.0', 'tag 1.4.0'] }),
      ).toEqual(['2: 1.5.0 > 1.4.0']);
    });

    it('one whose line moves', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      expect(history.rolledBack({ 'a.yaml': ['#', '#', 'tag 1.4.0'] })).toEqual(
        ['3: 1.5.0 > 1.4.0'],
      );
    });

    it('the lower of two below a line that is inserted', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0', '#', 'tag 1.5.0'] });
      expect(
        history.rolledBack({ 'a.yaml': ['#', 'tag 1.5.0', '#', 'tag 1.4.0'] }),
      ).toEqual(['4: 1.5.0 > 1.4.0']);
    });

    it.each([
      ['another image', 'image', `${IMAGE}:1.5.0`, 'registry.example.com/b:9'],
      ['another image by its name', 'name', IMAGE, 'registry.example.com/b'],
      ['a tag that cannot be ordered', 'tag', '1.5.0', 'latest'],
      ['another spelling of a version', 'tag', '1.5.0', 'v1.5.0'],
      ['a text that is no tag', 'tag', '1.5.0', 'APP=1.4.0'],
      ['nothing', 'tag', '1.5.0', ''],
    ])('a change to %s', (_, form, before, after) => {
      const history = wrote({ 'a.yaml': [`${form} ${before}`] });
      expect(history.rolledBack({ 'a.yaml': [`${form} ${after}`] })).toEqual([
        `1: ${before} > ${after}`,
      ]);
    });

    it('an older digest of the same tag', () => {
      const history = new History().result('1.5.0', B);
      history.read({ 'a.yaml': [`digest ${IMAGE}:1.5.0@${B}`] });
      expect(
        history.rolledBack({ 'a.yaml': [`digest ${IMAGE}:1.5.0@${A}`] }),
      ).toHaveLength(1);
    });

    it('a change of form together with an older tag, in the words of the new form', () => {
      const history = wrote({ 'a.yaml': [`image ${IMAGE}:1.5.0`] });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toEqual([
        '1: 1.5.0 > 1.4.0',
      ]);
      const back = wrote({ 'a.yaml': ['tag 1.5.0'] });
      expect(back.rolledBack({ 'a.yaml': [`image ${IMAGE}:1.4.0`] })).toEqual([
        `1: ${IMAGE}:1.5.0 > ${IMAGE}:1.4.0`,
      ]);
    });

    it('a step further back, and keeps what the first one left', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      history.read({ 'a.yaml': ['tag 1.4.0'] });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.3.0'] })).toEqual([
        '1: 1.5.0 > 1.3.0',
      ]);
    });

    it('a way back below a step forward by hand', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.6.0'] })).toEqual([]);
      expect(history.rolledBack({ 'a.yaml': ['tag 1.5.0'] })).toEqual([]);
      history.result('1.5.1').read({ 'a.yaml': ['tag 1.6.0'] });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toEqual([
        '1: 1.6.0 > 1.4.0',
      ]);
    });

    it('the one of two markers that had agreed', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0', 'tag edge'] });
      expect(
        history.rolledBack({ 'a.yaml': ['tag 1.4.0', 'tag nightly'] }),
      ).toEqual(['1: 1.5.0 > 1.4.0']);
    });

    it('an agreed one whose neighbour of the same value stays', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0', 'tag 1.5.0'] });
      expect(
        history.rolledBack({ 'a.yaml': ['tag 1.4.0', 'tag 1.5.0'] }),
      ).toEqual(['1: 1.5.0 > 1.4.0']);
    });

    it('an older marker in place of one that is removed, as if it were the same', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      expect(
        history.rolledBack({ 'a.yaml': ['#', '#', '#', 'tag 1.1.0'] }),
      ).toHaveLength(1);
    });

    it('what agreed with a result that is no more', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] }).result('1.4.9');
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toHaveLength(1);
    });

    it('a larger tag where the policy takes the smallest', () => {
      const smallest = { alphabetical: { order: 'asc' } } as const;
      const history = new History(smallest).result('b');
      history.read({ 'a.yaml': ['tag b'] });
      expect(history.rolledBack({ 'a.yaml': ['tag a'] })).toEqual([]);
      expect(history.rolledBack({ 'a.yaml': ['tag c'] })).toEqual(['1: a > c']);
    });
  });

  describe('leaves alone', () => {
    it.each<[string, Files, Files]>([
      ['lines that move', { a: ['tag 1.5.0'] }, { a: ['#', 'tag 1.5.0'] }],
      ['a file that is renamed', { a: ['tag 1.5.0'] }, { b: ['tag 1.5.0'] }],
      [
        'an overlay that is copied from an old state',
        { a: ['tag 1.5.0'] },
        { a: ['tag 1.5.0'], b: ['tag 1.3.0'] },
      ],
      ['a marker that is removed', { a: ['tag 1.5.0'] }, { a: ['#'] }],
      [
        'another spelling of the image',
        { a: [`image ${IMAGE}:1.5.0`] },
        { a: [`image ${IMAGE.replace('.com', '.com:443')}:1.5.0`] },
      ],
      [
        'a tag that is pinned by another tool',
        { a: ['tag 1.5.0'] },
        { a: [`tag 1.5.0@${B}`] },
      ],
      [
        'another form of the same value',
        { a: [`image ${IMAGE}:1.5.0`] },
        { a: ['tag 1.5.0'] },
      ],
      [
        'a form that says more of the same value',
        { a: ['tag 1.5.0'] },
        { a: [`digest ${IMAGE}:1.5.0@${A}`] },
      ],
      ['a step forward', { a: ['tag 1.5.0'] }, { a: ['tag 1.7.0'] }],
    ])('%s', (_, before, after) => {
      const history = wrote(before);
      expect(history.rolledBack(after)).toEqual([]);
    });

    it('what is put back after it was removed', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      history.read({ 'a.yaml': ['#'] });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.2.0'] })).toEqual([]);
    });

    it('what changes together with its definition', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      history.define({ policy: { semver: { range: '1.4' } } });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toEqual([]);
    });

    it('a value below what a narrower policy would take', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      history.define({ policy: { semver: { range: '1.4' } } });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.5.0'] })).toEqual([]);
      history.result('1.4.2');
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.2'] })).toEqual([]);
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.1'] })).toHaveLength(1);
    });

    it('what was never agreed with the definition of now', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      history.define({ policy: { semver: { range: '>1.5' } } });
      history.read({ 'a.yaml': ['tag 1.5.0'] });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toEqual([]);
    });

    it('an image that is renamed in definition and manifest', () => {
      const history = wrote({ 'a.yaml': [`image ${IMAGE}:1.5.0`] });
      history.define({ image: 'registry.example.com/b' });
      expect(
        history.rolledBack({
          'a.yaml': ['image registry.example.com/b:1.0.0'],
        }),
      ).toEqual([]);
    });

    it('an old value at first sight', () => {
      const history = new History().result('1.5.0');
      expect(history.rolledBack({ 'a.yaml': ['tag 1.0.0'] })).toEqual([]);
      expect(history.rolledBack({ 'a.yaml': ['tag 0.9.0'] })).toEqual([]);
    });

    it('what is suspended and taken back in one commit, also when it resumes', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      history.define({ suspend: true });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.4.0'] })).toEqual([]);
      history.define({ suspend: false });
      expect(history.rolledBack({ 'a.yaml': ['tag 1.3.0'] })).toEqual([]);
      expect(history.rolledBack({ 'a.yaml': ['tag 1.3.0'] })).toEqual([]);
    });

    it('everything, while markers are read in a new way', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      const learnt = history.read(
        { 'a.yaml': ['tag 1.4.0'] },
        { learnsOnly: true },
      );
      expect(learnt.rolledBack).toEqual([]);
      expect(history.rolledBack({ 'a.yaml': ['tag 1.3.0'] })).toHaveLength(1);
    });

    it('what an announced update writes', () => {
      const history = new History().result('1.5.0');
      history.read({ 'a.yaml': ['tag edge'] });
      history.result('1.6.0');
      const ownValues = [{ file: 'a.yaml', form: 'tag', to: '1.5.0' } as const];
      const files = { 'a.yaml': ['tag 1.5.0'] };
      expect(history.rolledBack(files, { ownValues })).toEqual([]);
      expect(history.markers).toMatchObject([{ agreed: true }]);
    });

    it('what goes on after it went back and forward by hand', () => {
      const history = wrote({ 'a.yaml': ['tag 1.5.0'] });
      history.read({ 'a.yaml': ['tag 1.4.0'] });
      expect(history.read({ 'a.yaml': ['tag 1.6.0'] })).toMatchObject({
        rolledBack: [],
        undone: true,
      });
      history.result('1.7.0');
      expect(history.rolledBack({ 'a.yaml': ['tag 1.7.0'] })).toEqual([]);
    });
  });

  describe('ends', () => {
    const rolledBack = (...lines: string[]) => {
      const history = wrote({
        'a.yaml': lines.map(line => line.replace('1.4.0', '1.5.0')),
      });
      expect(history.rolledBack({ 'a.yaml': lines })).toHaveLength(
        lines.length,
      );
      return history;
    };

    it.each([
      ['what was there before', 'tag 1.5.0'],
      ['what is ahead of it', 'tag 1.6.0'],
      ['what the result wants by now', 'tag 1.8.0'],
      ['the same in another form', `image ${IMAGE}:1.5.0`],
    ])('with %s', (_, line) => {
      const history = rolledBack('tag 1.4.0').result('1.8.0');
      const noticed = history.read({ 'a.yaml': [line] });
      expect(noticed).toMatchObject({ undone: true, rolledBack: [] });
      expect(history.markers?.[0].rolledFrom).toBeUndefined();
    });

    it('with the image before, whatever the result wants', () => {
      const history = wrote({ 'a.yaml': [`image ${IMAGE}:1.5.0`] });
      history.read({ 'a.yaml': ['image registry.example.com/b:9'] });
      history.result('1.8.0');
      expect(
        history.read({ 'a.yaml': [`image ${IMAGE}:1.5.0`] }),
      ).toMatchObject({ undone: true, rolledBack: [] });
    });

    it('when the last of several is back', () => {
      const history = rolledBack('tag 1.4.0', 'tag 1.4.0');
      expect(
        history.read({ 'a.yaml': ['tag 1.5.0', 'tag 1.4.0'] }).undone,
      ).toBe(false);
      expect(
        history.read({ 'a.yaml': ['tag 1.5.0', 'tag 1.5.0'] }).undone,
      ).toBe(true);
    });

    it.each([
      ['a step that does not reach it', 'tag 1.4.9'],
      ['the same value once more', 'tag 1.4.0'],
      ['the removal of its marker', '#'],
    ])('not with %s', (_, line) => {
      const history = rolledBack('tag 1.4.0');
      expect(history.read({ 'a.yaml': [line] })).toMatchObject({
        undone: false,
        rolledBack: [],
      });
    });

    it('not with a result that comes to want what a person chose', () => {
      const history = rolledBack('tag 1.4.0').result('1.4.0');
      expect(history.read({ 'a.yaml': ['tag 1.4.0'] }).undone).toBe(false);
      expect(history.markers).toMatchObject([{ rolledFrom: '1.5.0' }]);
    });

    it('with a definition whose rule admits it no more', () => {
      const history = rolledBack('tag 1.4.0');
      history.define({ policy: { semver: { range: '1.x' } } });
      expect(history.read({ 'a.yaml': ['tag 1.4.0'] }).redefined).toBe(false);
      history.define({ policy: { semver: { range: '1.4' } } });
      expect(history.read({ 'a.yaml': ['tag 1.4.0'] }).redefined).toBe(true);
      expect(history.markers?.[0].rolledFrom).toBeUndefined();
    });

    it('with another image in the definition', () => {
      const history = wrote({ 'a.yaml': [`image ${IMAGE}:1.5.0`] });
      history.read({ 'a.yaml': [`image ${IMAGE}:1.4.0`] });
      history.define({ image: 'registry.example.com/b' });
      expect(
        history.read({ 'a.yaml': [`image ${IMAGE}:1.4.0`] }).redefined,
      ).toBe(true);
    });

    it('not with a suspension, but with what is undone meanwhile', () => {
      const history = rolledBack('tag 1.4.0');
      history.define({ suspend: true });
      expect(history.read({ 'a.yaml': ['tag 1.4.0'] }).undone).toBe(false);
      expect(history.read({ 'a.yaml': ['tag 1.5.0'] }).undone).toBe(true);
    });
  });

  it('settles with the tag that somebody went back to, or with nothing', () => {
    const settled = (line: string, before: string) =>
      settledAfterRollback(
        wrote({ 'a.yaml': [before] }).read({ 'a.yaml': [line] }).rolledBack,
      );
    expect(settled('tag 1.4.0', 'tag 1.5.0')).toBe('1.4.0');
    expect(settled(`image ${IMAGE}:edge`, `image ${IMAGE}:1.5.0`)).toBe('edge');
    expect(settled('name registry.example.com/b', `name ${IMAGE}`)).toBe('');
  });
});
