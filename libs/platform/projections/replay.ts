import type { EventLog } from '../event-log/event-log.js';
import type { KeyDatabase } from '../keys/key-database.js';
import { Batch, type BatchTarget } from './batch.js';
import type { EventOpener } from './event-opener.js';
import type { Projection } from './projection.js';

/** Folding 10,000 events at once writes a conversation's row once for all its events among them. */
const PAGE = 10_000;
const SPAN = 200_000;

export interface ReplaySource {
  projection: Projection;
  log: EventLog;
  opener: EventOpener;
  keyDatabase: KeyDatabase;
}

interface Page {
  batch: Batch;
  scannedTo: number;
}

/**
 * Applies the events after one position up to another. The next page is read, decoded and folded while the statements
 * of the one before run. Positions in `leaveOut` are passed over. Returns how many events were applied.
 */
export async function replay(
  source: ReplaySource,
  target: BatchTarget,
  after: number,
  upTo: number,
  leaveOut: ReadonlySet<number> = new Set(),
  onPage: (reached: number, events: number) => void = () => undefined,
): Promise<number> {
  let events = 0;
  let coming = read(source, target, after, upTo, leaveOut);
  for (let reached = after; reached < upTo; ) {
    const { batch, scannedTo } = await coming;
    if (scannedTo <= reached) throw new Error(`The log ends at ${reached}, before ${upTo}.`);
    const written = batch.size === 0 ? Promise.resolve() : batch.applyTo(target);
    if (scannedTo < upTo) {
      coming = read(source, target, scannedTo, upTo, leaveOut);
      // Whichever fails first is thrown; the other must not be left unheard.
      coming.catch(() => undefined);
    }
    await written;
    reached = scannedTo;
    events += batch.size;
    onPage(reached, events);
  }
  return events;
}

async function read(
  { projection, log, opener, keyDatabase }: ReplaySource,
  target: BatchTarget,
  after: number,
  upTo: number,
  leaveOut: ReadonlySet<number>,
): Promise<Page> {
  if (after >= upTo) return { batch: new Batch(projection, opener, keyDatabase, [], after), scannedTo: after };
  const page = await log.read(after, { limit: PAGE, types: projection.types, upTo: Math.min(upTo, after + SPAN) });
  const events = leaveOut.size === 0 ? page.events : page.events.filter(({ position }) => !leaveOut.has(position));
  const batch = new Batch(projection, opener, keyDatabase, events, page.scannedTo);
  return { batch: batch.size === 0 ? batch : await batch.prepare(target.table), scannedTo: page.scannedTo };
}
