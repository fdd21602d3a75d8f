import { Composer, Parser } from 'yaml';
import type { Document } from 'yaml';
import { runAtOnce } from '../inTurns';
import { PausingComposer } from './PausingComposer';

function atOnce(text: string): Document.Parsed[] {
  const composer = new Composer({
    schema: 'failsafe',
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  return [...composer.compose(new Parser().parse(text), false, text.length)];
}

function inTurns(text: string): {
  documents: Document.Parsed[];
  turns: number;
} {
  const composer = new PausingComposer();
  const documents: Document.Parsed[] = [];
  let turns = 0;
  const work = (function* all() {
    for (const token of new Parser().parse(text)) {
      documents.push(...(yield* composer.next(token)));
    }
    documents.push(...(yield* composer.end(false, text.length)));
  })();
  while (!work.next().done) {
    turns += 1;
  }
  return { documents, turns };
}

/** What is read of documents: values, places and errors. */
function readable(documents: readonly Document.Parsed[]) {
  return documents.map(document => ({
    nodes: JSON.stringify(document.contents, (key, value) =>
      key === 'range' && Array.isArray(value) ? value[0] : value,
    ),
    text: document.errors.length > 0 ? undefined : String(document),
    errors: document.errors
      .map(({ code, message, pos }) => ({ code, message, pos }))
      .sort((a, b) => a.pos[0] - b.pos[0]),
  }));
}

const item = (index: number) =>
  `- tagName: s${index} # name\n  policy:\n    semver: {range: "^1.${index}"}\n`;

const list = (...special: readonly [number, string][]) => {
  const other = new Map(special);
  return Array.from(
    { length: 250 },
    (_, index) => other.get(index) ?? item(index),
  ).join('');
};

describe('PausingComposer', () => {
  it.each([
    ['a long list', `imageScans:\n${list()}`],
    ['between other keys', `a: 1\nimageScans:\n${list()}b: {c: d}\n`],
    ['two lists', `imageScans:\n${list()}other:\n${list()}`],
    [
      'several documents',
      `---\na:\n${list()}...\n---\nb:\n${list()}---\nc: 1\n`,
    ],
    [
      'anchors and aliases',
      `a: &all\n${list([3, '- &x {y: z}\n'], [220, '- *x\n'])}`,
    ],
    ['nothing in an item', `a:\n${list([150, '-\n'], [151, '- # nothing\n'])}`],
    ['a tag', `a: !!seq\n${list()}`],
    ['directives', `%YAML 1.2\n---\na:\n${list()}`],
    ['a list alone', list()],
    ['an error in a later item', `a:\n${list([180, '- {b: c\n'])}`],
    ['no dash', `a:\n${list([180, '  b: c\n'])}`],
    ['less indentation', `a:\n${list([180, ' - b: c\n'])}`],
    ['errors before and behind', `x: [\ny: 2\na:\n${list([180, '- "b\n'])}`],
    ['a tab', `a:\n${list([180, '-\tb: c\n\td: e\n'])}`],
  ])('reads the same of %s', (_, text) => {
    const { documents } = inTurns(text);
    expect(readable(documents)).toEqual(readable(atOnce(text)));
  });

  it('pauses within a long list', () => {
    expect(inTurns(`imageScans:\n${list()}`).turns).toBe(2);
  });

  it('names the first error first', () => {
    const text = `a:\n${list([180, '- {b: c]\n'])}d: *\n`;
    const [document] = runAtOnce(
      (function* all() {
        const composer = new PausingComposer();
        for (const token of new Parser().parse(text)) {
          yield* composer.next(token);
        }
        return yield* composer.end(false, text.length);
      })(),
    );
    expect(document.errors.map(({ pos }) => pos[0])).toEqual(
      atOnce(text)[0].errors.map(({ pos }) => pos[0]),
    );
  });
});
