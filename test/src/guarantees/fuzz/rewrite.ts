import {
  explainMarkerValue,
  formatMarkerValue,
  parseMarkerReference,
} from 'backstage-plugin-image-scan-common';
import {
  findMarkers,
  mayHoldMarkers,
  type MarkerChange,
  type ResolvedImage,
  rewriteManifest,
  type RewriteResult,
} from 'backstage-plugin-image-scan-node';
import { CST, isAlias, isScalar, parseAllDocuments, Parser, visit } from 'yaml';
import { inLinearTime } from './fuzz';

export type Images = ReadonlyMap<string, ResolvedImage>;

/** A node of a YAML text, as the `yaml` package reads it. */
interface Outlined {
  /** All that counts but the value of a scalar that is no key. */
  shape: string;
  value?: unknown;
  start: number;
  end: number;
}

/**
 * Rewrites a manifest and checks, without asking the product, that nothing but
 * marked values has changed.
 */
export function rewriteAndCheck(source: Buffer, images: Images): RewriteResult {
  const before = Buffer.from(source);
  const result = inLinearTime(source.length, () =>
    rewriteManifest(source, images),
  );
  const { output, changes, problems } = result;
  expect(source.equals(before)).toBe(true);
  expect(output === source).toBe(changes.length === 0);
  expect(output.equals(source)).toBe(changes.length === 0);

  const again = rewriteManifest(output, images);
  expect(again.changes).toEqual([]);
  expect(again.output).toBe(output);
  expect(rewriteManifest(source, new Map()).output).toBe(source);

  const careful = rewriteManifest(source, images, { careful: true });
  for (const { form, from } of careful.changes) {
    expect(explainMarkerValue(form, from)).toBeUndefined();
  }

  const found = findMarkers(source);
  expect(found.markers.length + found.problems.length > 0).toBe(
    mayHoldMarkers(source),
  );
  const lines = source.toString('latin1').split('\n').length;
  for (const problem of problems) {
    expect(problem.message).toMatch(/\.$/);
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.line).toBeLessThanOrEqual(lines);
  }
  for (const change of changes) {
    expect(change.to).not.toBe(change.from);
    expect(change.to).toBe(chosen(change, images));
  }
  if (changes.length > 0) {
    checkLines(source, output, changes);
    checkTree(source, output, changes);
  }
  return result;
}

function chosen(
  { tagName, form, from }: MarkerChange,
  images: Images,
): string | undefined {
  const image = images.get(tagName);
  return image && formatMarkerValue(form, image, from);
}

/** Whatever the file is: only lines with a marker change, in front of its `#`. */
function checkLines(
  source: Buffer,
  output: Buffer,
  changes: readonly MarkerChange[],
): void {
  const before = source.toString('latin1').split('\n');
  const after = output.toString('latin1').split('\n');
  const rest = after.filter(line => !line.includes('$imagescan'));
  // A value over several lines becomes one, and its other lines go.
  let at = 0;
  for (const line of rest) {
    at = before.indexOf(line, at) + 1;
    expect(at).toBeGreaterThan(0);
  }
  if (before.length !== after.length) {
    return;
  }
  const changed = new Set(changes.map(({ line }) => line));
  before.forEach((line, index) => {
    if (line !== after[index]) {
      expect([...changed]).toContain(index + 1);
      const comment = line.slice(line.lastIndexOf('#'));
      expect(comment).toContain('imagescan');
      expect(after[index].endsWith(comment)).toBe(true);
    }
  });
}

/** Where the file is valid YAML: the tree is the same but for marked scalars. */
function checkTree(
  source: Buffer,
  output: Buffer,
  changes: readonly MarkerChange[],
): void {
  const [textBefore, textAfter] = [decode(source), decode(output)];
  if (textBefore === undefined || textAfter === undefined) {
    return;
  }
  const before = outline(textBefore);
  if (!before) {
    return;
  }
  const after = outline(textAfter) ?? [];
  expect(after.map(({ shape }) => shape)).toEqual(
    before.map(({ shape }) => shape),
  );
  const changed = before.flatMap((node, index) =>
    Object.is(node.value, after[index].value)
      ? []
      : [{ was: node, is: after[index] }],
  );
  expect(changed.map(({ is }) => is.value)).toEqual(
    changes.map(({ to }) => to),
  );
  for (const { was } of changed) {
    const behind = textBefore.slice(was.end).split('\n', 1)[0];
    const [, reference] =
      /^[ \t]*,?[ \t]*#+[ \t]*(\{.*\})[ \t]*\r?$/.exec(behind) ?? [];
    const marker: { $imagescan: string } = JSON.parse(reference);
    expect(parseMarkerReference(marker.$imagescan)).toBeDefined();
  }
  // Byte for byte, without the changed scalars.
  expect(
    without(
      textAfter,
      changed.map(({ is }) => is),
    ),
  ).toBe(
    without(
      textBefore,
      changed.map(({ was }) => was),
    ),
  );
  expect(outline(textAfter, '1.1')?.map(({ value }) => value)).toEqual(
    expect.arrayContaining(changes.map(({ to }) => to)),
  );
}

function decode(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

function without(text: string, nodes: readonly Outlined[]): string {
  let end = 0;
  const parts = nodes.map(node => {
    const part = text.slice(end, node.start);
    end = node.end;
    return part;
  });
  return [...parts, text.slice(end)].join('<value>');
}

/** The nodes of all documents in their order; undefined for invalid YAML. */
export function outline(
  text: string,
  version: '1.1' | '1.2' = '1.2',
): Outlined[] | undefined {
  if (losesValues(text)) {
    return undefined;
  }
  const nodes: Outlined[] = [];
  const documents = parseAllDocuments(text, {
    version,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0 || document.warnings.length > 0) {
      return undefined;
    }
    visit(document, {
      Node: (key, node) => {
        const [start, end] = node.range ?? [0, 0];
        const kind = isScalar(node) ? 'scalar' : String(node.tag);
        const isValue = isScalar(node) && key !== 'key' && key !== null;
        nodes.push({
          shape: [
            key === 'key' ? 'key' : 'value',
            isAlias(node) ? `*${node.source}` : kind,
            isAlias(node) ? '' : node.anchor ?? '',
            isScalar(node) && !isValue ? JSON.stringify(node.value) : '',
          ].join(' '),
          ...(isValue && { value: node.value }),
          start,
          end,
        });
      },
    });
  }
  return nodes;
}

/**
 * Whether the parser leaves values out without a word, so that its tree shows nothing
 * of them: those behind an explicit key (`? key`) that no colon follows.
 */
function losesValues(text: string): boolean {
  const lost: CST.CollectionItem[] = [];
  for (const token of new Parser().parse(text)) {
    if (token.type === 'document') {
      CST.visit(token, item => {
        const { key, sep, value } = item;
        if (
          key &&
          value &&
          !sep?.some(({ type }) => type === 'map-value-ind')
        ) {
          lost.push(item);
        }
      });
    }
  }
  return lost.length > 0;
}
