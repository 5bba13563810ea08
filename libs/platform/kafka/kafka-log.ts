import type { LogEntry } from 'kafkajs';
import type { Logger } from 'pino';

/** What a cluster says while it starts, moves its groups or ends a transaction, and what is asked again by itself. */
const PASSING =
  /coordinator is (not available|loading)|not the correct coordinator|group is rebalancing|concurrent operation on the same transaction/i;
/** What is said again and again while a broker is away is written once in this time; ms. */
const QUIET_MS = 60_000;
const MOST_KEPT = 1000;

/**
 * kafkajs's lines as ours, under `kafka`: its errors and warnings as warnings, without what passes by itself (at debug),
 * and each once a minute at most. Of what comes with a line only names and places are taken, and no record.
 */
export function kafkaLog(log: Logger, now: () => number = Date.now): (entry: LogEntry) => void {
  const lastSaid = new Map<string, number>();
  return ({ namespace, log: { message, error, broker, groupId, topic, partition } }) => {
    const fields = { kafka: namespace, error, broker, groupId, topic, partition };
    if (PASSING.test(`${message} ${error}`)) {
      log.debug(fields, message);
      return;
    }
    const key = JSON.stringify([fields, message]);
    const at = now();
    if (at - (lastSaid.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    if (lastSaid.size >= MOST_KEPT) lastSaid.clear();
    lastSaid.set(key, at);
    // An error of a client that tries again is no call for help: whoever uses it says that, once.
    log.warn(fields, message);
  };
}
