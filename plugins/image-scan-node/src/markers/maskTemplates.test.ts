import { rewriteManifest } from './rewriteManifest';

const IMAGE = 'ghcr.io/acme/app:2.0.0';
const images = new Map([['app', { image: 'ghcr.io/acme/app', tag: '2.0.0' }]]);
const M = '# {"$imagescan": "app"}';

function rewrite(text: string) {
  const { output, problems } = rewriteManifest(Buffer.from(text), images);
  return { output: output.toString(), codes: problems.map(({ code }) => code) };
}

/** What charts look like: every OLD stands where it must be written. */
const charts: Record<string, string> = {
  'an item behind a condition': `args:\n  {{- if .x }}\n  - OLD ${M}\n  {{- end }}\n`,
  'an item behind a loop': `args:\n  {{- range .xs }}\n  - "OLD" ${M}\n`,
  'items around conditions': `args:\n  - OLD ${M}\n  {{- if .x }}\n  - OLD ${M}\n  {{- else }}\n  - 'OLD' ${M}\n  {{- end }}\n  - OLD ${M}\n`,
  'a key behind a condition': `a:\n  {{ if .x }}\n  image: OLD ${M}\n  {{ end }}\n`,
  'a condition behind the value': `image: OLD ${M}\n{{- end }}\nb: 1\n`,
  'two actions on their line': `a:\n  {{ if .x }} {{ with .y }}\n  - OLD ${M}\n  {{ end }}{{ end }}\n`,
  'an action at the end of the file': `a:\n  - OLD ${M}\n  {{- end }}`,
  'blanks and tabs around an action': `a:\n \t{{- if .x }} \t\n  - OLD ${M}\n`,
  'CRLF behind an action': `a:\r\n  {{- if .x }}\r\n  - OLD ${M}\r\n  {{- end }}\r\n`,
  'quotes in an action': `a:\n  {{- if eq .x "it's" }}\n  - OLD ${M}\n  {{- end }}\n`,
  'a value that is filled in on another line': `a: {{ .Values.a }}\nb: OLD ${M}\nc: "{{ .c }}"\n`,
  'a comment over several lines': `{{- /*\nimage: "\n*/ -}}\nimage: OLD ${M}\n`,
  'a template key above': `{{ .name }}:\n  image: OLD ${M}\n`,
  'an included block': `metadata:\n  labels:\n    {{- include "labels" . | nindent 4 }}\nspec:\n  image: OLD ${M}\n`,
};

describe('markers in Helm charts', () => {
  it.each(Object.keys(charts))('writes with %s', name => {
    const chart = charts[name];
    expect(rewrite(chart.replaceAll('OLD', 'old/x:1'))).toEqual({
      output: chart.replaceAll('OLD', IMAGE),
      codes: [],
    });
  });

  it.each([
    `a: {{ .x }}old/x:1 ${M}\n`,
    `a: old/x:{{ .tag }} ${M}\n`,
    `a: "{{ .x }}/x:1" ${M}\n`,
    `a: {{ .x }} ${M}\n`,
    // The value goes on where an action stands beside text.
    `a: b\n  {{ .x }} c ${M}\n`,
  ])('writes nothing where the value is joined to an action: %j', chart => {
    expect(rewrite(chart)).toEqual({ output: chart, codes: ['template'] });
  });
});
