import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { parseNextPage } from './link';

describe('parseNextPage', () => {
  it.each([
    // relative, absolute, query only
    [
      '</v2/x/tags/list?n=50&next_page=gAAA%3D>; rel="next"',
      'n=50&next_page=gAAA%3D',
    ],
    ['<https://r.io/v2/x/tags/list?last=b&n=2>; rel=next', 'last=b&n=2'],
    ['<?last=x>;rel=next', 'last=x'],
    // another place: its query only
    ['<https://evil.example:1/v2/y/tags/list?last=x>; rel="next"', 'last=x'],
    ['<//evil/?last=x>; rel="next"', 'last=x'],
    ['<http://u:p@evil/?last=x#f>; rel="next"', 'last=x'],
    ['<file:///etc/passwd?last=x>; rel="next"', 'last=x'],
    // forms
    ['<?last=x>; rel="prev next"', 'last=x'],
    ['<?last=x>; REL="NEXT"', 'last=x'],
    ['<?last=x>; title="a, b; c"; rel=next; type="x"', 'last=x'],
    ['<?last=a,b;c>; rel=next', 'last=a,b;c'],
    ['<?last=a>; rel=prev, <?last=b>; rel=next', 'last=b'],
    ['<?last=a>; rel="next", <?last=b>; rel=next', 'last=a'],
    ['<?last=a> ; rel = "next"', 'last=a'],
    ["<?last=a>; rel='next'", 'last=a'],
    // no brackets, or one
    ['http://r.io/v2/a/tags/list?n=2&last=b; rel=next', 'n=2&last=b'],
    ['/v2/a/tags/list?last=b;rel="next"', 'last=b'],
    ['</v2/a/tags/list?last=b; rel="next"', 'last=b'],
    ['HTTPS://r.io/v2/a/tags/list?last=a,b; REL=Next', 'last=a,b'],
    ['/v2/a?last=a; rel=prev, /v2/a?last=b; rel=next', 'last=b'],
    ['https://evil.example/x?last=b; rel=next', 'last=b'],
    // no rel, as the usual clients read it
    ['</v2/a/tags/list?last=b>', 'last=b'],
    ['https://r.io/v2/a/tags/list?last=b', 'last=b'],
  ])('%s', (header, query) => {
    expect(parseNextPage(header)).toEqual({ kind: 'query', query });
  });

  it.each([
    undefined,
    '',
    ' ',
    ',',
    '<?last=x>; rel=prev',
    '<?last=x>',
    '<?last=x>; rel="nextish"',
    '<?last=x>; rel=prev; rel=next',
  ])('none in %s', header => {
    expect(parseNextPage(header)).toEqual({ kind: 'none' });
  });

  it.each([
    '<?last=x; rel=next',
    '?last=x; rel=next',
    '<?last=x>; rel="next',
    '</v2/x/tags/list>; rel=next',
    '<?>; rel=next',
    '<>; rel=next',
    'next',
    'v2/a/tags/list?last=b; rel=next',
    'http://r.io/v2/a/tags/list; rel=next',
  ])('malformed: %s', header => {
    expect(parseNextPage(header)).toEqual({ kind: 'malformed' });
  });

  it.each([
    ',<?a=1>'.repeat(2000),
    `<?a>${';a="b"'.repeat(2500)}`,
    '<'.repeat(16000),
    `<a>;${' '.repeat(16000)}`,
  ])('reads 16 KB quickly (%#)', header => {
    const started = process.cpuUsage();
    parseNextPage(header);
    expect(cpuTimeSince(started)).toBeLessThan(500);
  });
});
