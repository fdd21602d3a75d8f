import assert from 'node:assert';
import {
  mayHoldMarkers,
  rewriteManifest,
} from 'backstage-plugin-image-scan-node';
import { parseAllDocuments } from 'yaml';
import type { Bench, BenchOptions, BenchResult } from './Bench';
import { growthResult } from './growth';
import { compare, measureAlone } from './measure';

const MARKED_EVERY = 100;
const TOKEN = '$imagescan';

const images = new Map([
  ['web', { image: 'registry.example.com/team/web', tag: '1.1.0' }],
]);

function manifest(index: number): Buffer {
  const marker =
    index % MARKED_EVERY === 0 ? '# {"$imagescan": "web"}' : '# no marker';
  return Buffer.from(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${index}
  labels: { app: web, tier: "front" }
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: registry.example.com/team/web:1.0.0 ${marker}
          env:
            - { name: LOG_LEVEL, value: info }
            - { name: PORT, value: "8080" }
          ports:
            - containerPort: 8080
          resources:
            limits: { cpu: 500m, memory: 256Mi }
            requests:
              cpu: 100m
              memory: 128Mi
`);
}

/** What the updates do with the files that they read. */
function rewriteAll(files: readonly Buffer[]): Buffer[] {
  return files.flatMap(source => {
    if (!mayHoldMarkers(source)) {
      return [];
    }
    const { output } = rewriteManifest(source, images);
    return output === source ? [] : [output];
  });
}

/** What a rewriter does that knows nothing better. */
function parseAndPrintAll(files: readonly Buffer[]): string[] {
  return files.map(source =>
    parseAllDocuments(source.toString()).map(String).join('---\n'),
  );
}

function checkRewritten(files: readonly Buffer[]): void {
  const expected = files
    .filter(source => source.includes(TOKEN))
    .map(source => source.toString().replace('web:1.0.0 ', 'web:1.1.0 '));
  assert.strictEqual(expected.length, files.length / MARKED_EVERY);
  assert.deepStrictEqual(rewriteAll(files).map(String), expected);
}

async function growth(
  files: readonly Buffer[],
  { rounds }: BenchOptions,
): Promise<BenchResult> {
  const sizes = [files.length / 100, files.length / 10, files.length];
  const medians: number[] = [];
  for (const size of sizes) {
    const some = files.slice(0, size);
    // As often as makes all sizes equally long: what is short is interrupted
    // less on a busy machine, and would look cheaper than it is.
    const repetitions = Array.from({ length: files.length / size });
    const run = () => repetitions.forEach(() => rewriteAll(some));
    medians.push((await measureAlone({ run }, rounds)) / repetitions.length);
  }
  const path = `rewrite ${sizes.join(', ')} files`;
  return growthResult({ path, sizes, values: medians, atMost: 1.1 });
}

/** Rewriting the markers of the files of a repository. */
export const rewriting: Bench = {
  name: 'rewriting',
  async run(options) {
    const count = options.short ? 500 : 10_000;
    const files = Array.from({ length: count }, (_, index) => manifest(index));
    checkRewritten(files);
    const unmarked = files.filter(source => !source.includes(TOKEN));
    return [
      await compare(
        {
          path: `rewrite ${count} files, ${count / MARKED_EVERY} marked`,
          ours: { run: () => rewriteAll(files) },
          peer: 'parse and print with `yaml`',
          theirs: { run: () => parseAndPrintAll(files) },
          atMost: 0.15,
        },
        options,
      ),
      await compare(
        {
          path: `look into ${unmarked.length} files without a marker`,
          ours: { run: () => rewriteAll(unmarked) },
          peer: '`Buffer.includes` of each',
          theirs: { run: () => unmarked.map(source => source.includes(TOKEN)) },
        },
        options,
      ),
      await growth(files, options),
    ];
  },
};
