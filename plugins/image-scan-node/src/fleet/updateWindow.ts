import { InputError } from '@backstage/errors';
import { DateTime, IANAZone } from 'luxon';

/** When the automation may write; a person always may. @public */
export interface UpdateWindow {
  /** As the IANA names it, such as `Europe/Berlin`. */
  timeZone: string;
  /** Such as `mon-fri 09:00-16:00`; none means always. */
  allow: string[];
  /** The same, or days such as `2026-12-20/2027-01-06`; stronger than `allow`. */
  deny: string[];
}

/** Whether a window is open, and when that changes next. @public */
export interface WindowState {
  isOpen: boolean;
  /** Milliseconds since the epoch; absent where it is further than is looked. */
  until?: number;
}

/** By the clock on the wall: minutes of a day, from midnight. */
type WindowTime =
  | { days: ReadonlySet<number>; from: number; to: number }
  /** Whole days, both included, as `2026-12-20`. */
  | { first: string; last: string };

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const MINUTES_OF_DAY = 24 * 60;

/** How many days are looked through for the next change, those not counted that are denied as a whole. */
const MOST_DAYS = 40;

/** How long it is kept that no change is in sight. */
const KEPT_MS = 60_000;

/** Where the clock is set, a change can be at any of these minutes. */
const STEP_OF_SHIFT_MS = 15 * 60_000;

const ALLOWED =
  'write days and hours such as "mon-fri 09:00-16:00", "sat,sun" or "22:00-02:00", or dates such as 2026-12-20/2027-01-06';

/** @throws InputError that says what is allowed. */
export function readTimeZone(name: string): string {
  if (!IANAZone.isValidZone(name)) {
    throw new InputError('is no time zone; write one such as Europe/Berlin');
  }
  return name;
}

/** @throws InputError that says what is allowed. */
export function readWindowTime(text: string): WindowTime {
  const dates = /^(\d{4}-\d\d-\d\d)(?:\/(\d{4}-\d\d-\d\d))?$/.exec(text);
  if (dates) {
    const [, first, last = first] = dates;
    for (const date of [first, last]) {
      if (!DateTime.fromISO(date, { zone: 'utc' }).isValid) {
        throw new InputError(`has the date ${date}, which there is not`);
      }
    }
    if (last < first) {
      throw new InputError(`ends on ${last}, which is before it begins`);
    }
    return { first, last };
  }
  const [, days, hours] =
    /^((?:[a-z]{3}(?:-[a-z]{3})?)(?:,[a-z]{3}(?:-[a-z]{3})?)*)?(?:(?:^| +)(\d\d:\d\d-\d\d:\d\d))?$/.exec(
      text.trim().toLowerCase(),
    ) ?? [];
  if (days === undefined && hours === undefined) {
    throw new InputError(`cannot be read; ${ALLOWED}`);
  }
  const [from, to] = (hours ?? '00:00-24:00').split('-').map(readClock);
  if (from === to || from === MINUTES_OF_DAY) {
    throw new InputError(`has no time between ${hours.replace('-', ' and ')}`);
  }
  return { days: readDays(days ?? 'mon-sun'), from, to };
}

// Until its next change it says the same, and a list of scans asks for each of them.
const known = new WeakMap<
  UpdateWindow,
  { state: WindowState; since: number; until: number }
>();

/** Says whether a window is open at a time. @public */
export function windowAt(window: UpdateWindow, now: number): WindowState {
  const before = known.get(window);
  if (before && before.since <= now && now < before.until) {
    return before.state;
  }
  const state = findState(window, now);
  const { until = now + KEPT_MS } = state;
  known.set(window, { state, since: now, until });
  return state;
}

function findState(
  { timeZone, allow, deny }: UpdateWindow,
  now: number,
): WindowState {
  const allowed = allow.map(readWindowTime);
  const denied = deny.map(readWindowTime);
  const at = (time: number) => DateTime.fromMillis(time, { zone: timeZone });
  const isOpenAt = (time: DateTime) =>
    (allowed.length === 0 || allowed.some(each => covers(each, time))) &&
    !denied.some(each => covers(each, time));
  const isOpen = isOpenAt(at(now));
  const minutes = new Set([0]);
  for (const each of [...allowed, ...denied]) {
    if ('days' in each) {
      minutes.add(each.from).add(each.to % MINUTES_OF_DAY);
    }
  }
  const sorted = [...minutes].sort((a, b) => a - b);
  let day: DateTime = at(now).startOf('day');
  for (let looked = 0; looked < MOST_DAYS; looked += 1) {
    for (const time of timesOf(day, sorted)) {
      if (time.toMillis() > now && isOpenAt(time) !== isOpen) {
        return { isOpen, until: time.toMillis() };
      }
    }
    day = nextDay(day, isOpen ? [] : denied);
  }
  return { isOpen };
}

/** When something can change on a day. */
function timesOf(day: DateTime, minutes: readonly number[]): DateTime[] {
  const end = day.plus({ days: 1 });
  if (day.offset === end.offset) {
    return minutes.map(minute => day.plus({ minutes: minute }));
  }
  // The clock is set on this day: an hour is missing, or there twice.
  const times: DateTime[] = [];
  for (let time = day; time < end; time = time.plus(STEP_OF_SHIFT_MS)) {
    times.push(time);
  }
  const exact = minutes.map(minute =>
    day.set({ hour: Math.floor(minute / 60), minute: minute % 60 }),
  );
  return [...times, ...exact].sort((a, b) => a.toMillis() - b.toMillis());
}

/** Days that are denied as a whole are passed over. */
function nextDay(day: DateTime, denied: readonly WindowTime[]): DateTime {
  const next = day.plus({ days: 1 }).startOf('day');
  const date = next.toISODate() ?? '';
  const range = denied.find(
    each => 'first' in each && each.first <= date && date <= each.last,
  );
  return range && 'last' in range
    ? DateTime.fromISO(range.last, { zone: day.zone }).plus({ days: 1 })
    : next;
}

function covers(window: WindowTime, time: DateTime): boolean {
  if ('first' in window) {
    const date = time.toISODate() ?? '';
    return window.first <= date && date <= window.last;
  }
  const { days, from, to } = window;
  const minute = time.hour * 60 + time.minute;
  const today = time.weekday - 1;
  if (from < to) {
    return days.has(today) && from <= minute && minute < to;
  }
  const yesterday = (today + 6) % 7;
  return (
    (days.has(today) && from <= minute) || (days.has(yesterday) && minute < to)
  );
}

function readDays(text: string): ReadonlySet<number> {
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last = first] = part.split('-').map(name => {
      const day = DAYS.indexOf(name);
      if (day < 0) {
        throw new InputError(
          `has the day ${name}; write ${DAYS.join(', ')} or a range of them`,
        );
      }
      return day;
    });
    // From Saturday to Monday goes over the end of the week.
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) {
        break;
      }
    }
  }
  return days;
}

function readClock(text: string): number {
  const [hour, minute] = text.split(':').map(Number);
  const minutes = hour * 60 + minute;
  if (minute > 59 || minutes > MINUTES_OF_DAY) {
    throw new InputError(`has the time ${text}, which there is not`);
  }
  return minutes;
}
