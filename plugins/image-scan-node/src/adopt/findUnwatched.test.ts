import { findUnwatched } from './findUnwatched';
import { insertMarkers } from './insertMarkers';
import type { UnwatchedImage } from './types';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

function find(files: Record<string, string>): UnwatchedImage[] {
  return findUnwatched(
    new Map(
      Object.entries(files).map(([file, text]) => [file, Buffer.from(text)]),
    ),
  );
}

/** `LINE shape image:tag form tagName` or the reason in place of the last two. */
function shown(files: Record<string, string>): string[] {
  return find(files).map(
    ({ file, line, shape, image, tag, form, tagName, reason, ticked }) =>
      [
        `${file}:${line}`,
        shape,
        `${image ?? '?'}:${tag ?? '?'}`,
        reason ?? `${form} ${tagName}${ticked ? '' : ' unticked'}`,
      ].join(' '),
  );
}

const pod = (...images: string[]) =>
  [
    'kind: Pod',
    'spec:',
    '  containers:',
    ...images.map(image => `    - image: ${image}`),
    '',
  ].join('\n');

describe('findUnwatched', () => {
  it('finds all kinds of containers, artifacts of Flux and mounted images', () => {
    expect(
      shown({
        'a.yaml': `kind: Deployment
spec:
  template:
    spec:
      initContainers:
      - {name: a,
         image: "acme/a:1.0.0",
         env: []}
      ephemeralContainers:
      - image:
          acme/b:1.0.0
      volumes:
      - image:
          reference: acme/c:1.0.0
---
kind: OCIRepository
spec:
  url: oci://ghcr.io/acme/chart
  ref:
    tag: 2.0.0
---
kind: ConfigMap
data:
  proxy: ghcr.io/acme/proxy:1.0.0
  text: see acme/x:1.0.0
---
kind: Foo
spec:
  proxyImage: acme/d:1.0.0
  args: [--image, acme/e:1.0.0]
  image: no-tag
  app:
    image: {name: acme/f}
`,
      }),
    ).toEqual([
      'a.yaml:7 workload acme/a:1.0.0 image a',
      'a.yaml:11 workload acme/b:1.0.0 image b',
      'a.yaml:14 volume acme/c:1.0.0 image c',
      'a.yaml:20 oci ghcr.io/acme/chart:2.0.0 tag chart',
      'a.yaml:24 configmap ghcr.io/acme/proxy:1.0.0 image proxy unticked',
      'a.yaml:29 crd acme/d:1.0.0 image d',
      'a.yaml:30 arg acme/e:1.0.0 flow-line',
    ]);
  });

  it('reads an image of Helm values that is written in two or three parts', () => {
    expect(
      shown({
        'values.yaml': `image: acme/a
imageTag: 1.0.0
b:
  image:
    repo: acme/b
    version: 1.0.0
c:
  repository: https://charts.example.com
  tag: 1.0.0
images:
  repository: PREFIX
  tag: 1.0.0
d:
  repository: acme/d
  registry: quay.io
  digest: ${DIGEST}
e:
  repository: acme/e
  tag:
f:
  tag: verbose
  level: 1
g:
  repository: acme/g
  tag: !Ref Tag
`,
      }),
    ).toEqual([
      'values.yaml:2 values acme/a:1.0.0 tag a',
      'values.yaml:6 values acme/b:1.0.0 tag b',
      'values.yaml:16 values quay.io/acme/d:? bare-digest',
      'values.yaml:19 values acme/e:? chart-default',
      'values.yaml:25 values acme/g:? substitution',
    ]);
  });

  it('asks for the image where a key elsewhere names the registry', () => {
    const text = `image:
  repository: acme/web
  tag: 1.0.0
other:
  repository: ghcr.io/acme/web
  tag: 1.0.0
global:
  imageRegistry: `;
    const asked = (registry: string) =>
      shown({ 'values.yaml': `${text}${registry}\n` })[0];
    expect(asked('ghcr.io')).toContain('image-unknown');
    expect(asked('""')).toBe(
      'values.yaml:3 values acme/web:1.0.0 tag acme-web',
    );
  });

  it.each([
    ['acme/web:<tag>', '?:?', 'placeholder'],
    ['acme/web:IMAGE_TAG', 'acme/web:?', 'placeholder'],
    ['Acme/web:1.0.0', '?:?', 'not-an-image'],
    ['host.example:8080', '?:?', 'not-an-image'],
    ['https://acme.example/web:1.0.0', '?:?', 'not-an-image'],
    ['$(IMAGE)', '?:?', 'substitution'],
    ['"ENC[abc]"', '?:?', 'substitution'],
    ['acme/web:dev', 'acme/web:dev', 'no-policy'],
    ['acme/web:pr-12', 'acme/web:pr-12', 'no-policy'],
    ['acme/web:LATEST', 'acme/web:?', 'placeholder'],
    [`acme/web@${DIGEST}`, 'acme/web:?', 'no-tag'],
    ['"acme/\n      web:1.0.0"', '?:?', 'embedded-text'],
    ['acme/web:1.0.0 # renovate: x', 'acme/web:1.0.0', 'comment-in-the-way'],
    [
      'acme/web:1.0.0 # {"$imagescan": web}',
      'acme/web:1.0.0',
      'comment-in-the-way',
    ],
  ])('says why %s cannot be taken', (text, image, reason) => {
    expect(shown({ 'a.yaml': pod(text) })[0]).toContain(
      `workload ${image} ${reason}`,
    );
  });

  it.each([
    ['{{- include "x" . }}', 'glued-template'],
    ['{{- if .x }}text', 'glued-template'],
    ['{{- end -}}', 'glued-template'],
    ['{{- toYaml .x | nindent 6 }}', 'image web'],
    ['\n{{- if .x }}\n{{- end }}', 'image web'],
    ['{{ include "x" . }}', 'image web'],
  ])('looks at the template action below: %s', (action, expected) => {
    const text = `${pod('acme/web:1.0.0')}${action}\n`;
    expect(shown({ 'templates/a.yaml': text })).toEqual([
      `templates/a.yaml:4 workload acme/web:1.0.0 ${expected}`,
    ]);
  });

  it('knows which images a kustomization sets', () => {
    const files = {
      'prod/kustomization.yaml': `resources: [../base, ../extra/job.yaml]
images:
- name: acme/web
  newTag: 1.4.0
- name: acme/moved
  newName: ghcr.io/acme/moved
`,
      'base/kustomization.yaml': 'resources:\n- web.yaml\n',
      'base/web.yaml': pod('acme/web:1.0.0', 'acme/moved:1.0.0'),
      'extra/job.yaml': pod('acme/web:1.0.0'),
      'other/web.yaml': pod('acme/web:1.0.0'),
    };
    expect(shown(files)).toEqual([
      'prod/kustomization.yaml:4 kustomize acme/web:1.4.0 tag web',
      'base/web.yaml:4 workload acme/web:1.0.0 overridden',
      'base/web.yaml:5 workload acme/moved:1.0.0 image moved',
      'extra/job.yaml:4 workload acme/web:1.0.0 overridden',
      'other/web.yaml:4 workload acme/web:1.0.0 image web',
    ]);
    expect(find(files)[1].overriddenBy).toEqual({
      file: 'prod/kustomization.yaml',
      line: 4,
    });
  });

  it('leaves out what does not run, and what must not change', () => {
    const text = pod('acme/web:1.0.0');
    expect(
      shown({
        '.github/a.yaml': text,
        'cloudbuild.yaml': text,
        'a.txt': text,
        'secret.yaml': `${text}sops: {}\n`,
        'test.yaml': `suite: a\ntests:\n- containers:\n  - image: acme/x:1.0.0\n`,
      }),
    ).toEqual([]);
    expect(
      shown({
        'skaffold.yaml':
          'apiVersion: skaffold/v4\nbuild:\n  artifacts:\n  - image: acme/web\n',
        'web.yaml': text,
      }),
    ).toEqual(['web.yaml:4 workload acme/web:1.0.0 built-here']);
  });

  it('offers without a tick what is a copy, a test or uncertain', () => {
    const text = pod('acme/web:1.0.0');
    expect(
      shown({
        'Chart.lock': '',
        'charts/db/templates/a.yaml': text,
        'vendor/a.yaml': text,
        'tests/a.yaml': text,
        'b.yaml': `---\n# Generated by x.\n# DO NOT EDIT\n${text}`,
      }),
    ).toEqual([
      'charts/db/templates/a.yaml:4 workload acme/web:1.0.0 generated',
      'vendor/a.yaml:4 workload acme/web:1.0.0 generated',
      'tests/a.yaml:4 workload acme/web:1.0.0 image web unticked',
      'b.yaml:7 workload acme/web:1.0.0 generated',
    ]);
  });

  it('names variants and namesakes so that they can be told apart', () => {
    const names = find({
      'a/a.yaml': pod(
        'nginx:1.25.3',
        'nginx:1.25.3-alpine',
        'redis:7.2.1',
        'redis:6.0.1',
        'ghcr.io/kserve/models',
        'acme/tag:1.0.0',
        'docker.io/library/nginx:1.25.3',
      ),
      'b/b.yaml': pod('nginx:1.25.3'),
    }).map(({ tagName }) => tagName);
    expect(names).toEqual([
      'nginx',
      'nginx-alpine',
      'redis-7.2',
      'redis-6.0',
      undefined,
      'a-tag',
      'library-nginx',
      'nginx',
    ]);
  });

  it('takes no name that would change what a marker means', () => {
    const scan = (tagName: string, image: string) =>
      `imageScans:\n- tagName: ${tagName}\n  image: ${image}\n  policy: {semver: {range: "*"}}\n`;
    const marked = pod(
      'nginx:1.25.3 # {"$imagescan": "web"}',
      'acme/web:1.0.0',
    );
    // Nearer than the scan that the marker means.
    expect(
      shown({
        'imagescans.yaml': scan('web', 'nginx'),
        'app/fleet.yaml': '',
        'app/a.yaml': marked,
      }),
    ).toEqual(['app/a.yaml:5 workload acme/web:1.0.0 image app-web']);
    // The marker is served by the only scan of its name, from afar.
    expect(
      shown({
        'far/imagescans.yaml': scan('web', 'nginx'),
        'a.yaml': pod('nginx:1.25.3 # {"$imagescan": "web"}'),
        'app/a.yaml': pod('acme/web:1.0.0'),
      }),
    ).toEqual(['app/a.yaml:4 workload acme/web:1.0.0 image app-web']);
    // No marker changes.
    expect(
      shown({
        'far/imagescans.yaml': scan('web', 'nginx'),
        'far/a.yaml': pod('nginx:1.25.3 # {"$imagescan": "web"}'),
        'app/a.yaml': pod('acme/web:1.0.0'),
      }),
    ).toEqual(['app/a.yaml:4 workload acme/web:1.0.0 image web']);
    // The scan is there already.
    expect(
      shown({
        'app/imagescans.yaml': scan('own-name', 'acme/web'),
        'app/a.yaml': pod('acme/web:1.0.0'),
      }),
    ).toEqual(['app/a.yaml:4 workload acme/web:1.0.0 image own-name']);
  });

  it('is not led astray by lines that are no YAML', () => {
    const text = `{{ define "x" }}
kind: Pod
spec:
   containers:
   - image: acme/a:1.0.0
     ? x
     : image: acme/no:1
  bad indent: [
   - image: acme/b:1.0.0
`;
    expect(shown({ 'a.yaml': text })[0]).toBe(
      'a.yaml:5 workload acme/a:1.0.0 image a',
    );
  });

  it('finds nothing a second time', () => {
    const files = new Map([
      ['a.yaml', Buffer.from(pod('acme/a:1.0.0', 'acme/b:1.0.0'))],
    ]);
    const marks = findUnwatched(files).flatMap(
      ({ file, line, tagName, form }) =>
        tagName && form ? [{ file, line, tagName, form }] : [],
    );
    expect(marks).toHaveLength(2);
    const marked = insertMarkers(files, marks);
    expect(findUnwatched(marked)).toEqual([]);
  });
});
