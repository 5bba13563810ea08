/** What events weigh on the log, in bytes: what pages are cut by, and reads are charged for. */
export function weightOf(events: readonly { payload: Buffer }[]): number {
  return events.reduce((sum, { payload }) => sum + payload.length, 0);
}
