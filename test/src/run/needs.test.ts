import { testFolder } from './testFolder';
import { PROGRAM_NAMES } from '../servers/provided';
import { ProgramNeeds } from './needs';

describe('ProgramNeeds', () => {
  const folder = testFolder();

  // In parts, or this file would need them itself.
  const needs = (name: string) => `// ${'Needs'}: ${name}\n`;
  const imports = (name: string) => `${'import'} { x } ${'from'} '${name}';\n`;
  const create = (options: string) =>
    `TestDatabases${'.create'}(${options});\n`;

  const of = (files: Record<string, string>) => {
    folder.setContent(files);
    return [...new ProgramNeeds().of(folder.resolve('a.test.ts'))];
  };

  it.each<[string, Record<string, string>, string[]]>([
    ['nothing', { 'a.test.ts': imports('node:fs') }, []],
    ['what it declares', { 'a.test.ts': needs('dulwich') }, ['dulwich']],
    [
      'what modules declare that it imports, over others and in a circle',
      {
        'a.test.ts': imports('./b'),
        'b.tsx': imports('./c') + needs('openssl'),
        'c/index.ts': imports('../b') + needs('docker-registry, wrk'),
      },
      ['openssl', 'docker-registry', 'wrk'],
    ],
    [
      'what says that it needs nothing, whatever its text looks like',
      { 'a.test.ts': needs('nothing') + imports('./gone') },
      [],
    ],
    ['every database', { 'a.test.ts': create('') }, ['postgresql']],
    ['databases by name', { 'a.test.ts': create('options') }, ['postgresql']],
    ['SQLite alone', { 'a.test.ts': create(`{ ids: ['SQLITE_3'] }`) }, []],
    [
      'an import that leads nowhere',
      { 'a.test.ts': imports('./gone') },
      [...PROGRAM_NAMES],
    ],
    [
      'an import that only a run knows',
      { 'a.test.ts': `await ${'import'}(name);` },
      [...PROGRAM_NAMES],
    ],
  ])('finds the needs of %s', (_, files, expected) => {
    expect(of(files)).toEqual(expected);
  });

  it('knows the names', () => {
    expect(() => of({ 'a.test.ts': needs('mysql') })).toThrow(
      /a\.test\.ts needs mysql; known: docker-registry, openssl/,
    );
  });
});
