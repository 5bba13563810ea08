import type { EventLog } from './event-log.js';

/** Several logs as one, for what may lie in any of them since the log has moved. */
export function everyLog(...logs: readonly EventLog[]): EventLog {
  return {
    partitionsOf: async (types) => (await Promise.all(logs.map((log) => log.partitionsOf(types)))).flat(),
  };
}
