import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResolvedImage } from '../types';
import { findMarkers } from './findMarkers';
import { rewriteManifest } from './rewriteManifest';

interface Vector {
  id: string;
  note?: string;
  images: Record<string, ResolvedImage>;
  encoding?: 'base64';
  input: string;
  output: string;
}

const { vectors }: { vectors: Vector[] } = JSON.parse(
  readFileSync(join(__dirname, '__fixtures__/markers.json'), 'utf8'),
);

describe('marker vectors', () => {
  it.each(vectors)('$id', ({ images, encoding, input, output }) => {
    const source = Buffer.from(input, encoding ?? 'utf8');
    const expected = Buffer.from(output, encoding ?? 'utf8');
    const byName = new Map(Object.entries(images));

    const first = rewriteManifest(source, byName);
    expect(first.output.toString('latin1')).toBe(expected.toString('latin1'));
    expect(first.changes.length > 0).toBe(!source.equals(expected));
    expect(first.output === source).toBe(first.changes.length === 0);

    const second = rewriteManifest(first.output, byName);
    expect(second.output).toBe(first.output);
    expect(second.changes).toEqual([]);

    // Nothing that looks like a marker is passed over in silence.
    const { markers, problems } = findMarkers(source);
    const reported = new Set([...markers, ...problems].map(({ line }) => line));
    const lines = source.toString('latin1').replace(/\0/g, '').split('\n');
    const unreported = lines.filter(
      (text, index) => text.includes('$imagescan') && !reported.has(index + 1),
    );
    expect(unreported).toEqual([]);
  });
});
