import { execFileSync } from 'node:child_process';
import { toCommit } from './commitObject';
import { objectName } from './objects';

const request = {
  files: new Map(),
  message: 'm',
  author: { name: 'a', email: 'e' },
};
const [tree, parent] = ['1'.repeat(40), '2'.repeat(40)];

/** The bytes of a commit as git's documentation describes them. */
function plainCommit({
  message,
  author,
  time,
}: {
  message: string;
  author: { name: string; email: string };
  time: Date;
}): Buffer {
  const seconds = Math.floor(time.getTime() / 1000);
  const person = `${author.name.trim()} <${author.email.trim()}> ${seconds} +0000`;
  const end = message.endsWith('\n') ? '' : '\n';
  return Buffer.from(
    `tree ${tree}\nparent ${parent}\nauthor ${person}\ncommitter ${person}\n\n${message}${end}`,
  );
}

/** The same numbers each time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const pieces = [
  ...['a', 'Z', ' ', '\n', '\n\n', '\r', '\r\n', '\t', '\u2028', '\uFEFF'],
  ...['ü', '图像', '🚀', '\uD800', 'e\u0301', '\\0n', '$&', '# no comment'],
  ...['\ngpgsig -----BEGIN', '\ntree 1', '-----END PGP SIGNATURE-----\n'],
];
const nameParts = ['a', 'B ', 'ö', '名', '🤖', '\uD800', '"', '.', '[bot]'];

function randomRequest(random: (below: number) => number) {
  const text = (parts: readonly string[], most: number) =>
    Array.from(
      { length: random(most) },
      () => parts[random(parts.length)],
    ).join('');
  return {
    files: new Map(),
    message: `${text(pieces, 5)}x${text(pieces, 12)}`,
    author: { name: `${text(nameParts, 4)}n`, email: text(nameParts, 4) },
    time: new Date(random(2_000_000_000) * 2_000 + random(1_000)),
  };
}

// Two thousand commits take seconds where the machine is busy.
jest.setTimeout(60_000);

describe('toCommit', () => {
  it('writes seconds, and the line break that git would add', async () => {
    const time = new Date(1_700_000_000_999);
    const { content } = await toCommit({ ...request, time }, tree, parent);
    expect(content.toString()).toBe(
      `tree ${tree}\nparent ${parent}\nauthor a <e> 1700000000 +0000\ncommitter a <e> 1700000000 +0000\n\nm\n`,
    );
  });

  it('takes over every other byte of the message and the author', async () => {
    const random = randomFrom(20_261_129);
    for (let round = 0; round < 500; round += 1) {
      const some = randomRequest(random);
      const commit = await toCommit(some, tree, parent);
      const expected = plainCommit(some);
      expect(commit.content.toString('latin1')).toBe(
        expected.toString('latin1'),
      );
      expect(commit.oid).toBe(objectName('commit', expected));
    }
  });

  it('is named as git names it', async () => {
    const random = randomFrom(7);
    for (let round = 0; round < 20; round += 1) {
      const { oid, content } = await toCommit(
        randomRequest(random),
        tree,
        parent,
      );
      const named = execFileSync(
        'git',
        ['hash-object', '-t', 'commit', '--stdin'],
        { input: content, env: { PATH: process.env.PATH } },
      );
      expect(named.toString().trim()).toBe(oid);
    }
  });

  it('makes many at the same time', async () => {
    const times = Array.from({ length: 50 }, (_, n) => new Date(n * 1000));
    const commits = await Promise.all(
      times.map(time => toCommit({ ...request, time }, tree, parent)),
    );
    expect(commits.map(({ oid }) => oid)).toEqual(
      times.map(time =>
        objectName('commit', plainCommit({ ...request, time })),
      ),
    );
  });

  it.each([
    { author: { name: '', email: 'e' } },
    { author: { name: 'a\nparent x', email: 'e' } },
    { author: { name: 'a <b', email: 'e' } },
    { author: { name: 'a', email: 'e>' } },
    { message: '' },
    { message: 'a\0b' },
  ])('refuses %j', async wrong => {
    await expect(
      toCommit({ ...request, ...wrong }, tree, parent),
    ).rejects.toMatchObject({ name: 'InputError' });
  });
});
