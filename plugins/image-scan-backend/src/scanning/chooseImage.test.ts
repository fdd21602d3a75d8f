import { NotFoundError } from '@backstage/errors';
import type { ImagePolicy, TagRule } from 'backstage-plugin-image-scan-common';
import { RegistryError } from 'backstage-plugin-image-scan-node';
import { chooseImage } from './chooseImage';

const semver = (range: string) => ({ semver: { range } });
const digestOf = async (tag: string) => `sha256:of-${tag}`;
const refuse =
  (category: RegistryError['category'], ...tags: string[]) =>
  async (tag: string) => {
    if (tags.includes(tag)) {
      throw new RegistryError(category, `${tag} failed`);
    }
    return digestOf(tag);
  };

/** What a rule alone chooses. */
const choose = async (
  policy: ImagePolicy,
  tags: readonly string[],
  resolveDigest: (tag: string) => Promise<string>,
  filters: Partial<TagRule> = {},
) => {
  const rule = { policy, ...filters };
  const choice = await chooseImage({ rule, tags, resolveDigest });
  expect(choice.notes).toEqual({});
  return choice.result;
};

describe('chooseImage', () => {
  const tags = ['1.0.0', '1.2.0', '2.0.0-rc.1', '1.1.0', 'latest'];

  it('chooses by policy and finds the digest', async () => {
    await expect(choose(semver('*'), tags, digestOf)).resolves.toEqual({
      tag: '1.2.0',
      digest: 'sha256:of-1.2.0',
    });
    await expect(
      choose({ alphabetical: { order: 'desc' } }, tags, digestOf),
    ).resolves.toMatchObject({ tag: 'latest' });
  });

  it('chooses once more without a tag that vanished', async () => {
    await expect(
      choose(semver('*'), tags, refuse('not-found', '1.2.0')),
    ).resolves.toEqual({ tag: '1.1.0', digest: 'sha256:of-1.1.0' });
  });

  it('fails when a second one vanished', async () => {
    await expect(
      choose(semver('*'), tags, refuse('not-found', '1.2.0', '1.1.0')),
    ).rejects.toThrow('1.1.0 failed');
  });

  it('fails when the registry does, and takes no other tag', async () => {
    await expect(
      choose(semver('*'), tags, refuse('server-error', '1.2.0')),
    ).rejects.toThrow('1.2.0 failed');
  });

  it('says why no tag can be chosen', async () => {
    const choosing = choose(
      semver('^2.0.0'),
      [...tags, `sha256-${'a'.repeat(64)}.sig`],
      digestOf,
    );
    await expect(choosing).rejects.toThrow(NotFoundError);
    await expect(choosing).rejects.toThrow(
      /^no tag matches semver \^2\.0\.0: .*3 outside the range.*; 2\.0\.0-rc\.1 is a pre-release; write .*-0/,
    );
    await expect(choosing).rejects.toThrow(
      /1 not versions.*1 signatures and other artefacts|1 signatures and other artefacts.*1 not versions/,
    );
    await expect(choose(semver('*'), [], digestOf)).rejects.toThrow(
      'the registry lists no tags for this image',
    );
  });

  it('names the newest pre-release of a long list', async () => {
    const many = Array.from(
      { length: 3_000 },
      (_, i) => `1.0.0-rc.${i % 2_000}`,
    );
    await expect(
      choose(semver('*'), [...new Set(many)], digestOf),
    ).rejects.toThrow(
      /^no tag matches semver \*: 2000 pre-releases; 1\.0\.0-rc\.1999 is a pre-release/,
    );
  });

  it('says of tags of four numbers what they are not', async () => {
    await expect(
      choose(
        semver('>=0.0.1'),
        ['public', '1.9.7.4460-a39b25852', 'latest', '1.28.0.5999-97678ded3'],
        digestOf,
      ),
    ).rejects.toThrow(
      /^no tag matches semver >=0\.0\.1: 4 not versions; 1\.28\.0\.5999-97678ded3 is not a version: it has four numbers, and a version has three/,
    );
  });

  it('names the range that takes the newest date of a long list', async () => {
    const dates = Array.from(
      { length: 3_000 },
      (_, i) => `v${2_000 + (i % 25)}-01-${i}`,
    );
    await expect(
      choose(semver('*'), [...dates, 'v2026-1-30', 'v2026-09-01'], digestOf),
    ).rejects.toThrow(
      /v2026-09-01 is a pre-release; write >=0-0 !=2026\.0\.0-1-30 to allow$/,
    );
  });

  it('lets other work in while it goes through a list built to be slow', async () => {
    const slow = Array.from(
      { length: 20_000 },
      (_, i) => `1.0.0-${'a.'.repeat(40)}${100_000 + i}`,
    );
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 1);
    try {
      const range = Array.from({ length: 9 }, (_, i) => `<1.0.0-0.${i}`);
      await expect(
        choose(semver(range.join(' || ')), slow, digestOf),
      ).rejects.toThrow('20000 outside the range');
      await expect(
        choose(semver('>=0-0'), slow, digestOf),
      ).resolves.toMatchObject({ tag: slow[slow.length - 1] });
    } finally {
      clearInterval(ticking);
    }
    expect(turns).toBeGreaterThan(1);
  }, 30_000);

  describe('with filters', () => {
    const builds = {
      filterTags: { pattern: '^main-(\\d+)', extract: '$1' },
      exclusionList: ['-debug$'],
    };
    const chooseBuild = (list: string[], policy = { numerical: {} }) =>
      choose(policy, list, digestOf, builds);

    it('chooses by the value of the tags that compete', async () => {
      await expect(
        chooseBuild(['main-9', 'main-10', 'main-11-debug', '99', 'x.sig']),
      ).resolves.toMatchObject({ tag: 'main-10' });
      await expect(
        choose(
          { numerical: {} },
          ['main-9', 'main-10'],
          refuse('not-found', 'main-10'),
          builds,
        ),
      ).resolves.toMatchObject({ tag: 'main-9' });
    });

    it('counts why none can be chosen', async () => {
      await expect(
        chooseBuild(['dev-1', 'dev-2', 'main-1-debug', 'x.sig']),
      ).rejects.toThrow(
        /^no tag can be chosen of 4: 2 do not match the pattern, 1 excluded, 1 signatures and other artefacts$/,
      );
      await expect(chooseBuild([])).rejects.toThrow('lists no tags');
    });

    it('chooses nothing by a filter that cannot be used', async () => {
      await expect(
        choose({}, ['1.0.0'], digestOf, { filterTags: { pattern: '(' } }),
      ).rejects.toThrow(/^filterTags\.pattern: /);
    });
  });

  it('fails on a range that is none', async () => {
    await expect(choose(semver('not a range'), tags, digestOf)).rejects.toThrow(
      /not a range/,
    );
  });
});
