import type { Entries, RawRepository } from './RawRepository';

/** A few KiB that stand for far more, beside what honest people have. */
export interface Bomb {
  name: string;
  build(repository: RawRepository): Entries;
  /** What is said of it: the limit, its figure, and what to do. */
  says: RegExp;
  /** Whether the repository cannot be read as a whole; else the rest goes on. */
  isFatal?: boolean;
}

const marker = (name: string) => `# {"$imagescan": "${name}"}`;

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function definitions(count: number): string {
  const entries = numbered(
    count,
    index =>
      `- {tagName: s${index}, image: a.example/b${index}, suspend: true}\n`,
  );
  return `imageScans:\n${entries.join('')}`;
}

function entriesOf(
  count: number,
  make: (index: number) => readonly [string, Entries[string]],
): Entries {
  return Object.fromEntries(numbered(count, make));
}

/** Scans in every folder at or above their markers. */
function folders(places: number, depth: number, scans: number): Bomb['build'] {
  return repository => {
    const marked = numbered(scans, index => `- b:1 ${marker(`s${index}`)}\n`);
    const deep = repository.nested(
      'a',
      depth,
      repository.folder({
        'm.yaml': repository.file(`a:\n${marked.join('')}`),
      }),
    );
    return {
      'fleet.yaml': repository.file(definitions(scans)),
      ...entriesOf(places, index => [`d${index}`, deep]),
    };
  };
}

/** Files of many bytes or tokens that compress to nothing. */
function contents(
  count: number,
  bytes: number,
  line: string,
  file = 'm.yaml',
  head = `a: b:1 ${marker('good')}\n`,
): Bomb['build'] {
  return repository => {
    const fill = Buffer.alloc(bytes, line);
    return entriesOf(count, index => [
      `c${index}`,
      repository.folder({
        [file]: repository.file(
          Buffer.concat([Buffer.from(`# ${index}\n${head}`), fill]),
        ),
      }),
    ]);
  };
}

/** Folders that hold each other many times over. */
function doubling(levels: number, name: string, times: number): Bomb['build'] {
  return repository => {
    let folder = repository.folder({
      'm.yaml': repository.file(`a: b:1 ${marker('good')}\n`),
    });
    for (let level = 0; level < levels; level += 1) {
      const inner = folder;
      folder = repository.folder(
        entriesOf(times, index => [`${name}${index}`, inner]),
      );
    }
    return { d: folder };
  };
}

/** One file under many names. */
function names(count: number, file: string, content: string): Bomb['build'] {
  return repository => {
    const folder = repository.folder({ [file]: repository.file(content) });
    return entriesOf(count, index => [`n${index}`, folder]);
  };
}

/** In the order of their cost, as it was before there were limits. */
export const bombs: readonly Bomb[] = [
  {
    name: 'scans in deep folders',
    build: folders(100, 400, 150),
    says: /folders of scans with 4 MiB of paths are stored of a git repo \(limit folders\); narrow spec\.paths/,
  },
  {
    name: 'contents of forty megabytes',
    build: contents(10, 40_000_000, 'x\n'),
    says: /is larger than 32 MiB, the most that is read|unfold from .* the most that is read of so little; remove/,
  },
  {
    name: 'folders that hold each other, under long names',
    build: doubling(20, 'n'.repeat(200), 2),
    says: /more than 64 MiB of paths, the most that is gone through \(limit pathBytes\); narrow spec\.paths/,
    isFatal: true,
  },
  {
    name: 'folders that hold each other, under short names',
    build: doubling(9, 'a', 10),
    says: /the most that is gone through \(limit (entries|places)\); narrow spec\.paths/,
    isFatal: true,
  },
  {
    name: 'manifests of many tokens',
    build: contents(5, 5_000_000, 'x\n'),
    says: /too many tokens of YAML .* 1,000,000 are read beyond 2,000 of each file with markers \(limit markerTokens\); divide the file/,
  },
  {
    name: 'manifests below the limit of lines',
    build: contents(30, 900_000, '- x\n'),
    says: /limit markerTokens\); divide the file/,
  },
  {
    name: 'definitions of many tokens',
    build: contents(
      15,
      1_000_000,
      'k: v\n',
      'fleet.yaml',
      'imageScans: [{tagName: a, image: b}]\n',
    ),
    says: /tokens of YAML \(names, values, signs and line ends; limit definitionTokens\), the most that is read of it; move imageScans/,
  },
  {
    name: 'markers that do nothing, under many names',
    build: names(500, 'm.yaml', `a: b ${marker('nobody')}\n`.repeat(1_000)),
    says: /more problems are not listed, .* at most 1,000 with 256 KiB of text are kept of a git repo \(limit problems\); mend/,
  },
  {
    name: 'broken entries, under many names',
    build: names(
      2_000,
      'fleet.yaml',
      `imageScans:\n${'- {x: 1}\n'.repeat(1_500)}`,
    ),
    says: /more problems are not listed, .* \(limit problems\); mend/,
  },
  {
    name: 'definitions, under many names',
    build: names(1_000, 'fleet.yaml', definitions(1_500)),
    says: /a git repo can have 10,000 \(limit definitions\)/,
  },
  {
    name: 'markers, under many names',
    build: names(1_000, 'm.yaml', `- b:1 ${marker('good')}\n`.repeat(500)),
    says: /a git repo can have 50,000 with 8 MiB of paths and values \(limit markers\)/,
  },
];
