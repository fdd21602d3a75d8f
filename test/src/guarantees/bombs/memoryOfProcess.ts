import { readFileSync, writeFileSync } from 'node:fs';

/** Bytes in memory now, or at most since {@link forgetHighest}; of Linux. */
export function bytesOf(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const [, kib] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  return Number(kib) * 1024;
}

/** The highest so far is from now on the one from now on. */
export function forgetHighest(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
