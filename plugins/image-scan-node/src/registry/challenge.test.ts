import { cpuTimeSince } from '../__testUtils__/cpuTime';
import { parseChallenges } from './challenge';

function read(header: string | undefined) {
  return parseChallenges(header).map(({ scheme, parameters }) => [
    scheme,
    Object.fromEntries(parameters),
  ]);
}

describe('parseChallenges', () => {
  it.each([
    [undefined, []],
    ['', []],
    [' , ,', []],
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    ['bearer REALM="x"', [['bearer', { realm: 'x' }]]],
    [
      'Bearer realm = "x" , service = y',
      [['bearer', { realm: 'x', service: 'y' }]],
    ],
    // Gitea: two in one header
    [
      'Bearer realm="https://g/v2/token",service="container_registry",scope="*",Basic realm="https://g/v2"',
      [
        [
          'bearer',
          {
            realm: 'https://g/v2/token',
            service: 'container_registry',
            scope: '*',
          },
        ],
        ['basic', { realm: 'https://g/v2' }],
      ],
    ],
    // Node joins several headers with a comma
    [
      'Negotiate, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate YII+/abc==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate abc, Bearer realm="x"',
      [
        ['negotiate', {}],
        ['bearer', { realm: 'x' }],
      ],
    ],
    // commas and escaped quotes within quotes
    [
      'Bearer scope="repository:a:pull,push",realm="a\\"b\\\\c"',
      [['bearer', { scope: 'repository:a:pull,push', realm: 'a"b\\c' }]],
    ],
    // missing quotes, missing comma, missing end, repeated, empty
    [
      'Bearer realm=https://a/token?x=1,service=b',
      [['bearer', { realm: 'https://a/token?x=1', service: 'b' }]],
    ],
    [
      'Bearer realm="a" service="b"',
      [['bearer', { realm: 'a', service: 'b' }]],
    ],
    ['Bearer realm="a', [['bearer', { realm: 'a' }]]],
    ['Bearer realm="a",realm="b"', [['bearer', { realm: 'a' }]]],
    ['Bearer realm=""', [['bearer', { realm: '' }]]],
    ['Bearer realm=', [['bearer', {}]]],
    ['Bearer', [['bearer', {}]]],
    ['Bearer __proto__="x"', [['bearer', JSON.parse('{"__proto__":"x"}')]]],
  ])('%s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it.each([
    `Bearer realm="${'a'.repeat(8000)}"`,
    'Bearer '.repeat(1200),
    ','.repeat(8000),
    `Bearer ${'a='.repeat(4000)}`,
    `Bearer ${'"'.repeat(8000)}`,
    `Bearer realm="${'\\'.repeat(8001)}`,
    `Bearer ${'a'.repeat(8000)} `,
  ])('reads 8 KB quickly (%#)', header => {
    const started = process.cpuUsage();
    parseChallenges(header);
    expect(cpuTimeSince(started)).toBeLessThan(500);
  });
});
