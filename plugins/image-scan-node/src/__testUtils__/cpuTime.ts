/**
 * Milliseconds that the processor spent since `started`: a test that holds them does
 * not fail because the machine is busy with something else.
 *
 * @param started - as `process.cpuUsage()` gave it
 */
export function cpuTimeSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}
