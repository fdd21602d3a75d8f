import type { UpdateChange } from 'backstage-plugin-image-scan-common';
import { forgeCapabilities, renderNewerValues, renderPullRequest } from '.';
import type { PullRequestContext } from '.';

const change: UpdateChange = {
  file: 'apps/redis.yaml',
  line: 12,
  tagName: 'redis',
  imageScanId: 's1',
  form: 'tag',
  from: '7.2.4',
  to: '7.4.0',
};

const context: PullRequestContext = {
  gitRepo: 'fleet-local/my-repo',
  base: 'main',
  changes: [change],
  titleTemplate: 'Update {{ scans }}',
  scans: new Map([
    ['s1', { image: 'docker.io/library/redis', reason: 'highest in ^7' }],
  ]),
  page: new URL('https://backstage.example/image-scan?gitRepo=my-repo'),
};

const github = forgeCapabilities('github');

describe('renderPullRequest', () => {
  it('has a table of what changes, where and why', () => {
    expect(renderPullRequest(context, github)).toEqual({
      title: 'Update redis',
      body: [
        'Newer images for `fleet-local/my-repo`, to be merged into `main`:',
        '',
        '| Image | From | To | File | Why |',
        '| --- | --- | --- | --- | --- |',
        '| `docker.io/library/redis` | `7.2.4` | `7.4.0` | `apps/redis.yaml:12` | `highest in ^7` |',
        '',
        'Newer tags rebuild this branch as long as nobody else commits to it. Closing this pull request without merging it declines these values; newer ones come in another.',
        '',
        '[All scans of this repository](https://backstage.example/image-scan?gitRepo=my-repo)',
      ].join('\n'),
    });
  });

  it.each([
    'a | b',
    'a \\| b',
    '`code`',
    '``` \n# title',
    '<img src=x onerror=alert(1)>',
    '@everyone',
    'org/repo#12 !5 fixes #3',
    '[x](javascript:alert(1))',
    'line\r\n| --- |\u2028\u0085next',
    '\u202egnp.exe\u200b',
    '\\',
    '-->',
    '&lt;b&gt;',
    '**bold** _x_ ~~y~~',
    'a'.repeat(5_000),
    '',
  ])('lets nothing out of its cell: %j', text => {
    const hostile: UpdateChange = {
      ...change,
      file: text,
      from: text,
      to: text,
      tagName: text,
    };
    const { title, body } = renderPullRequest(
      {
        ...context,
        gitRepo: text,
        changes: [hostile, change],
        scans: new Map([['s1', { image: text, reason: text }]]),
      },
      github,
    );
    const lines = body.split('\n');
    // Two rows, and no line more than without it.
    expect(lines).toHaveLength(10);
    for (const row of lines.slice(4, 6)) {
      expect(row.split('|')).toHaveLength(7);
      expect(row.replace(/`[^`]*`|\(empty\)/g, '')).toMatch(/^[| ]+$/);
    }
    expect(lines[0].match(/`/g)?.length).toBe(text === '' ? 2 : 4);
    expect(title).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
    expect(title.length).toBeLessThanOrEqual(github.titleLength);
  });

  it.each(['azure', 'bitbucketServer', 'github'] as const)(
    'stays within what %s can hold, and counts what is left out',
    type => {
      const capabilities = forgeCapabilities(type);
      const changes = Array.from({ length: 5_000 }, (_, n) => ({
        ...change,
        line: n + 1,
        tagName: `scan-${n}`,
      }));
      const { title, body } = renderPullRequest(
        { ...context, changes },
        capabilities,
      );
      expect(title.length).toBe(capabilities.titleLength);
      expect(title.endsWith('…')).toBe(true);
      expect(body.length).toBeLessThanOrEqual(capabilities.bodyLength);
      expect(body.length).toBeGreaterThan(capabilities.bodyLength - 250);
      const shown = body.split('\n').filter(line => line.startsWith('| `'));
      expect(body).toContain(
        `… and ${
          5_000 - shown.length
        } more, all of which the changed files show.`,
      );
      expect(body.endsWith('gitRepo=my-repo)')).toBe(true);
    },
  );

  it('cuts no character of a title in two', () => {
    const { title } = renderPullRequest(
      { ...context, titleTemplate: '🚀'.repeat(200) },
      github,
    );
    expect(title).toMatch(/^(?:🚀)+…$/u);
    expect(title.length).toBeLessThanOrEqual(github.titleLength);
  });

  it('refuses a variable that there is not', () => {
    expect(() =>
      renderPullRequest({ ...context, titleTemplate: '{{ author }}' }, github),
    ).toThrow(/\{\{ author \}\}/);
  });

  it('writes a link that Markdown cannot end', () => {
    const { body } = renderPullRequest(
      { ...context, page: new URL('https://b.example/a_(b)?x=[1]*') },
      github,
    );
    expect(body).toContain('(https://b.example/a%5F%28b%29?x=%5B1%5D%2A)');
  });
});

describe('renderNewerValues', () => {
  it('lists them as code, and counts what is too much', () => {
    expect(
      renderNewerValues([{ file: 'a`*.yaml', to: '@team 1.2' }]).split('\n'),
    ).toEqual([
      'Others have committed to this branch, so it is left as it is. Newer by now:',
      '',
      '- `@team 1.2` in `aˋ*.yaml`',
    ]);
    const many = Array.from({ length: 60 }, () => change);
    expect(renderNewerValues(many)).toMatch(/… and 10 more\.$/);
  });
});
