import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isScalar, parseAllDocuments, visit } from 'yaml';
import type { ResolvedImage } from '../types';
import { findMarkers } from './findMarkers';
import { rewriteManifest } from './rewriteManifest';

// Those of two public repositories, of another licence and so not in this one.
// What of them matters has its like in `__fixtures__`, which is always read.
const samples = resolve(__dirname, '../../../../../shared/samples');
const archives = [
  'kubernetes-examples-manifests.tar.gz',
  'rancher-fleet-examples-manifests.tar.gz',
];

function whyLeftOut(): string | undefined {
  const missing = archives.find(name => !existsSync(join(samples, name)));
  if (missing) {
    return `${join(samples, missing)} is missing`;
  }
  try {
    execFileSync('tar', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no tar';
  }
}

const reason = whyLeftOut();
if (reason) {
  // eslint-disable-next-line no-console
  console.warn(`LEFT OUT: markers in the manifests of others, as ${reason}`);
}

const images = new Map<string, ResolvedImage>([
  ['app', { image: 'registry.example.com/acme/app', tag: '7.20' }],
]);
const IMAGE = 'registry.example.com/acme/app:7.20';

/** Puts a marker behind every simple `image:` and `tag:` value, as a user would. */
function mark(text: string): {
  text: string;
  count: number;
  templates: number;
} {
  let count = 0;
  let templates = 0;
  const marked = text.replace(
    /^([ \t]*(?:- )?(image|tag): +)([^\s#|>{[&*!][^\s#]*)(?=[ \t]*\r?$)/gm,
    (line, _start, key, value) => {
      const isTemplate = value.includes('{{') || value.includes('}}');
      count += isTemplate ? 0 : 1;
      templates += isTemplate ? 1 : 0;
      return `${line} # {"$imagescan": "app${key === 'tag' ? ':tag' : ''}"}`;
    },
  );
  return { text: marked, count, templates };
}

/** Every node of every document, a scalar with its value; undefined for invalid YAML. */
function outline(text: string): string[] | undefined {
  const nodes: string[] = [];
  for (const document of parseAllDocuments(text, { uniqueKeys: false })) {
    if (!('errors' in document) || document.errors.length > 0) {
      return undefined;
    }
    visit(document, {
      Node: (key, node) => {
        const value = isScalar(node) ? JSON.stringify(node.value) : '';
        nodes.push(`${key === 'key' ? 'key ' : ''}${node.tag ?? ''} ${value}`);
      },
    });
  }
  return nodes;
}

/** Checks every manifest below a folder, and says of what kind they were. */
function checkFolder(name: string, folder: string): void {
  const totals = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => /\.ya?ml$/.test(path))
    .map(path => {
      try {
        return check(readFileSync(join(folder, path)).toString('latin1'));
      } catch (error) {
        throw new Error(`${path}: ${error}`, { cause: error });
      }
    });
  const markers = totals.reduce((sum, { count }) => sum + count, 0);
  const parsed = totals.filter(total => total.parsed).length;
  // eslint-disable-next-line no-console
  console.info(
    `${name}: ${totals.length} files, ${parsed} valid YAML, ${markers} markers`,
  );
  expect(parsed).toBeGreaterThan(20);
  expect(markers).toBeGreaterThan(20);
}

describe('manifests', () => {
  it.each(['fleet', 'kubernetes'])(
    'change at the marked values only: %s',
    name => {
      checkFolder(name, join(__dirname, '__fixtures__/manifests', name));
    },
  );
});

(reason ? describe.skip : describe)('manifests of others', () => {
  it.each(archives)('change at the marked values only: %s', archive => {
    const directory = mkdtempSync(join(tmpdir(), 'image-scan-samples-'));
    try {
      execFileSync('tar', ['-xzf', join(samples, archive), '-C', directory]);
      checkFolder(archive, directory);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

/** Markers that the `yaml` package takes for text, such as a manifest in a block text. */
function countInText(nodes: string[]): number {
  const holders = nodes.filter(node => node.includes('$imagescan'));
  return holders.join('').split('$imagescan').length - 1;
}

function check(original: string): { count: number; parsed: boolean } {
  const { text, count, templates } = mark(original);
  const source = Buffer.from(text, 'latin1');
  const { output, changes, problems } = rewriteManifest(source, images);
  const before = outline(text);
  const inText = countInText(before ?? []);
  expect(problems.filter(({ code }) => code === 'template')).toHaveLength(
    templates,
  );
  expect(problems).toHaveLength(templates + inText);
  expect(changes).toHaveLength(count - inText);
  expect(findMarkers(source).markers).toHaveLength(changes.length);
  expect(rewriteManifest(output, images).output).toBe(output);
  if (!before) {
    return { count, parsed: false };
  }
  const after = outline(output.toString('latin1')) ?? [];
  const values = [IMAGE, '7.20'].map(value => ` ${JSON.stringify(value)}`);
  const changed = before.filter((node, index) => node !== after[index]);
  const written = after.filter((node, index) => node !== before[index]);
  expect(after).toHaveLength(before.length);
  expect(changed).toHaveLength(changes.length);
  expect(changed.filter(node => node.startsWith('key'))).toEqual([]);
  expect(written.filter(node => !values.includes(node))).toEqual([]);
  return { count, parsed: true };
}
