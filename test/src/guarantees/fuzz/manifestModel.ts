import {
  formatMarkerValue,
  parseMarkerReference,
} from 'backstage-plugin-image-scan-common';
import fc from 'fast-check';
import type { Images } from './rewrite';

/** A value with a marker. */
interface Slot {
  /** As it is written, quotes included. */
  text: string;
  /** What it reads as. */
  current: string;
  /** What the marker asks for, undefined where it asks for nothing that is there. */
  valueOf(images: Images): string | undefined;
  /** From the value to the end of the line. */
  marker: string;
  /** An anchor or tag in front of the value. */
  property: string;
}

/** A part of a manifest. */
type Part =
  | { kind: 'slot'; slot: Slot }
  | { kind: 'noise'; lines: string[] }
  | { kind: 'flow'; slots: Slot[] }
  | { kind: 'map' | 'list'; parts: Part[] };

/** A manifest that is valid YAML, in a form that can be written with any values. */
export interface Manifest {
  parts: Part[];
  feed: string;
  bom: string;
  indent: number;
}

const written = fc.constantFrom<[text: string, current: string]>(
  ['old', 'old'],
  ['nginx:1.0', 'nginx:1.0'],
  ['1.20', '1.20'],
  ['~', '~'],
  ['null', 'null'],
  ['true', 'true'],
  ['h:5000/a/b@sha256:0', 'h:5000/a/b@sha256:0'],
  ["'old'", 'old'],
  ["'it''s # {old}'", "it's # {old}"],
  ['"old"', 'old'],
  ['"a \\" b \\u00e9"', 'a " b é'],
  ['""', ''],
  ["''", ''],
  ['latest', 'latest'],
  ['"1.20"', '1.20'],
);

const reference = fc.constantFrom(
  ...['app', 'app:name', 'app:tag', 'app:digest', 'db', 'db:tag'],
  ...['none', 'none:tag', 'app:x', 'app:', ':tag', 'App'],
);

const slot: fc.Arbitrary<Slot> = fc
  .tuple(
    written,
    reference,
    fc.constantFrom('', '', '&a ', '!!str ', '&b !!str '),
    fc.constantFrom(' # ', '  #', '\t# ', ' ## '),
    fc.constantFrom(
      (name: string) => `{"$imagescan": ${name}}`,
      (name: string) => `{ "$imagescan" :${name} } `,
      (name: string) => `{"a": "b", "$imagescan":${name}}`,
    ),
  )
  .map(([[text, current], name, property, hash, comment]) => ({
    text,
    current,
    property,
    marker: `${hash}${comment(JSON.stringify(name))}`,
    valueOf(images) {
      const parsed = parseMarkerReference(name);
      const image = parsed && images.get(parsed.tagName);
      return image && formatMarkerValue(parsed.form, image);
    },
  }));

const noise = fc.constantFrom<string[]>(
  [''],
  ['# a comment'],
  ['# {"$imagescan": "app"}'],
  ['plain: 1.20   # another: "comment"'],
  ['text: |', '  image: x # {"$imagescan": "app"}', '', '  - {{ x }}'],
  ['folded: >-', '    a', '', '    b # {"$imagescan": "app:tag"}'],
  ["over: 'two", '  lines # {"$imagescan": "app"}\''],
  ['over: two', '  lines'],
  ['flow: {a: [1, "}"], b: \'#\'} # {"$imagescan": "app"}'],
  ['empty: # {"$imagescan": "app"}'],
  ['"quoted key" : x'],
  ['odd:    é  😀'],
);

const leaf: fc.Arbitrary<Part> = fc.oneof(
  {
    weight: 5,
    arbitrary: slot.map((each): Part => ({ kind: 'slot', slot: each })),
  },
  {
    weight: 3,
    arbitrary: noise.map((lines): Part => ({ kind: 'noise', lines })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(slot, { minLength: 1, maxLength: 3 })
      .map((slots): Part => ({ kind: 'flow', slots })),
  },
);

const { parts } = fc.letrec<{ parts: Part[]; part: Part }>(tie => ({
  parts: fc.array(tie('part'), { minLength: 1, maxLength: 5 }),
  part: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'manifest' },
    { weight: 4, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom<'map' | 'list'>('map', 'list'), tie('parts'))
        .map(([kind, inner]): Part => ({ kind, parts: inner })),
    },
  ),
}));

export const manifest: fc.Arbitrary<Manifest> = fc.record({
  parts,
  feed: fc.constantFrom('\n', '\n', '\r\n'),
  bom: fc.constantFrom('', '', '\ufeff'),
  indent: fc.integer({ min: 1, max: 4 }),
});

/** Says how the value of a slot is written. */
type WriteValue = (slot: Slot, isPlain: boolean) => string;

/** Writes a manifest with these values. */
export function renderManifest(
  model: Manifest,
  writeValue: WriteValue,
): string {
  const lines = renderParts(model.parts, {
    isList: false,
    indent: ' '.repeat(model.indent),
    value: each => each.property + writeValue(each, !/^["']/.test(each.text)),
  });
  return `${model.bom}${lines.join(model.feed)}${model.feed}`;
}

interface Rendering {
  isList: boolean;
  indent: string;
  value(slot: Slot): string;
}

function renderParts(list: readonly Part[], rendering: Rendering): string[] {
  const { isList, indent, value } = rendering;
  return list.flatMap((part, index) => {
    const head = isList ? '-' : `key${index}:`;
    const inner = (lines: string[]) =>
      lines.map(line => (line === '' ? '' : indent + line));
    switch (part.kind) {
      case 'slot':
        return [`${head} ${value(part.slot)}${part.slot.marker}`];
      case 'noise':
        return isList && /^[^#]/.test(part.lines[0] ?? '')
          ? ['-', ...inner(part.lines)]
          : part.lines;
      case 'flow':
        return [
          `${head} [`,
          ...inner(part.slots.map(each => `${value(each)},${each.marker}`)),
          ...inner([']']),
        ];
      default:
        return [
          head,
          ...inner(
            renderParts(part.parts, {
              ...rendering,
              isList: part.kind === 'list',
            }),
          ),
        ];
    }
  });
}
