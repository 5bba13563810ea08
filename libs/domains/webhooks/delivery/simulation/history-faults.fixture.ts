import { keyOf, type Tables } from './simulated-store.fixture.js';

/** A message at a receiver. */
export interface Arrival {
  endpoint: string;
  run: number;
  position: number;
  lane: string;
  /** Which life of the process sent it. */
  life: number;
  at: number;
  /** The receiver took it, and the process heard so. */
  isHeard: boolean;
}

/** What has happened by the end. Rows are by `keyOf`. */
export interface History {
  tables: Tables;
  /** In their order. */
  arrivals: readonly Arrival[];
  /** Rows that were ever due. */
  due: ReadonlySet<string>;
  skipped: ReadonlySet<string>;
  /** When a row was gone for good. */
  goneAt: ReadonlyMap<string, number>;
  /** Lives that gave their leases away, with nothing left to write. */
  handedOver: ReadonlySet<number>;
  /** The endpoints that ask for order. */
  ordered: readonly string[];
}

/** What is wrong with it, by name; empty where everything was delivered, once, in order. */
export function faultsOf(history: History): string[] {
  return [
    ...leftBehind(history),
    ...lost(history),
    ...duplicates(history),
    ...history.ordered.flatMap((endpoint) => outOfOrder(history, endpoint)),
  ];
}

function leftBehind({ tables }: History): string[] {
  const faults: string[] = [];
  for (const row of tables.fresh.values()) faults.push(`${keyOf(row)} was never attempted`);
  for (const row of tables.waiting.values()) {
    if (row.state !== 'given_up') faults.push(`${keyOf(row)} waits for ever: ${row.state}`);
  }
  return faults;
}

function lost({ tables, arrivals, due, skipped, goneAt }: History): string[] {
  const faults: string[] = [];
  const heard = new Set<string>();
  for (const one of arrivals) if (one.isHeard) heard.add(keyOf(one));
  for (const key of due) {
    const isAccountedFor = goneAt.has(key) || skipped.has(key) || tables.waiting.has(key);
    if (!isAccountedFor) faults.push(`${key} is lost`);
    if (goneAt.has(key) && !heard.has(key)) faults.push(`${key} is gone, and nobody took it`);
  }
  return faults;
}

/** A message comes again only where its answer was lost: on the way, or with a process that did not hand over what it had. */
function duplicates({ arrivals, goneAt, handedOver }: History): string[] {
  const faults: string[] = [];
  const last = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const key = keyOf(arrival);
    const before = last.get(key);
    const lives = [arrival.life, ...(handedOver.has(arrival.life - 1) ? [arrival.life - 1] : [])];
    if (before?.isHeard === true && lives.includes(before.life)) faults.push(`${key} came again, though heard`);
    const gone = goneAt.get(key);
    if (gone !== undefined && arrival.at > gone) faults.push(`${key} came again, though gone`);
    last.set(key, arrival);
  }
  return faults;
}

/** In a lane nothing comes after what follows it. */
function outOfOrder({ arrivals }: History, endpoint: string): string[] {
  const faults: string[] = [];
  const latest = new Map<string, number>();
  for (const { endpoint: of, lane, run, position } of arrivals) {
    if (of !== endpoint) continue;
    const key = `${run} ${lane}`;
    const before = latest.get(key) ?? 0;
    if (position < before) faults.push(`${endpoint} ${lane}: ${position} came after ${before}`);
    latest.set(key, Math.max(before, position));
  }
  return faults;
}
