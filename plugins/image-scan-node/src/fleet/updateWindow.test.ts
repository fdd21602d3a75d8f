import { parseGitRepo } from './gitRepo';
import { windowAt } from './updateWindow';

const read = (imageScanWindow: unknown) =>
  parseGitRepo({
    metadata: { name: 'repo' },
    spec: { repo: 'https://git.example.com/repo', imageScanWindow },
  }).window;

/** `open` or `closed`, and until when. */
const at = (window: object, time: string) => {
  const parsed = read({ timeZone: 'Europe/Berlin', ...window });
  if (!parsed) {
    throw new Error('There is no window');
  }
  const { isOpen, until } = windowAt(parsed, Date.parse(time));
  return [
    isOpen ? 'open' : 'closed',
    until && new Date(until).toISOString().replace(':00.000Z', 'Z'),
  ];
};

describe('imageScanWindow', () => {
  const office = { allow: ['mon-fri 09:00-16:00'] };
  const night = { allow: ['fri 22:00-02:00'] };

  // 2026-11-27 is a Friday; Berlin is an hour before UTC then.
  it.each<[object, string, [string, string | undefined]]>([
    [office, '2026-11-27T07:59:59Z', ['closed', '2026-11-27T08:00Z']],
    [office, '2026-11-27T08:00:00Z', ['open', '2026-11-27T15:00Z']],
    [office, '2026-11-27T14:59:59Z', ['open', '2026-11-27T15:00Z']],
    [office, '2026-11-27T15:00:00Z', ['closed', '2026-11-30T08:00Z']],
    [night, '2026-11-27T22:30:00Z', ['open', '2026-11-28T01:00Z']],
    [night, '2026-11-28T00:59:00Z', ['open', '2026-11-28T01:00Z']],
    [night, '2026-11-28T01:00:00Z', ['closed', '2026-12-04T21:00Z']],
    [
      { ...office, deny: ['2026-12-20/2027-01-06'] },
      '2026-12-18T15:30:00Z',
      ['closed', '2027-01-07T08:00Z'],
    ],
    [
      { deny: ['2026-12-20/2027-01-06'] },
      '2026-12-18T15:30:00Z',
      ['open', '2026-12-19T23:00Z'],
    ],
    [
      { deny: ['fri 12:00-24:00', 'sat,sun'] },
      '2026-11-27T11:00:00Z',
      ['closed', '2026-11-29T23:00Z'],
    ],
    [
      { allow: ['sat-mon'] },
      '2026-11-27T11:00:00Z',
      ['closed', '2026-11-27T23:00Z'],
    ],
    [
      { allow: ['2026-11-28'] },
      '2026-11-27T11:00:00Z',
      ['closed', '2026-11-27T23:00Z'],
    ],
    [{}, '2026-11-27T11:00:00Z', ['open', undefined]],
    [{ deny: ['mon-sun'] }, '2026-11-27T11:00:00Z', ['closed', undefined]],
  ])('%j at %s is %j', (window, time, expected) => {
    expect(at(window, time)).toEqual(expected);
  });

  describe('where the clock is set', () => {
    // 2027-03-28 from 02:00 to 03:00 at 01:00 UTC; 2026-10-25 back at the same time.
    const early = { allow: ['sun 02:30-05:00'] };
    it.each<[object, string, [string, string | undefined]]>([
      [early, '2027-03-28T00:00:00Z', ['closed', '2027-03-28T01:00Z']],
      [early, '2027-03-28T01:00:00Z', ['open', '2027-03-28T03:00Z']],
      [early, '2027-03-21T00:00:00Z', ['closed', '2027-03-21T01:30Z']],
      [
        { allow: ['sun 02:15-02:45'] },
        '2027-03-28T00:00:00Z',
        ['closed', '2027-04-04T00:15Z'],
      ],
      // 02:30 is there twice, and both times open; 03:00 once.
      [early, '2026-10-25T00:00:00Z', ['closed', '2026-10-25T00:30Z']],
      [early, '2026-10-25T00:45:00Z', ['open', '2026-10-25T01:00Z']],
      [early, '2026-10-25T01:15:00Z', ['closed', '2026-10-25T01:30Z']],
      [early, '2026-10-25T02:00:00Z', ['open', '2026-10-25T04:00Z']],
      [office, '2027-03-26T16:00:00Z', ['closed', '2027-03-29T07:00Z']],
    ])('%j at %s is %j', (window, time, expected) => {
      expect(at(window, time)).toEqual(expected);
    });
  });

  it('says the same for as long, and what is next then', () => {
    const window = read({ timeZone: 'UTC', allow: ['09:00-10:00'] });
    const hour = (text: string) => Date.parse(`2026-11-27T${text}:00Z`);
    const open = { isOpen: true, until: hour('10:00') };
    expect(window && windowAt(window, hour('09:00'))).toEqual(open);
    expect(window && windowAt(window, hour('09:59'))).toEqual(open);
    expect(window && windowAt(window, hour('10:00'))).toMatchObject({
      isOpen: false,
    });
    // A clock that goes back is no reason to say what is wrong.
    expect(window && windowAt(window, hour('09:30'))).toEqual(open);
  });

  it('is none where there is none', () => {
    expect(read(undefined)).toBeUndefined();
    expect(read(null)).toBeUndefined();
  });

  it.each<[unknown, string]>([
    [[], 'spec.imageScanWindow must be a map'],
    [{}, 'spec.imageScanWindow.timeZone is missing; write the time zone'],
    [{ timeZone: 1 }, 'spec.imageScanWindow.timeZone must be a text'],
    [
      { timeZone: 'Berlin' },
      'spec.imageScanWindow.timeZone "Berlin" is no time zone; write one such as Europe/Berlin',
    ],
    [{ timezone: 'UTC' }, 'spec.imageScanWindow.timezone is unknown'],
    [
      { timeZone: 'UTC', allow: 'mon' },
      'spec.imageScanWindow.allow must be a list',
    ],
    [
      { timeZone: 'UTC', deny: [1] },
      'spec.imageScanWindow.deny[0] must be a text',
    ],
    ...Object.entries({
      whenever: 'cannot be read; write days and hours such as "mon-fri',
      '': 'cannot be read',
      'mon 9:00-16:00': 'cannot be read',
      'abc 09:00-16:00': 'has the day abc; write mon, tue',
      'mon 09:00-25:00': 'has the time 25:00, which there is not',
      'mon 09:60-10:00': 'has the time 09:60',
      'mon 09:00-09:00': 'has no time between 09:00 and 09:00',
      '2026-02-30': 'has the date 2026-02-30, which there is not',
      '2026-02-10/2026-02-01': 'ends on 2026-02-01, which is before',
    }).map(([time, message]): [unknown, string] => [
      { timeZone: 'UTC', allow: ['mon', time] },
      `spec.imageScanWindow.allow[1] "${time}" ${message}`,
    ]),
  ])('%j is refused', (window, message) => {
    expect(() => read(window)).toThrow(message);
  });
});
