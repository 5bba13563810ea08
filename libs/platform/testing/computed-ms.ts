/** How long this process has computed since, ms: unlike the time of a clock, without what else the machine did. */
export function computedMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}
