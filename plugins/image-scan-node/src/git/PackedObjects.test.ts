import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { REPOSITORY_LIMITS } from '../limits';
import { UnsupportedRepositoryError } from './errors';
import { objectName, toObject } from './objects';
import type { GitObjectType } from './objects';
import { writePack } from './pack';
import { PackedObjects, UnreadablePackError } from './PackedObjects';

jest.setTimeout(60_000);

const REMOTE = 'https://host/repo';

/** A repository of real git, which makes the packs. */
class Repository {
  readonly directory = mkdtempSync(join(tmpdir(), 'image-scan-pack-'));

  constructor() {
    this.git(['init', '--quiet', '--bare', '--initial-branch=main', '.']);
  }

  git(args: readonly string[], input?: Buffer | string): Buffer {
    return execFileSync('git', args, {
      cwd: this.directory,
      input,
      maxBuffer: 256 * 1024 * 1024,
      env: {
        PATH: process.env.PATH,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
      },
    });
  }

  /** Commits files on top of the branch; answers the commit's name. */
  commit(files: Record<string, Buffer>): string {
    const parent = this.git(['rev-parse', '--revs-only', 'main']).toString();
    const data = (content: Buffer) =>
      Buffer.concat([
        Buffer.from(`data ${content.length}\n`),
        content,
        Buffer.from('\n'),
      ]);
    const input = [
      Buffer.from('commit refs/heads/main\ncommitter a <a@b> 0 +0000\n'),
      data(Buffer.from('message')),
      Buffer.from(parent ? `from ${parent}` : ''),
      ...Object.entries(files).flatMap(([path, content]) => [
        Buffer.from(`M 100644 inline ${path}\n`),
        data(content),
      ]),
    ];
    this.git(['fast-import', '--quiet'], Buffer.concat(input));
    return this.git(['rev-parse', 'main']).toString().trim();
  }

  /** Every object under a revision, as git itself reads it. */
  objects(...revisions: string[]): Map<string, [GitObjectType, Buffer]> {
    const names = this.git(['rev-list', '--objects', ...revisions])
      .toString()
      .split('\n')
      .filter(Boolean)
      .map(line => line.slice(0, 40));
    const output = this.git(
      ['cat-file', '--batch', '--buffer'],
      `${names.join('\n')}\n`,
    );
    const objects = new Map<string, [GitObjectType, Buffer]>();
    let at = 0;
    for (const oid of names) {
      const lineEnd = output.indexOf('\n', at);
      const [, type, size] = output.toString('latin1', at, lineEnd).split(' ');
      if (type !== 'commit' && type !== 'tree' && type !== 'blob') {
        throw new Error(`${oid} is a ${type}`);
      }
      const end = lineEnd + 1 + Number(size);
      objects.set(oid, [type, output.subarray(lineEnd + 1, end)]);
      at = end + 1;
    }
    return objects;
  }

  pack(revisions: readonly string[], ...options: string[]): Buffer {
    return this.git(
      ['pack-objects', '--revs', '--stdout', '-q', ...options],
      `${revisions.join('\n')}\n`,
    );
  }
}

/** Versions of a text that differ little, so that git packs them as deltas. */
function similarTexts(count: number): Buffer[] {
  const lines = Array.from({ length: 200 }, (_, line) => `line ${line * 7919}`);
  return Array.from({ length: count }, (_, version) => {
    lines[(version * 37) % lines.length] = `changed in ${version}`;
    return Buffer.from(lines.join('\n'));
  });
}

/** How many entries of a pack are deltas, as git verifies it. */
function countDeltas(pack: Buffer): number {
  const repository = new Repository();
  try {
    repository.git(['index-pack', '--stdin', 'check.pack'], pack);
    const listing = repository.git(['verify-pack', '-v', 'check.idx']);
    // name, type, size, packed size, offset; and for a delta its depth and base
    return listing
      .toString()
      .split('\n')
      .filter(line => /^[0-9a-f]{40}( +\S+){6}$/.test(line)).length;
  } finally {
    rmSync(repository.directory, { recursive: true });
  }
}

/** Whether what a pack has of some objects is what they are. */
async function holdsOnly(
  packed: PackedObjects,
  objects: Map<string, [GitObjectType, Buffer]>,
): Promise<boolean> {
  for (const [oid, [type, content]] of objects) {
    if (packed.has(oid) && !(await packed.read(oid, type)).equals(content)) {
      return false;
    }
  }
  return true;
}

async function expectSame(
  packed: PackedObjects,
  objects: Map<string, [GitObjectType, Buffer]>,
) {
  for (const [oid, [type, content]] of objects) {
    expect(packed.has(oid)).toBe(true);
    const read = await packed.read(oid, type);
    expect(read.equals(content)).toBe(true);
  }
}

describe('PackedObjects', () => {
  const repository = new Repository();
  const texts = similarTexts(40);
  const files = (version: number) => ({
    'a/text.yaml': texts[version],
    'a/b/c/other.yaml': texts[version + 1],
    [`v/${version}.yaml`]: texts[(version * 3) % 40],
  });
  const first = repository.commit({
    ...files(0),
    empty: Buffer.alloc(0),
    binary: randomBytes(300),
    large: randomBytes(700_000),
    'large-and-even': Buffer.alloc(6_000_000, 'abc'),
  });
  for (let version = 1; version < 30; version += 1) {
    repository.commit(files(version));
  }

  afterAll(() => rmSync(repository.directory, { recursive: true }));

  it.each([
    ['whole objects', ['--window=0']],
    ['deltas by offset', ['--delta-base-offset', '--window=50', '--depth=50']],
    ['deltas by reference', ['--window=50', '--depth=50']],
  ])('reads %s as git does', async (kind, options) => {
    const pack = repository.pack(['main'], ...options);
    const packed = await PackedObjects.read(pack, { remote: REMOTE });
    const objects = repository.objects('main');
    await expectSame(packed, objects);
    expect([...packed.namesOf('commit')]).toHaveLength(30);
    expect([...packed.namesOf('tree')].sort()).toEqual(
      [...objects]
        .filter(([, [type]]) => type === 'tree')
        .map(([oid]) => oid)
        .sort(),
    );
    const deltas = countDeltas(pack);
    expect(deltas > 20).toBe(kind !== 'whole objects');
  });

  it('reads a thin pack with what is here, and no other', async () => {
    const pack = repository.pack(['main', `^${first}`], '--thin');
    const here = repository.objects(first);
    const baseOf = (oid: string) => {
      const [type, content] = here.get(oid) ?? [];
      return type && content && { type, content };
    };
    const packed = await PackedObjects.read(pack, { remote: REMOTE, baseOf });
    const objects = repository.objects('main', `^${first}`);
    await expectSame(packed, objects);
    await expect(PackedObjects.read(pack, { remote: REMOTE })).rejects.toThrow(
      UnreadablePackError,
    );
  });

  it('reads a delta that stands before its base', async () => {
    const base = toObject('blob', texts[0]);
    const result = Buffer.concat([texts[0], Buffer.from('!')]);
    const { length } = texts[0];
    const size = (value: number) => [0x80 | value % 128, value >> 7];
    const delta = Buffer.from([
      ...size(length),
      ...size(length + 1),
      ...[0xb0, length % 256, length >> 8],
      ...[1, 0x21],
    ]);
    const pack = packOf([
      [refDeltaHeader(delta.length, base.oid), delta],
      [blobHeader(length), texts[0]],
    ]);
    const packed = await PackedObjects.read(pack, { remote: REMOTE });
    const oid = objectName('blob', result);
    expect((await packed.read(oid, 'blob')).equals(result)).toBe(true);
  });

  it('makes each object of a long chain from the one before', async () => {
    const length = 2_000;
    const size = [0x80 | length % 128, length >> 7];
    let content = Buffer.alloc(length, 'x');
    const entries: [Buffer, Buffer][] = [[blobHeader(length), content]];
    const names = [objectName('blob', content)];
    for (let index = 1; index <= 300; index += 1) {
      // All but the last two bytes of the one before, and two of its own.
      const kept = length - 2;
      const own = [index % 256, index >> 8];
      const delta = Buffer.from([
        ...size,
        ...size,
        ...[0xb0, kept % 256, kept >> 8],
        ...[2, ...own],
      ]);
      entries.push([refDeltaHeader(delta.length, names[index - 1]), delta]);
      content = Buffer.concat([content.subarray(0, kept), Buffer.from(own)]);
      names.push(objectName('blob', content));
    }
    // All of them once, and never again from the first one on.
    const unfoldedBytes = 301 * (length + 20);
    const packed = await PackedObjects.read(packOf(entries), {
      remote: REMOTE,
      limits: { ...REPOSITORY_LIMITS, unfoldedBytes, unfoldedPerByte: 0 },
    });
    expect(packed.unread).toBeUndefined();
    for (const name of names) {
      const read = await packed.read(name, 'blob');
      expect(objectName('blob', read)).toBe(name);
    }
  });

  it('reads contents again that it did not keep', async () => {
    // More than is kept, each a delta or a whole.
    const other = new Repository();
    try {
      const large = Array.from({ length: 9 }, (_, index) =>
        Buffer.concat([Buffer.alloc(9_000_000, 'xyz'), Buffer.from([index])]),
      );
      const entries = Object.fromEntries(
        large.map((content, index) => [`f${index}`, content]),
      );
      other.commit(entries);
      const pack = other.pack(['main'], '--delta-base-offset');
      const packed = await PackedObjects.read(pack, { remote: REMOTE });
      const objects = other.objects('main');
      await expect(holdsOnly(packed, objects)).resolves.toBe(true);
      expect([...packed.namesOf('blob')]).toHaveLength(large.length);
    } finally {
      rmSync(other.directory, { recursive: true });
    }
  });

  it('notices damage, wherever it is', async () => {
    const small = new Repository();
    small.commit({ a: texts[0], b: texts[1] });
    const pack = small.pack(['main'], '--delta-base-offset');
    rmSync(small.directory, { recursive: true });
    for (let at = 0; at < pack.length; at += 1) {
      const damaged = Buffer.from(pack);
      damaged[at] ^= 0x11;
      await expect(
        PackedObjects.read(damaged, { remote: REMOTE }),
      ).rejects.toThrow(UnreadablePackError);
      await expect(
        PackedObjects.read(pack.subarray(0, at), { remote: REMOTE }),
      ).rejects.toThrow(UnreadablePackError);
    }
  });

  it('gives away only what the checked content is called', async () => {
    // The checksum is right, the entries are not: as a hostile server has it.
    const small = new Repository();
    small.commit({ a: texts[0], b: texts[1] });
    const pack = small.pack(['main'], '--delta-base-offset');
    const objects = small.objects('main');
    rmSync(small.directory, { recursive: true });
    const wrong: number[] = [];
    for (let at = 12; at < pack.length - 20; at += 1) {
      const damaged = Buffer.from(pack);
      damaged[at] ^= 0x11;
      const outcome = await PackedObjects.read(sealed(damaged), {
        remote: REMOTE,
      }).catch(error => error);
      const isHarmless =
        outcome instanceof PackedObjects
          ? await holdsOnly(outcome, objects)
          : outcome instanceof UnreadablePackError ||
            outcome instanceof UnsupportedRepositoryError;
      if (!isHarmless) {
        wrong.push(at);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['an entry of no type', packOf([[Buffer.from([0x00]), Buffer.alloc(0)]])],
    [
      'an object that is longer than it says',
      packOf([[blobHeader(3), Buffer.from('four')]]),
    ],
    [
      'an object that is shorter than it says',
      packOf([[blobHeader(5), Buffer.from('four')]]),
    ],
    [
      'deltas that stand on each other',
      packOf([
        [refDeltaHeader(2, '1'.repeat(40)), Buffer.from([0, 0])],
        [refDeltaHeader(2, '2'.repeat(40)), Buffer.from([0, 0])],
      ]),
    ],
    [
      'a delta that stands on itself',
      packOf([[Buffer.from([0x62, 0x00]), Buffer.from([0, 0])]]),
    ],
    [
      'a delta that stands before the pack',
      packOf([[Buffer.from([0x62, 0x7f]), Buffer.from([0, 0])]]),
    ],
    ['fewer entries than it says', packOf([], 1)],
    [
      'more entries than it says',
      packOf([[blobHeader(0), Buffer.alloc(0)]], 0),
    ],
  ])('refuses %s', async (_, pack) => {
    await expect(PackedObjects.read(pack, { remote: REMOTE })).rejects.toThrow(
      `${REMOTE} sent a pack that is damaged`,
    );
  });

  it('refuses an object that is too large before it unpacks it', async () => {
    const pack = packOf([[blobHeader(2 ** 40), Buffer.from('small')]]);
    await expect(PackedObjects.read(pack, { remote: REMOTE })).rejects.toThrow(
      UnsupportedRepositoryError,
    );
  });

  it('tells what is missing, and what is something else', async () => {
    const blob = toObject('blob', Buffer.from('x'));
    const packed = await PackedObjects.read(writePack([blob]), {
      remote: REMOTE,
    });
    await expect(packed.read(blob.oid, 'tree')).rejects.toThrow(
      'as a blob, not as a tree',
    );
    await expect(packed.read('0'.repeat(40), 'tree')).rejects.toThrow(
      `${REMOTE} left the tree`,
    );
  });

  it('leaves room for other work', async () => {
    const blobs = Array.from({ length: 3000 }, (_, index) =>
      toObject('blob', Buffer.from(`${index}`.repeat(300))),
    );
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await PackedObjects.read(writePack(blobs), { remote: REMOTE });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

/** A pack of entries: what stands before each, and its bytes before deflation. */
function packOf(
  entries: readonly [header: Buffer, data: Buffer][],
  count = entries.length,
): Buffer {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
  header.writeUInt32BE(count, 8);
  return sealed(
    Buffer.concat([
      header,
      ...entries.flatMap(([before, data]) => [before, deflateSync(data)]),
      Buffer.alloc(20),
    ]),
  );
}

/** With the checksum that its bytes have. */
function sealed(pack: Buffer): Buffer {
  const body = pack.subarray(0, -20);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

function entryHeader(kind: number, size: number): Buffer {
  const bytes = [kind * 16 + (size % 16)];
  for (
    let rest = Math.floor(size / 16);
    rest > 0;
    rest = Math.floor(rest / 128)
  ) {
    bytes[bytes.length - 1] += 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

function blobHeader(size: number): Buffer {
  return entryHeader(3, size);
}

function refDeltaHeader(size: number, base: string): Buffer {
  return Buffer.concat([entryHeader(7, size), Buffer.from(base, 'hex')]);
}
