import type { TagRule } from 'backstage-plugin-image-scan-common';
import { parseImageScans } from '../parseImageScans';
import { findUnwatched } from './findUnwatched';
import { planAdoption } from './planAdoption';
import type { ImageToTake } from './planAdoption';
import { proposeRule } from './proposeRule';

const RULE: TagRule = {
  filterTags: { pattern: "^(\\d+)-it's$", extract: '$1' },
  policy: { semver: { range: '^1.4' } },
};

const POD = 'kind: Pod\nspec:\n  containers:\n    - image: acme/web:1.4.0\n';

const take: ImageToTake = {
  file: 'app/a.yaml',
  line: 4,
  tagName: 'web',
  form: 'image',
  image: 'acme/web',
  rule: RULE,
};

function plan(
  files: Record<string, string>,
  images: readonly ImageToTake[] = [take],
): Record<string, string> {
  const planned = planAdoption(
    new Map(
      Object.entries({ 'app/a.yaml': POD, ...files }).map(([file, text]) => [
        file,
        Buffer.from(text),
      ]),
    ),
    images,
  );
  return Object.fromEntries(
    Array.from(planned, ([file, text]) => [file, `${text}`]),
  );
}

const ENTRY = `- tagName: web
  image: acme/web
  filterTags:
    pattern: '^(\\d+)-it''s$'
    extract: '$1'
  policy:
    semver:
      range: '^1.4'
`;

const OTHER =
  '- tagName: db\n  image: acme/db\n  policy: {semver: {range: "*"}}\n';

describe('planAdoption', () => {
  it('marks an image and defines its scan beside it', () => {
    const planned = plan({});
    expect(planned).toEqual({
      'app/a.yaml': POD.replace('1.4.0', '1.4.0 # {"$imagescan": "web"}'),
      'app/imagescans.yaml': `imageScans:\n${ENTRY}`,
    });
    expect(parseImageScans(planned['app/imagescans.yaml'])).toMatchObject({
      errors: [],
      scans: [{ ...RULE, tagName: 'web', image: 'acme/web', warnings: [] }],
    });
  });

  it.each<TagRule>([
    { policy: { numerical: { order: 'asc' } } },
    { policy: { alphabetical: { order: 'desc' } }, exclusionList: ['a', 'b'] },
    { filterTags: { pattern: '^x$' }, policy: { newest: {} } },
    { policy: { semver: { range: '1.20', strict: true } } },
    { policy: { numerical: {} } },
  ])('writes the rule %j so that it reads the same', rule => {
    const planned = plan({}, [{ ...take, rule }]);
    const { scans } = parseImageScans(planned['app/imagescans.yaml']);
    expect(scans).toEqual([expect.objectContaining(rule)]);
  });

  it('appends in the manner of the file', () => {
    const indented = OTHER.replace(/^/gm, '  ').trimEnd();
    expect(
      plan({ 'imagescans.yaml': `imageScans:\n${indented}\n# end\n` }),
    ).toMatchObject({
      'imagescans.yaml': `imageScans:\n${indented}\n${ENTRY.replace(
        /^(?=.)/gm,
        '  ',
      )}# end\n`,
    });
    const crlf = `imageScans:\n${OTHER}`.replaceAll('\n', '\r\n');
    expect(plan({ 'imagescans.yaml': crlf })).toMatchObject({
      'imagescans.yaml': crlf + ENTRY.replaceAll('\n', '\r\n'),
    });
  });

  it('lets images share a scan, a new one or one that is there', () => {
    const files = { 'app/b.yaml': POD };
    const both = [take, { ...take, file: 'app/b.yaml' }];
    expect(plan(files, both)).toMatchObject({
      'app/b.yaml': expect.stringContaining('$imagescan'),
      'app/imagescans.yaml': `imageScans:\n${ENTRY}`,
    });
    const existing = `imageScans:\n${OTHER.replaceAll('db', 'web')}`;
    expect(
      Object.keys(plan({ ...files, 'imagescans.yaml': existing }, both)),
    ).toEqual(['app/a.yaml', 'app/b.yaml']);
  });

  it.each<[string, Record<string, string>, ImageToTake[], string]>([
    [
      'one name for two images',
      { 'app/b.yaml': POD },
      [take, { ...take, file: 'app/b.yaml', image: 'acme/x' }],
      'app/b.yaml:4: the tagName web is also that of app/a.yaml:4',
    ],
    [
      'the name of another scan',
      { 'imagescans.yaml': `imageScans:\n${OTHER}` },
      [{ ...take, tagName: 'db' }],
      'imagescans.yaml: the tagName db is that of a scan of acme/db',
    ],
    [
      'a list in brackets',
      { 'imagescans.yaml': 'imageScans: []\n' },
      [take],
      'imagescans.yaml: no entries can be added',
    ],
    [
      'a rule that cannot be used',
      {},
      [{ ...take, rule: { policy: { semver: { range: 'x y' } } } }],
      'app/imagescans.yaml: imageScans[0]',
    ],
    [
      'a repository that Flux reads whole',
      {
        'flux.yaml':
          'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: ./\n',
      },
      [take],
      'app/a.yaml:4: there is no folder',
    ],
    [
      'a line without a value',
      {},
      [{ ...take, line: 1, file: 'app/none' }],
      'app/none: there is no such file',
    ],
  ])('refuses %s', (_, files, images, message) => {
    expect(() => plan(files, images)).toThrow(message);
  });

  it('takes what is found, with the rule that its tag suggests', () => {
    const files = new Map([['app/a.yaml', Buffer.from(POD)]]);
    const images = findUnwatched(files).flatMap(found => {
      const { image, tag = '', tagName, form } = found;
      const rule = proposeRule(tag);
      return image && tagName && form && rule
        ? [{ ...found, image, tagName, form, rule }]
        : [];
    });
    const planned = planAdoption(files, images);
    expect([...planned.keys()]).toEqual(['app/a.yaml', 'app/imagescans.yaml']);
    expect(findUnwatched(planned)).toEqual([]);
  });
});
