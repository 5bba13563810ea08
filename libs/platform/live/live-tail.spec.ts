import { UnknownSchemaError } from '../event-codec/codec-errors.js';
import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import type { LogPage, StoredEvent } from '../event-log/event-log.js';
import { until } from '../testing/until.js';
import type { LiveEvent } from './live-event.js';
import { LiveTail, type TailReader } from './live-tail.js';

/** A log in memory: an event's payload is the name of its stream. */
class MemoryLog {
  readonly streams: string[] = [];
  readonly listeners = new Set<() => void>();
  reads = 0;
  down = false;

  append(...streams: string[]): void {
    this.streams.push(...streams);
    for (const listener of this.listeners) listener();
  }

  async end(): Promise<number> {
    if (this.down) throw new Error('away');
    return this.streams.length;
  }

  async read(after: number, { limit }: { limit: number }): Promise<LogPage> {
    this.reads++;
    if (this.down) throw new Error('away');
    const events = this.streams.slice(after, after + limit).map((stream, i) => stored(stream, after + i + 1));
    return { events, scannedTo: after + events.length };
  }

  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function stored(stream: string, position: number): StoredEvent {
  return { position, storePosition: position, fingerprint: Buffer.alloc(16), payload: Buffer.from(stream) };
}

class Reader implements TailReader {
  after = 0;
  readonly positions: number[] = [];
  readonly closes: string[] = [];

  take(events: readonly LiveEvent[]): void {
    this.positions.push(...events.map(({ position }) => position).filter((position) => position > this.after));
  }

  close(reason: 'internal'): void {
    this.closes.push(reason);
  }
}

let log: MemoryLog;
let opened: number;
let open: (events: readonly SealedEvent[]) => Promise<OpenEvent[]>;
let tail: LiveTail;
let updated: boolean;
beforeEach(() => {
  log = new MemoryLog();
  opened = 0;
  updated = false;
  open = async (events) => {
    opened += events.length;
    return events as OpenEvent[];
  };
  tail = new LiveTail({
    log,
    decode: ({ payload }) => {
      if (payload.toString() === 'broken') throw new Error('no event');
      if (payload.toString() === 'newer' && !updated) throw new UnknownSchemaError('07');
      const meta = { stream: payload.toString(), workspace: 'wsp', seq: 1 } as SealedEvent['meta'];
      return { type: 'a.b', meta, data: {} };
    },
    open: (events) => open(events),
    cursorOf: (_workspace, { position }) => `${position}`,
  });
});
afterEach(() => tail.stop());

it('gives each reader what was appended to its stream since it joined, and opens what somebody waits for', async () => {
  log.append('a', 'b');
  const [a, b, all] = [new Reader(), new Reader(), new Reader()];
  await Promise.all([tail.join('a', a), tail.join('wsp', all)]);
  expect(a.after).toBe(2);
  log.append('a', 'c', 'a');
  await until(() => a.positions.length === 2);
  await tail.join('b', b);
  expect(b.after).toBe(5);
  log.append('b', 'broken', 'a');
  await until(() => a.positions.length === 3);
  expect([a.positions, b.positions, all.positions]).toEqual([[3, 5, 8], [6], [3, 4, 5, 6, 8]]);
  expect(opened).toBe(5);
  await until(() => tail.delivered === 8);
});

it('tells who joins while events are on their way a place behind them', async () => {
  const [first, second] = [new Reader(), new Reader()];
  await tail.join('a', first);
  const { promise, resolve } = Promise.withResolvers<void>();
  const atOnce = open;
  open = async (events) => {
    await promise;
    return atOnce(events);
  };
  log.append('a', 'a');
  await until(() => log.reads > 1);
  await tail.join('a', second);
  expect(second.after).toBe(2);
  resolve();
  await until(() => first.positions.length === 2);
  log.append('a');
  await until(() => second.positions.length === 1);
  expect([first.positions, second.positions]).toEqual([[1, 2, 3], [3]]);
});

it('reads nothing while nobody waits, and begins at the end again', async () => {
  const [first, second] = [new Reader(), new Reader()];
  await tail.join('a', first);
  tail.leave('a', first);
  await until(() => log.listeners.size === 0);
  const { reads } = log;
  const { beginnings } = tail;
  log.append('a', 'a', 'a');
  expect(log.reads).toBe(reads);
  await tail.join('a', second);
  expect([second.after, tail.beginnings > beginnings]).toEqual([3, true]);
  log.append('a');
  await until(() => second.positions.length === 1);
  expect([first.positions, second.positions]).toEqual([[], [4]]);
});

it('goes on where it was when the store has been away', async () => {
  const reader = new Reader();
  await tail.join('a', reader);
  log.down = true;
  log.append('a', 'a');
  await new Promise((resolve) => setTimeout(resolve, 50));
  log.down = false;
  await until(() => reader.positions.length === 2);
  expect(reader.positions).toEqual([1, 2]);
});

it('closes those whose events cannot be opened, and no others', async () => {
  const [a, b] = [new Reader(), new Reader()];
  await Promise.all([tail.join('a', a), tail.join('b', b)]);
  const good = open;
  open = async (events) => {
    if (events.some(({ meta }) => meta.stream === 'a')) throw new Error('a broken seal');
    return good(events);
  };
  log.append('b', 'a', 'b');
  await until(() => a.closes.length === 1);
  await until(() => b.positions.length === 2);
  expect([a.closes, b.closes]).toEqual([['internal'], []]);
});

it('leads nobody past what a newer version wrote', async () => {
  const [a, newer] = [new Reader(), new Reader()];
  await Promise.all([tail.join('a', a), tail.join('newer', newer)]);
  log.append('a', 'newer', 'a');
  await until(() => a.positions.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([tail.decided, tail.delivered, a.positions]).toEqual([1, 1, [1]]);
  // It looks again from time to time, and not all the time.
  expect(log.reads).toBeLessThan(20);
  updated = true;
  log.append('a');
  await until(() => a.positions.length === 3);
  expect([a.positions, newer.positions]).toEqual([[1, 3, 4], [2]]);
});

it('cannot be joined while the store is away, and can afterwards', async () => {
  log.down = true;
  const reader = new Reader();
  await expect(tail.join('a', reader)).rejects.toThrow('away');
  expect(tail.readersOf('a').size).toBe(0);
  log.down = false;
  await tail.join('a', reader);
  log.append('a');
  await until(() => reader.positions.length === 1);
});

it('gives the readers of a workspace its own events once', async () => {
  const reader = new Reader();
  await tail.join('wsp', reader);
  log.append('wsp', 'a', 'wsp');
  await until(() => reader.positions.length >= 3);
  expect(reader.positions).toEqual([1, 2, 3]);
});
