import {
  appLanguageApiRef,
  useApiHolder,
} from '@backstage/frontend-plugin-api';
import { useMemo } from 'react';
import { useNow } from './useNow';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
];

/** Days that their weekday tells apart, today among them. */
const WEEK = 7;

/** Nearer than this, in milliseconds, is `now`: the clock here ticks no finer. */
const JUST_NOW = 10_000;

/** Puts times into words of the app's language. */
export interface TimeWords {
  /** `3 minutes ago`, `in 2 minutes`, of an ISO 8601 time or of milliseconds since the epoch. */
  relative(time: string | number): string;
  /** Date and time in full. */
  absolute(time: string | number): string;
  /**
   * A day as people say it: the time of today, `Tuesday` within a week, else the date;
   * of an ISO 8601 time.
   */
  day(time: string): string;
  /** A day and the time on it, to the minute, of an ISO 8601 time. */
  moment(time: string): string;
  /** A length of time in milliseconds: `5 min`, `1 hr, 30 min`. */
  duration(milliseconds: number): string;
}

/** The words for times; they change as time goes by. */
export function useTimeWords(): TimeWords {
  const now = useNow();
  const language =
    useApiHolder().get(appLanguageApiRef)?.getLanguage().language ?? 'en';

  return useMemo(() => {
    const relativeFormat = new Intl.RelativeTimeFormat(language, {
      numeric: 'auto',
    });
    const absoluteFormat = new Intl.DateTimeFormat(language, {
      dateStyle: 'medium',
      timeStyle: 'medium',
    });
    const momentFormat = new Intl.DateTimeFormat(language, {
      weekday: 'short',
      month: 'short',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
    });
    return {
      relative: time => {
        const distance = new Date(time).getTime() - now;
        if (Math.abs(distance) < JUST_NOW) {
          return relativeFormat.format(0, 'second');
        }
        const [unit, size] =
          UNITS.find(([, length]) => Math.abs(distance) >= length) ??
          UNITS[UNITS.length - 1];
        return relativeFormat.format(Math.trunc(distance / size), unit);
      },
      absolute: time => absoluteFormat.format(new Date(time)),
      day: time => dayWords(new Date(time), new Date(now), language),
      moment: time => momentFormat.format(new Date(time)),
      duration: milliseconds => durationWords(milliseconds, language),
    };
  }, [now, language]);
}

function dayWords(time: Date, now: Date, language: string): string {
  const distance = Math.abs(startOfDay(time) - startOfDay(now));
  if (distance === 0) {
    return new Intl.DateTimeFormat(language, { timeStyle: 'short' }).format(
      time,
    );
  }
  // Two of its days may be an hour longer or shorter than others.
  return new Intl.DateTimeFormat(
    language,
    Math.round(distance / 86_400_000) < WEEK
      ? { weekday: 'long' }
      : { dateStyle: 'medium' },
  ).format(time);
}

/** Midnight where the browser is, in milliseconds since the epoch. */
function startOfDay(time: Date): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function durationWords(milliseconds: number, language: string): string {
  const parts: string[] = [];
  let rest = milliseconds;
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(rest / size);
    if (amount > 0) {
      rest -= amount * size;
      parts.push(
        new Intl.NumberFormat(language, {
          style: 'unit',
          unit,
          unitDisplay: 'short',
        }).format(amount),
      );
    }
  }
  return parts.join(' ') || `${milliseconds} ms`;
}
