import { readJsonObject } from './json';

const read = (text: string) => readJsonObject(Buffer.from(text));

describe('readJsonObject', () => {
  it.each([
    '{}',
    '{"a":1,"b":{"a":1,"a":2},"c":["a:","\\"a\\":"]}',
    ' {"a\\"b":1,"a":"{[\\\\","b":":"} ',
    `{"a":${'['.repeat(63)}${']'.repeat(63)}}`,
  ])('reads %s', text => {
    expect(read(text)).toEqual({ object: JSON.parse(text) });
  });

  it.each([
    ['', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    ['"a"', 'is not a JSON object'],
    ['{"a":1', 'is not a JSON object'],
    ['{"a":"\\', 'is not a JSON object'],
    ['{"a":1}{"a":1}', 'is not a JSON object'],
    ['{"a":1,"a":1}', 'has one key twice'],
    ['{"a":1,"\\u0061":1}', 'has one key twice'],
    ['{"a":{"x":[1]},"b":"}","a":1}', 'has one key twice'],
    [`{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'is nested too deeply'],
    [`{"a":[${'{},'.repeat(1_000_000)}1]}`, 'has too many parts'],
    [
      JSON.stringify(
        Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [at, 0])),
      ),
      'has too many parts',
    ],
  ])('refuses %.40s', (text, problem) => {
    expect(read(text)).toEqual({ problem });
  });
});
