import { findMarkers } from '../markers';
import { insertMarkers } from './insertMarkers';

function insertAt(
  text: string,
  line: number,
  form: 'image' | 'tag' = 'image',
  file = 'a.yaml',
): string {
  const source = Buffer.from(text);
  const marked = insertMarkers(new Map([[file, source]]), [
    { file, line, tagName: 'web', form },
  ]);
  return `${marked.get(file)}`;
}

describe('insertMarkers', () => {
  it.each([
    ['a: x:1\n', 'a: x:1 # {"$imagescan": "web"}\n'],
    ['\ufeffa: x:1\r\n', '\ufeffa: x:1 # {"$imagescan": "web"}\r\n'],
    ['a: "x:1"  \t', 'a: "x:1" # {"$imagescan": "web"}  \t'],
    ['- x:1\n', '- x:1 # {"$imagescan": "web"}\n'],
    ['a: [\n  x:1,\n]\n', 'a: [\n  x:1, # {"$imagescan": "web"}\n]\n', 2],
    [
      'a: {b: 1,\n  c: x:1\n}\n',
      'a: {b: 1,\n  c: x:1 # {"$imagescan": "web"}\n}\n',
      2,
    ],
    ['a:\n  x:1\n', 'a:\n  x:1 # {"$imagescan": "web"}\n', 2],
    ['a: !!str x:1\n', 'a: !!str x:1 # {"$imagescan": "web"}\n'],
    ['a: &b x:1\n', 'a: &b x:1 # {"$imagescan": "web"}\n'],
    ['b: 1  # c\na: x:1\n', 'b: 1  # c\na: x:1  # {"$imagescan": "web"}\n', 2],
    [
      'b: 1  # c\nc: 1 # c\na: x:1\n',
      'b: 1  # c\nc: 1 # c\na: x:1 # {"$imagescan": "web"}\n',
      3,
    ],
    [
      'a: x:1  # stay “here”\n',
      'a: x:1  # {"$imagescan": "web", "note": "stay “here”"}\n',
    ],
    [
      'a: x:1 # say "no"\n',
      'a: x:1 # {"$imagescan": "web", "note": "say \\"no\\""}\n',
    ],
    ['a: x:1 #\n', 'a: x:1 # {"$imagescan": "web"}\n'],
  ])('puts a marker into %j', (text, expected, line = 1) => {
    expect(insertAt(text, line)).toBe(expected);
  });

  it.each([
    ['a: x:1\n  more\n', 1, 'no value ends on this line'],
    ['a: x\n  more\n', 2, 'a text of several lines'],
    ['a: "x:1\n  "\n', 2, 'a text of several lines'],
    ['a: |\n  image: x:1\n', 1, 'a text of several lines'],
    ['a: |\n  image: x:1\n', 2, 'no value ends on this line'],
    ['a: {b: x:1}\n', 1, 'other text follows'],
    ['a: &b x:1\nc: *b\n', 1, 'other places use the value'],
    ['a: &b x:1\nc: *b\n', 2, 'an alias'],
    ['a: "{{ .x }}:1"\n', 1, 'a template action'],
    ['a: x:1\n{{- include "x" . }}\n', 1, 'become part of the comment'],
    ['{"a":\n"x:1"\n}\n', 2, 'is JSON'],
    ['a: x:1 # {"$imagepolicy": "a:b"}\n', 1, 'Flux writes the value'],
    ['a: x:1 # renovate: x\n', 1, 'tells a tool what to do'],
    ['a: x:1 # {"$imagescan": "b"}\n', 1, 'tells a tool what to do'],
    ['a:\n', 1, 'no value ends on this line'],
    ['a: x:1\n', 7, 'no value ends on this line'],
    ['a: !!int 1\n', 1, 'read in another way'],
    ['a: \0\n', 1, 'NUL bytes'],
  ])('refuses %j on line %i', (text, line, reason) => {
    expect(() => insertAt(text, line)).toThrow(reason);
    expect(() => insertAt(text, line)).toThrow(/^a\.yaml:/);
  });

  it('asks yamllint how far a comment stands away', () => {
    const marked = (config: string) =>
      `${insertMarkers(
        new Map([
          ['a.yaml', Buffer.from('a: x:1\n')],
          ['.yamllint', Buffer.from(config)],
        ]),
        [{ file: 'a.yaml', line: 1, tagName: 'web', form: 'tag' }],
      ).get('a.yaml')}`;
    expect(marked('extends: default\n')).toBe(
      'a: x:1  # {"$imagescan": "web:tag"}\n',
    );
    expect(
      marked('rules:\n  comments:\n    min-spaces-from-content: 1\n'),
    ).toBe('a: x:1 # {"$imagescan": "web:tag"}\n');
    expect(marked('extends: default\nrules:\n  comments: disable\n')).toBe(
      'a: x:1 # {"$imagescan": "web:tag"}\n',
    );
  });

  it('refuses marks that cannot be meant', () => {
    const mark = {
      file: 'a.yaml',
      line: 1,
      tagName: 'web',
      form: 'tag' as const,
    };
    const files = new Map([['a.yaml', Buffer.from('a: x:1\n')]]);
    expect(() => insertMarkers(files, [mark, mark])).toThrow(
      'a.yaml:1: no marker can be put there, because it is there twice',
    );
    expect(() => insertMarkers(files, [{ ...mark, file: 'b' }])).toThrow(
      'b: there is no such file',
    );
    for (const tagName of ['', 'a:tag', 'a:b']) {
      expect(() => insertMarkers(files, [{ ...mark, tagName }])).toThrow(
        'cannot be used in a marker',
      );
    }
  });

  it('leaves markers that are there as they are', () => {
    const text = insertAt('a: x:1 # {"$imagescan": "old"}\nb: x:1\n', 2);
    expect(
      findMarkers(Buffer.from(text)).markers.map(({ tagName }) => tagName),
    ).toEqual(['old', 'web']);
  });
});
