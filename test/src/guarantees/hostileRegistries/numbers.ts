/** The numbers of the cases that only the whole backend can show. */
export const backendCases = {
  invalidTags: 15,
  vanished: 60,
  shortList: 61,
  moved: 62,
  overlap: 64,
  shutdown: 65,
} as const;

/** How many cases there are; they are numbered from 1. */
export const CASE_COUNT = 67;
