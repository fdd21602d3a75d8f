import { selectionWarnings } from './selectionWarnings';

describe('selectionWarnings', () => {
  it.each([
    ['1234567', '1234567.0.0'],
    ['20240131', '20240131.0.0'],
    ['20240131123456789', '20240131123456789.0.0'],
    ['v20240131', '20240131.0.0'],
    ['20240131.2', '20240131.2.0'],
    ['20240131.2.1', '20240131.2.1'],
    ['20240131-1', '20240131.0.0'],
  ])('warns that %s beats every release', (tag, version) => {
    expect(selectionWarnings(tag)).toEqual([
      expect.stringMatching(
        new RegExp(
          `a date or a commit, .* counts as version ${version}: it beats`,
        ),
      ),
    ]);
    // It beats them whatever git has.
    expect(selectionWarnings(tag, '20230131')).toHaveLength(1);
  });

  it.each([
    ['123456', '123456.0.0'],
    ['16', '16.0.0'],
    ['v1.14', '1.14.0'],
    ['2024.01.31', '2024.1.31'],
    ['1.2-rc.1', '1.2.0-rc.1'],
    ['1.2.9007199254740993', '1.2.9007199254740993'],
  ])('warns that %s is no real version', (tag, version) => {
    expect(selectionWarnings(tag)).toEqual([
      expect.stringContaining(`counts as ${version}. `),
    ]);
  });

  it.each([
    ['1.2.3', undefined],
    ['v1.2.3', undefined],
    ['1.2.3-rc.1', undefined],
    ['1.2.3-rc10', '1.2.3-rc9'],
    ['1.2.3-20240131', undefined],
    ['1.2.3-g1a2b3c4', undefined],
    ['1.2.3+build.5', undefined],
    ['', undefined],
    ['latest', undefined],
    // Who has such tags in git means them.
    ['3.20', '3.19'],
    ['24.10', '24.04'],
    ['3.20', '3.20'],
    ['1.15.0-alpine3.20', '1.14.2-alpine3.19'],
    ['7.2.4-debian-12-r10', '7.2.4-debian-12-r9'],
    ['1.3.0', 'latest-alpine'],
  ])('does not warn of %j after %j', (tag, current) => {
    expect(
      selectionWarnings(tag, current).filter(
        warning => current !== 'latest-alpine' || !warning.includes('three'),
      ),
    ).toEqual([]);
  });

  it('warns of a suffix that looks like a variant, where git is not known', () => {
    expect(selectionWarnings('1.15.0-perl')).toEqual([
      expect.stringMatching(/suffix of 1\.15\.0-perl .* variant .*\(perl\)/),
    ]);
  });

  it.each([
    ['1.15.0-perl', '1.12.0-alpine', 'perl in place of alpine'],
    ['1.15.0-alpine-perl', '1.12.0-alpine', 'alpine, perl in place of alpine'],
    ['2.441.0', '2.440.1-lts', 'no suffix in place of lts'],
    ['2.441.0-lts', '2.440.1', 'lts in place of no suffix'],
    ['16.1.0-bookworm', '16.0.0-bullseye', 'bookworm in place of bullseye'],
    ['1.2.0-r10-slim', '1.1.0-r9-jdk17', 'slim in place of jdk'],
  ])('warns of %s after %s', (tag, current, words) => {
    expect(selectionWarnings(tag, current)).toEqual([
      expect.stringContaining(words),
    ]);
  });
});
