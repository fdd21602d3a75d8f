import assert from 'node:assert';
import { selectTag } from 'backstage-plugin-image-scan-common';
import {
  mayHoldMarkers,
  rewriteManifest,
} from 'backstage-plugin-image-scan-node';
import { parseAllDocuments } from 'yaml';
import { Comparison } from './measure';

const TAG_COUNT = 10_000;
const FILE_COUNT = 10_000;
const MARKED_EVERY = 100;

/** The newest of many tags, beside reading the answer that lists them. */
export function chooseTag(): Comparison {
  const tags = Array.from(
    { length: TAG_COUNT },
    (_, index) =>
      `${index % 7}.${index % 97}.${index}${index % 5 === 0 ? '-rc.1' : ''}`,
  );
  const body = JSON.stringify({ name: 'app', tags });
  const policy = { semver: { range: '^6' } };
  const { selected } = selectTag(policy, tags);
  assert.match(selected ?? '', /^6\.96\.\d+$/);
  return {
    name: `choose among ${TAG_COUNT} tags`,
    run: () => selectTag(policy, tags),
    peer: { name: 'JSON.parse of the list', run: () => JSON.parse(body) },
  };
}

/** Rewriting a repository, beside reading and printing it as YAML. */
export function rewriteFiles(): Comparison {
  const manifest = (marker: string) =>
    Buffer.from(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
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
`);
  const files = Array.from({ length: FILE_COUNT }, (_, index) =>
    manifest(
      index % MARKED_EVERY === 0 ? '# {"$imagescan": "web"}' : '# no marker',
    ),
  );
  const images = new Map([
    ['web', { image: 'registry.example.com/team/web', tag: '1.1.0' }],
  ]);
  const rewrite = () =>
    files.filter(
      source =>
        mayHoldMarkers(source) &&
        rewriteManifest(source, images).output !== source,
    );
  assert.strictEqual(rewrite().length, FILE_COUNT / MARKED_EVERY);
  return {
    name: `rewrite ${FILE_COUNT} files, ${FILE_COUNT / MARKED_EVERY} marked`,
    run: rewrite,
    peer: {
      name: 'parse and print them with yaml',
      run: () =>
        files.map(source => parseAllDocuments(source.toString()).map(String)),
    },
  };
}
