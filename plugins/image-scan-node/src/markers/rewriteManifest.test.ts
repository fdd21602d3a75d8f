import type { MarkerProblemCode, ResolvedImage } from '../types';
import { findMarkers } from './findMarkers';
import { mayHoldMarkers } from './manifestText';
import { rewriteManifest } from './rewriteManifest';

const IMAGE = 'ghcr.io/acme/app:1.2.3';
const M = '# {"$imagescan": "app"}';
const TAG = '# {"$imagescan": "app:tag"}';

const images = new Map<string, ResolvedImage>([
  ['app', { image: 'ghcr.io/acme/app', tag: '1.2.3' }],
  ['bad', { image: 'ghcr.io/acme/a\n: b', tag: '1' }],
]);

function rewrite(text: string, encoding: BufferEncoding = 'utf8') {
  const source = Buffer.from(text, encoding);
  const { output, changes, problems } = rewriteManifest(source, images);
  expect(rewriteManifest(output, images).output).toBe(output);
  return { output: output.toString(encoding), changes, problems };
}

// Every `OLD` becomes the image, every `TAG` the tag, and nothing else changes.
const rewritten: Record<string, string> = {
  'CRLF and double quotes': `a: "OLD" ${M}\r\nb: 1\r\n`,
  'CRLF and a value over two lines': `a: 'OLD' ${M}\r\n\r\nb: 1`,
  'a byte order mark': `\ufeffimage: OLD ${M}\n`,
  'a byte order mark and a document start': `\ufeff---\nimage: OLD ${M}\n`,
  'a tab as indentation': `a:\n\timage: OLD ${M}\n`,
  'tabs around the comment': `a: OLD\t\t#\t{"$imagescan": "app"}\t\n`,
  'two hashes': `a: OLD ## {"$imagescan": "app"}\n`,
  'no blank behind quotes': `a: "OLD"${M}\n`,
  'an escaped dollar': `a: OLD # {"\\u0024imagescan": "app"}\n`,
  'another key in the marker': `a: OLD # {"note": "x", "$imagescan": "app"}\n`,
  'comments in a flow map': `a: { # c\n  # d\n  b: OLD, ${M}\n  # e\n}\n`,
  'a trailing comma in a flow list': `a: [\n  OLD, ${M}\n]\n`,
  'a blank in front of the comma': `a: [\n  OLD , ${M}\n]\n`,
  'the last of two items on a line': `a: [\n  x, OLD ${M}\n]\n`,
  'the value of a pair in a flow list': `a: [\n  b: OLD ${M}\n]\n`,
  'a quoted key right at its value': `{\n"a":OLD ${M}\n}\n`,
  'a flow list in a flow map': `{a: [\nOLD ${M}\n], b: c}\n`,
  'the value of an explicit key in a flow map': `{\n? b\n: OLD ${M}\n}\n`,
  'several documents': `a: OLD ${M}\n---\nb: OLD ${M}\n...\n---\nc: OLD ${M}\n`,
  'lists in lists': `- - OLD ${M}\n  - - OLD ${M}\n`,
  'the value of an explicit key': `? key\n: OLD ${M}\n`,
  'a list as the value of an explicit key': `? key\n: - OLD ${M}\n`,
  'what follows an explicit key': `? - key\n: v\na: OLD ${M}\n`,
  'what follows a block text in an explicit key': `? k: |\n  text\n: v\na: OLD ${M}\n`,
  'a list under its key': `key:\n  - value\n  - OLD ${M}\n`,
  'a list at the column of its key': `key:\n- OLD ${M}\n`,
  'a key in double quotes': `"a: # b": OLD ${M}\n`,
  'a key in single quotes': `'it''s': OLD ${M}\n`,
  'a key with a hash': `a#b: OLD ${M}\n`,
  'a key of 2,000 characters': `${'k'.repeat(2000)}: OLD ${M}\n`,
  'a directive': `%YAML 1.1\n%TAG ! tag:example.com,2000:\n---\na: OLD ${M}\n`,
  'an anchor on a list item': `- &x OLD ${M}\n- *x\n`,
  'an anchor on the line above': `a: &x\n  OLD ${M}\n`,
  'a !!str tag': `a: !!str OLD ${M}\n`,
  'the tag of a string': `a: ! OLD ${M}\n`,
  'a verbatim tag': `a: !<tag:yaml.org,2002:str> OLD ${M}\n`,
  'a value below a comment': `a:\n  # c\n  OLD ${M}\n`,
  'no-break spaces elsewhere': `a: x\u00a0y # \u00a0\nb: OLD ${M}\n`,
  'a form feed elsewhere': `a: x\fy\nb: OLD ${M}\n`,
  'NEL elsewhere': `a: x\u0085y\nb: OLD ${M}\n`,
  'a single quote in a plain value': `a: don't\nb: OLD ${M}\nc: it's\n`,
  'an under-indented quote': `a: "x\ny"\nb: OLD ${M}\n`,
  'an under-indented closing quote': `a: 'x\n'\nb: OLD ${M}\nc: 'y'\n`,
  'a bracket that nothing closes': `a: [x\nb: OLD ${M}\n`,
  'a block text with a quote': `a: |\n  "x\nb: OLD ${M}\n`,
  'a block text with an own indentation': `a: |1\n  x: "\n b: '\nb: OLD ${M}\n`,
  'a block text at the end of a list': `- |\n x\n- OLD ${M}\n`,
  'text behind a block header': `a: | "x\n  y\nb: OLD ${M}\n`,
  'four dashes': `----\nimage: OLD ${M}\n`,
  'a duplicate key': `a: OLD ${M}\na: OLD ${M}\n`,
  'an empty value in quotes': `a: "" ${M}\n`.replace('""', '"OLD"'),
  'a control line': `a:\n{{- if .x }}\n  b: OLD ${M}\n{{- end }}\n`,
  'a control line inside a block text': `a: |\n  x\n{{ end }}\n  "y\nb: OLD ${M}\n`,
  'a template key': `{{ .k }}: OLD ${M}\n`,
  'a template key in quotes': `"{{ .k }}": OLD ${M}\n`,
  'an action in front of the key': `{{ if .x }}a: OLD ${M}\n{{ end }}\n`,
  'quotes in an action': `a: {{ printf "}" }}\nb: {{ "it's" }}\nc: OLD ${M}\n`,
  'quotes inside quotes': `a: "{{ .x | default "it's" }}"\nb: OLD ${M}\n`,
  'an action over two lines': `a: {{ dict\n  "b" "c" }}\nd: OLD ${M}\n`,
  'a stray pair of braces': `# {{ and\na: OLD ${M}\nb: {c: {d: e}}\n`,
  'a template comment of one line': `{{- /* it's " */ -}}\na: OLD ${M}\n`,
  'a template comment behind the value': `a: OLD {{/* it's */}} ${M}\n`,
  'a template comment nobody closes': `{{/* it's\na: OLD ${M}\n`,
  'includes among the lines': `a:\n  {{- include "b" . | nindent 2 }}\n  c: OLD ${M}\n`,
};

describe('rewriteManifest', () => {
  it.each(Object.keys(rewritten))('rewrites with %s', name => {
    const template = rewritten[name];
    const { output, changes } = rewrite(template.replace(/OLD/g, 'old/x:1'));
    expect(output).toBe(template.replace(/OLD/g, IMAGE));
    expect(changes).toHaveLength(template.split('OLD').length - 1);
  });

  it('replaces values over several lines whole', () => {
    expect(rewrite(`a: old\n  x ${M}\nb: 1\n`).output).toBe(
      `a: ${IMAGE} ${M}\nb: 1\n`,
    );
    expect(rewrite(`a: 'old\r\n\r\n  x' ${M}\r\n`).output).toBe(
      `a: '${IMAGE}' ${M}\r\n`,
    );
    expect(rewrite(`- "old\\\n  x" ${M}\n`).changes).toEqual([
      { line: 2, tagName: 'app', form: 'image', from: 'oldx', to: IMAGE },
    ]);
  });

  it('rewrites nulls that are written out, which are values like any other', () => {
    expect(rewrite(`a: ~ ${TAG}\nb: null ${TAG}\nc: "" ${TAG}\n`).output).toBe(
      `a: 1.2.3 ${TAG}\nb: 1.2.3 ${TAG}\nc: "1.2.3" ${TAG}\n`,
    );
  });

  it('keeps bytes that are not UTF-8', () => {
    const text = `# caf\xe9\na: "\xff\xfe" ${M}\n`;
    expect(rewrite(text, 'latin1').output).toBe(
      text.replace('\xff\xfe', IMAGE),
    );
  });

  it('says what the values were', () => {
    const text = [
      `a: "caf\\u00e9 \\"x\\"" ${M}`,
      `b: 'it''s' ${M}`,
      `c: "日本" ${M}`,
      `d: [`,
      `  old ${TAG}`,
      `]`,
    ].join('\n');
    const source = Buffer.from(text);
    const { markers, problems } = findMarkers(source);
    expect(problems).toEqual([]);
    expect(markers).toEqual([
      { line: 1, tagName: 'app', form: 'image', current: 'café "x"' },
      { line: 2, tagName: 'app', form: 'image', current: "it's" },
      { line: 3, tagName: 'app', form: 'image', current: '日本' },
      { line: 5, tagName: 'app', form: 'tag', current: 'old' },
    ]);
    expect(rewrite(text).changes.map(({ from, to }) => [from, to])).toEqual([
      ['café "x"', IMAGE],
      ["it's", IMAGE],
      ['日本', IMAGE],
      ['old', '1.2.3'],
    ]);
  });

  const quoted = [
    ...['1', '1.20', '1.', '0777', '0o17', '0b11', '0x1F', '1_000', '1_0.5'],
    ...['1e3', '12e4567', '1E5', '08', '2024-01-31', '2024-1-1', '20240101'],
    ...['true', 'Yes', 'n', 'on', 'OFF', 'null', 'NULL', 'y'],
  ];
  const plain = [
    ...['1.2.3', 'v8', '1.20-alpine', '1e3f', '0x1G', 'latest', 'none', '_1'],
    ...[
      '2024-01-31-1',
      '2024.01.31',
      '20240101.1.0',
      'yes1',
      'a',
      '1-2',
      'nan',
    ],
  ];
  it.each(quoted)('writes the tag %s in double quotes', tag => {
    const byName = new Map([['app', { image: 'x', tag }]]);
    const { output } = rewriteManifest(Buffer.from(`a: b ${TAG}\n`), byName);
    expect(output.toString()).toBe(`a: "${tag}" ${TAG}\n`);
    expect(rewriteManifest(output, byName).output).toBe(output);
    // Already there without quotes: right for the reader of the text, left alone.
    const same = Buffer.from(`a: ${tag} ${TAG}\n`);
    expect(rewriteManifest(same, byName).output).toBe(same);
  });
  it.each(plain)('writes the tag %s plain', tag => {
    const byName = new Map([['app', { image: 'x', tag }]]);
    const { output } = rewriteManifest(Buffer.from(`a: b ${TAG}\n`), byName);
    expect(output.toString()).toBe(`a: ${tag} ${TAG}\n`);
  });
  it('quotes what would not be one plain value', () => {
    const byName = new Map([['app', { image: '[::1]:5000/a', tag: '1' }]]);
    const source = Buffer.from(`a: b ${M}\nc: [\n  'd' ${M}\n]\n`);
    expect(rewriteManifest(source, byName).output.toString()).toBe(
      `a: "[::1]:5000/a:1" ${M}\nc: [\n  '[::1]:5000/a:1' ${M}\n]\n`,
    );
  });

  const notMarkers: Record<string, string> = {
    'an unquoted key': 'a: b # {$imagescan: app}',
    'single quotes': "a: b # {'$imagescan': 'app'}",
    'typographic quotes': 'a: b # {“$imagescan”: “app”}',
    'text in front': `a: b # see {"$imagescan": "app"}`,
    'text behind': `a: b ${M} please`,
    'an action behind': `a: b ${M} {{- end }}`,
    'two markers': `a: b ${M} ${M}`,
    'a trailing comma': 'a: b # {"$imagescan": "app",}',
    'no braces': 'a: b # "$imagescan": "app"',
    'no closing brace': 'a: b # {"$imagescan": "app"',
    'another case': 'a: b # {"$imageScan": "app"}',
    'a number': 'a: b # {"$imagescan": 1}',
    'a list': 'a: b # {"$imagescan": ["app"]}',
    'a null': 'a: b # {"$imagescan": null}',
    'another value that is no text': 'a: b # {"$imagescan": "app", "x": 1}',
    'the key as a value': 'a: b # {"x": "$imagescan"}',
    'an array': 'a: b # ["$imagescan"]',
    'a no-break space': 'a: b #\u00a0{"$imagescan": "app"}',
    'a no-break space in front of the hash': `a: b\u00a0${M}`,
    'a form feed in front of the hash': `a: b\f${M}`,
    'NEL behind': `a: b ${M}\u0085c: d`,
    'no blank in front of the hash': 'a: b#{"$imagescan": "app"}',
    'a line of its own': `a: b\n${M}\nc: d`,
    'a line of its own above a list item': `a:\n${M}\n- b`,
    'a commented-out line': `a: b\n#  c: d ${M}`,
    'the end of a file': `${M}`,
    'a text in quotes': `a: 'b ${M}'`,
    'a block text': `a: |\n  b: c ${M}\n`,
    'a folded text': `a: >\n  b: c ${M}\n`,
  };
  it.each(Object.keys(notMarkers))('reports %s as no marker', name => {
    const { output, problems } = rewrite(notMarkers[name]);
    expect(output).toBe(notMarkers[name]);
    expect(problems.map(({ code }) => code)).toEqual(['not-a-marker']);
    expect(problems[0].message).toMatch(/^[A-Z].*\.$/);
    const lines = notMarkers[name].split('\n');
    expect(problems[0].line).toBe(
      1 + lines.findIndex(text => /\$imagescan/i.test(text)),
    );
  });

  it.each([
    ['single quotes', 'JSON takes double quotes only'],
    ['typographic quotes', 'typographic quotes'],
    ['text in front', 'in front of the object'],
    ['text behind', 'behind the object'],
    ['two markers', 'more than one marker'],
    ['a trailing comma', 'no comma behind the last value'],
    ['an unquoted key', 'its key is not in double quotes'],
    ['no braces', 'the braces around the object are missing'],
    ['no closing brace', 'the closing brace is missing'],
    ['another case', 'its key is written $imageScan, and case counts'],
    ['a list', 'the value of $imagescan is not a text'],
    ['another value that is no text', 'the value of its key "x" is not a text'],
    ['no blank in front of the hash', 'Put a blank in front of the #'],
  ])('explains %s', (name, words) => {
    expect(rewrite(notMarkers[name]).problems[0].message).toContain(words);
  });

  const others: Record<string, [MarkerProblemCode, string]> = {
    'an unknown name': ['unknown-name', 'a: b # {"$imagescan": "nope"}'],
    'a name of another case': ['unknown-name', 'a: b # {"$imagescan": "App"}'],
    'a name that objects have': [
      'unknown-name',
      'a: b # {"$imagescan": "constructor"}',
    ],
    'an unknown form': ['unknown-form', 'a: b # {"$imagescan": "app:tga"}'],
    'an empty form': ['unknown-form', 'a: b # {"$imagescan": "app:"}'],
    'an empty name': ['unknown-form', 'a: b # {"$imagescan": ""}'],
    'no digest': ['no-digest', 'a: b # {"$imagescan": "app:digest"}'],
    'an image that is none': ['not-a-value', 'a: b # {"$imagescan": "bad"}'],
    'a key without a value': ['not-a-value', `a: ${M}\nb: c`],
    'a key with its value below': ['not-a-value', `a: ${M}\n  b`],
    'a dash without a value': ['not-a-value', `- ${M}\n- b`],
    'an anchor without a value': ['not-a-value', `a: &x ${M}\nb: c`],
    'a tag without a value': ['not-a-value', `a: !!str ${M}\nb: c`],
    'a map below': ['not-a-value', `a: ${M}\n  b: c`],
    'a flow map': ['not-a-value', `a: {b: c} ${M}`],
    'a flow list': ['not-a-value', `a: [b] ${M}`],
    'a flow list with a comma behind': ['not-a-value', `[\n[b], ${M}\n]`],
    'the end of a long flow list': ['not-a-value', `a: [\n  b\n] ${M}`],
    'an opening bracket': ['not-a-value', `a: [ ${M}\n  b\n]`],
    'two commas': ['not-a-value', `a: [\n  , ${M}\n  b\n]`],
    'an alias': ['not-a-value', `a: &x b\nc: *x ${M}`],
    'a block header': ['not-a-value', `a: |- ${M}\n  b`],
    'an explicit key': ['not-a-value', `? a ${M}\n: b`],
    'an explicit key below its sign': ['not-a-value', `?\n  a ${M}\n: b`],
    'a list in an explicit key': ['not-a-value', `? - a ${M}\n: b`],
    'what follows a block text in an explicit key': [
      'not-a-value',
      `? k: |\n    text\n  a: b ${M}\n: c`,
    ],
    'a flow list in an explicit key': ['not-a-value', `? [\n a ${M}\n ]\n: b`],
    'a key in a flow map': ['not-a-value', `{\n  a ${M}\n  : b\n}`],
    'a key without a value in a flow map': ['not-a-value', `{\n  a, ${M}\n}`],
    'a key in a flow list': ['not-a-value', `[\n  "a" ${M}\n  : b\n]`],
    'an explicit key in a flow list': ['not-a-value', `[\n ? a ${M}\n : b\n]`],
    'a whole document': ['not-a-value', `a ${M}`],
    'a whole document in quotes': ['not-a-value', `--- "a" ${M}`],
    'a whole document with a tag': ['not-a-value', `---\n!!str a ${M}`],
    'a document start': ['not-a-value', `--- ${M}\na: b`],
    'a directive': ['not-a-value', `%YAML 1.2 ${M}\n---\na: b`],
    'a number by its tag': ['not-a-value', `a: !!float 1.27 ${TAG}`],
    'a number by its long tag': [
      'not-a-value',
      `a: !<tag:yaml.org,2002:int> 1 ${TAG}`,
    ],
    'two scalars on a line': ['not-a-value', `a: "b" c ${M}`],
    'an open quote': ['not-a-value', `a: 'b\nc: d ${M}\n'`],
    'a quote that nothing closes': ['not-a-value', `a: 'b\nc: d ${M}\n`],
    'an open double quote': ['not-a-value', `a: "b\nc: d ${M}\n`],
    'a template value': ['template', `a: {{ .x }} ${M}`],
    'a template in quotes': ['template', `a: "{{ .x }}/b:1" ${M}`],
    'a template behind the value': ['template', `a: b:{{ .x }} ${M}`],
    'a template beside the value': ['template', `a: b {{ .x }} ${M}`],
    'a template that touches quotes': ['template', `a: "b"{{ end }} ${M}`],
    'a template around the value': ['template', `a: {{ if x }}b{{ end }} ${M}`],
    'a template comment that touches': ['template', `a: b{{/* c */}} ${M}`],
    'a template over two lines': ['template', `a: b{{ .x\n | quote }} ${M}`],
    'a control line inside the value': [
      'template',
      `a: b\n{{ if .x }}\n  c ${M}`,
    ],
    'a template comment': ['template', `{{/*\na: b ${M}\n*/}}`],
    'a template comment beside a line': ['template', `a: b {{/* ${M} */}}`],
    'UTF-16': ['unreadable-file', 'utf16'],
    'NUL bytes': ['unreadable-file', `a: b ${M}\nc: "\0"`],
    'a lone carriage return': ['unreadable-file', `a: b ${M}\nc: d\re: f`],
    'Mac line ends': ['unreadable-file', `a: b ${M}\rc: d\r`],
    'a carriage return too many': ['unreadable-file', `a: b ${M}\r\r\n`],
    'a control character': ['unreadable-file', `a: |\x1f ${M}\n`],
  };
  it.each(Object.keys(others))('reports %s', name => {
    const [code, text] = others[name];
    const source =
      text === 'utf16'
        ? Buffer.from(`\ufeffa: b ${M}\n`, 'utf16le')
        : Buffer.from(text);
    const { output, changes, problems } = rewriteManifest(source, images);
    expect(output).toBe(source);
    expect(changes).toEqual([]);
    expect(problems.map(problem => problem.code)).toEqual([code]);
    expect(problems[0].message).toMatch(/^[A-Z].*\.$/);
  });

  it('names the four forms', () => {
    expect(rewrite('a: b # {"$imagescan": "app:x"}').problems).toEqual([
      {
        code: 'unknown-form',
        line: 1,
        tagName: 'app',
        message: expect.stringContaining(
          'app, app:name, app:tag and app:digest',
        ),
      },
    ]);
  });

  it('goes on behind a marker that does nothing', () => {
    const { output, changes, problems } = rewrite(
      `a: b # {"$imagescan": "nope"}\nc: d ${M}\ne: {f: g} ${M}\nh: i ${M}\n`,
    );
    expect(output).toContain(`c: ${IMAGE} ${M}`);
    expect(changes.map(({ line }) => line)).toEqual([2, 4]);
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [1, 'unknown-name'],
      [3, 'not-a-value'],
    ]);
  });

  it('writes given values at their lines, and images elsewhere', () => {
    const source = Buffer.from(
      `a: x ${M}\nb: y ${M}\nc: "z" ${M}\nd: q ${M}\n`,
    );
    const values = new Map([
      [1, '1.20'],
      [3, 'other/image:v1'],
      [4, 'no value'],
    ]);
    const { output, changes, problems } = rewriteManifest(source, images, {
      values,
    });
    expect(`${output}`).toBe(
      `a: "1.20" ${M}\nb: ${IMAGE} ${M}\nc: "other/image:v1" ${M}\nd: q ${M}\n`,
    );
    expect(changes.map(({ line, to }) => [line, to])).toEqual([
      [1, '1.20'],
      [2, IMAGE],
      [3, 'other/image:v1'],
    ]);
    expect(problems).toMatchObject([{ line: 4, code: 'not-a-value' }]);
  });

  it('finds nothing in files without the key', () => {
    const source = Buffer.from('image: a # {"$imagepolicy": "b"}\r');
    expect(mayHoldMarkers(source)).toBe(false);
    expect(rewriteManifest(source, images)).toEqual({
      output: source,
      changes: [],
      problems: [],
    });
  });
});
