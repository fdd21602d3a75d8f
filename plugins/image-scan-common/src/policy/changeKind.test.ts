import { changeKind } from './changeKind';

it.each([
  ['1.2.3', '2.0.0', 'major'],
  ['2.0.0', '1.2.3', 'major'],
  ['1', 'v2', 'major'],
  ['1.2.3', '1.3.0', 'minor'],
  ['1.2', '1.3-alpine', 'minor'],
  ['1.2.3', '1.2.4', 'patch'],
  ['1.2.3-rc.1', '1.2.3-rc.2', 'patch'],
  ['1.2.3-rc.1', '1.2.3', 'patch'],
  ['9007199254740992', '9007199254740993', 'major'],
  ['1.2.3', '1.2.3', 'digest'],
  ['latest', 'latest', 'digest'],
  ['1.2', '1.2.0', 'other'],
  ['latest', '1.2.3', 'other'],
  ['1.2.3', 'main', 'other'],
  [undefined, '1.2.3', 'other'],
])('from %s to %s is %s', (from, to, kind) => {
  expect(changeKind(from, to)).toBe(kind);
});
