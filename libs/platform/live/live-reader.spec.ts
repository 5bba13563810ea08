import { EventEmitter } from 'node:events';
import { metaOf } from '../event-codec/event-codec.fixture.js';
import { historyParts } from './history-parts.js';
import { type Encoding, LiveEvent } from './live-event.js';
import { LiveReader, type Sink } from './live-reader.js';
import { SERVER_SENT_EVENTS } from './server-sent-events.js';
import type { UnsentBytes } from './unsent-bytes.js';

/** A connection whose other end takes what it is told to. */
class Connection extends EventEmitter implements Sink {
  text = '';
  writableLength = 0;
  destroyed = false;
  hasEnded = false;
  takes = true;

  constructor(readonly isPaced = false) {
    super();
  }

  write(bytes: Buffer): boolean {
    this.text += bytes.toString();
    if (!this.takes) this.writableLength += bytes.length;
    return this.takes;
  }

  end(): void {
    this.hasEnded = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function eventAt(position: number, type = 'message.created', size = 1): LiveEvent {
  const meta = { ...metaOf(type), seq: position };
  return new LiveEvent({ type, meta, position, data: { text: 'x'.repeat(size) } }, `c${position}`, size);
}

function made(
  types: string[] | null = null,
  encoding: Encoding = SERVER_SENT_EVENTS,
  connection = new Connection(),
  unsent?: UnsentBytes,
) {
  const closed: string[] = [];
  const behind: (number | undefined)[] = [];
  const reader = new LiveReader(connection, {
    encoding,
    key: 'key_1',
    types: types === null ? null : new Set(types),
    cursor: 'c0',
    onClosed: (reason) => closed.push(reason),
    onBehind: (last) => behind.push(last?.position),
    takesWithinMs: 60,
    ...(unsent === undefined ? {} : { unsent }),
  });
  return {
    connection,
    reader,
    closed,
    behind,
    write: (events: readonly LiveEvent[]) => reader.writeHistory(historyParts(events, encoding)),
    ids: () => [...connection.text.matchAll(/^id: c(\d+)$/gm)].map(([, id]) => Number(id)),
  };
}

it('gives its history, then what came meanwhile, then what comes, each once', async () => {
  const { reader, ids, write } = made();
  reader.take([eventAt(1)]);
  reader.beginHistory();
  reader.after = 3;
  reader.take([eventAt(3), eventAt(4)]);
  await write([eventAt(1), eventAt(2), eventAt(3)]);
  expect(ids()).toEqual([1, 2, 3]);
  expect(reader.goLive()).toBe(true);
  reader.take([eventAt(5)]);
  expect(ids()).toEqual([1, 2, 3, 4, 5]);
});

it('reads more of its history where more came meanwhile than is kept for it', () => {
  const { reader, ids } = made();
  reader.beginHistory();
  reader.after = 0;
  for (let position = 1; position <= 1500; position++) reader.take([eventAt(position)]);
  expect(reader.goLive()).toBe(false);
  reader.beginHistory();
  reader.after = 1500;
  reader.take([eventAt(1501)]);
  expect(reader.goLive()).toBe(true);
  expect(ids()).toEqual([1501]);
});

it('closes one that takes too little, and says where to go on', () => {
  const { connection, reader, closed, ids } = made();
  reader.after = 0;
  reader.goLive();
  connection.takes = false;
  for (let position = 1; position <= 20; position++) reader.take([eventAt(position, 'message.created', 100_000)]);
  expect(closed).toEqual(['slow_reader']);
  expect(connection.hasEnded).toBe(true);
  const last = ids().at(-1);
  expect(last).toBeLessThan(13);
  expect(connection.text).toContain(`event: closed\ndata: {"reason":"slow_reader","cursor":"c${last}"}\n\n`);
});

it('sends one who keeps up back to its history, where too much comes at once', () => {
  const { reader, ids, closed, behind } = made();
  reader.after = 0;
  reader.goLive();
  reader.take([eventAt(1)]);
  reader.take(Array.from({ length: 20 }, (_, n) => eventAt(n + 2, 'message.created', 100_000)));
  expect([behind, closed, ids()]).toEqual([[1], [], [1]]);
  // Nothing is taken before it is known where its history ends.
  reader.take([eventAt(22)]);
  reader.beginHistory();
  reader.after = 22;
  reader.take([eventAt(23)]);
  expect(reader.goLive()).toBe(true);
  expect(ids()).toEqual([1, 23]);
});

it('sends one who says how much it takes back to its history, where more waits than may', () => {
  const { connection, reader, ids, closed, behind } = made(null, SERVER_SENT_EVENTS, new Connection(true));
  reader.after = 0;
  reader.goLive();
  connection.takes = false;
  for (let position = 1; position <= 20; position++) reader.take([eventAt(position, 'message.created', 100_000)]);
  expect(closed).toEqual([]);
  expect([behind, connection.writableLength < 600_000]).toEqual([[ids().at(-1)], true]);
});

it('reads on from where what it waits for has changed, and nothing again that it had before', () => {
  const { reader, behind } = made();
  reader.after = 9;
  reader.goLive();
  reader.fallBehind({ position: 4, seq: 0 });
  reader.beginHistory();
  reader.after = 9;
  reader.goLive();
  reader.take([eventAt(11)]);
  reader.fallBehind({ position: 12, seq: 0 });
  expect(behind).toEqual([9, 12]);
});

it('makes no bytes of what is too much at once', () => {
  let encodings = 0;
  const event: Encoding['event'] = (one) => {
    encodings++;
    return SERVER_SENT_EVENTS.event(one);
  };
  const { reader, behind } = made(null, { ...SERVER_SENT_EVENTS, event });
  reader.after = 0;
  reader.goLive();
  reader.take(Array.from({ length: 20 }, (_, n) => eventAt(n + 1, 'message.created', 100_000)));
  expect([behind.length, encodings]).toEqual([1, 0]);
});

it('makes no bytes of a history before it is taken', async () => {
  let encodings = 0;
  const event: Encoding['event'] = (one) => {
    encodings++;
    return SERVER_SENT_EVENTS.event(one);
  };
  const { connection, reader, write } = made(null, { ...SERVER_SENT_EVENTS, event });
  connection.writableLength = 200 * 1024;
  const written = write(Array.from({ length: 6 }, (_, n) => eventAt(n + 1, 'message.created', 100_000)));
  expect(encodings).toBe(0);
  connection.takes = false;
  connection.emit('drain');
  await new Promise(setImmediate);
  expect(encodings).toBe(3);
  connection.destroy();
  await written;
  expect([reader.closed, encodings]).toEqual([true, 3]);
});

it('writes a page of history little by little, as it is taken', async () => {
  const { connection, reader } = made();
  connection.takes = false;
  const page = Buffer.alloc(200_000, 'x');
  const written = reader.writeHistory([{ bytes: page, place: { position: 7, seq: 1 }, cursor: 'c7' }]);
  for (const length of [65_536, 131_072, 196_608, 200_000]) {
    expect([connection.text.length, reader.held >= 200_000 - length]).toEqual([length, true]);
    // Nothing comes between its parts.
    connection.writableLength = 0;
    if (length < 200_000) reader.heartbeat(9, 'c9');
    connection.emit('drain');
    await new Promise(setImmediate);
  }
  await written;
  expect([connection.text === page.toString(), reader.closed]).toEqual([true, false]);
});

it('gives one who says how much it takes a page in one piece', () => {
  const { connection, reader } = made(null, SERVER_SENT_EVENTS, new Connection(true));
  connection.takes = false;
  void reader.writeHistory([{ bytes: Buffer.alloc(200_000, 'x'), place: { position: 7, seq: 1 }, cursor: 'c7' }]);
  expect(connection.text).toHaveLength(200_000);
});

it('is told where to go on behind a whole page, though it is closed in the middle of one', async () => {
  const { connection, reader } = made();
  connection.takes = false;
  const written = reader.writeHistory([
    { bytes: Buffer.alloc(200_000, 'x'), place: { position: 7, seq: 1 }, cursor: 'c7' },
  ]);
  reader.close('shutdown');
  expect(connection.text.slice(0, 200_000)).toBe('x'.repeat(200_000));
  expect(connection.text.slice(200_000)).toBe('event: closed\ndata: {"reason":"shutdown","cursor":"c7"}\n\n');
  connection.destroy();
  await written;
  expect(reader.held).toBe(0);
});

it('waits for what it wrote of a long page of history before it writes more', async () => {
  const { connection, reader, ids, write } = made();
  connection.takes = false;
  const written = write(Array.from({ length: 6 }, (_, n) => eventAt(n + 1, 'message.created', 100_000)));
  expect(ids()).toEqual([1]);
  for (let n = 0; n < 9; n++) {
    connection.emit('drain');
    await new Promise(setImmediate);
  }
  expect(ids()).toEqual([1, 2, 3, 4, 5, 6]);
  connection.emit('drain');
  await written;
  expect(reader.closed).toBe(false);
});

it('waits for one that takes its history slowly, and closes one that takes no more of it', async () => {
  const { connection, closed, write } = made();
  connection.takes = false;
  const written = write([eventAt(1, 'message.created', 1000)]);
  for (let n = 0; n < 10; n++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    connection.writableLength -= 100;
  }
  expect(closed).toEqual([]);
  await written;
  expect(closed).toEqual(['slow_reader']);
});

it('sees what is taken of what the kernel keeps, too', async () => {
  let kept = 4_000_000;
  const unsent = { to: async () => kept } as unknown as UnsentBytes;
  const { connection, reader, closed } = made(null, SERVER_SENT_EVENTS, new Connection(), unsent);
  connection.takes = false;
  const written = reader.writeHistory([
    { bytes: Buffer.alloc(1000, 'x'), place: { position: 7, seq: 1 }, cursor: 'c7' },
  ]);
  for (let n = 0; n < 10; n++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    kept -= 50_000;
  }
  expect(closed).toEqual([]);
  await written;
  expect(closed).toEqual(['slow_reader']);
});

it('gives the types that it was asked for, and signals in any case while it is live', () => {
  const { connection, reader, ids } = made(['conversation.closed']);
  const typing = () =>
    SERVER_SENT_EVENTS.signal({ workspace: 'wsp_1', stream: 'conv_1', name: 'typing', data: { typing: true } });
  reader.signal(typing);
  expect(connection.text).toBe('');
  reader.after = 0;
  reader.goLive();
  reader.take([eventAt(1), eventAt(2, 'conversation.closed')]);
  reader.signal(typing);
  expect(ids()).toEqual([2]);
  expect(connection.text).toContain('event: typing\ndata: {"typing":true}\n\n');
});

it('is told by each heartbeat where it stands, and moved on by it, and never back', () => {
  const { connection, reader } = made();
  reader.heartbeat(9, 'c9');
  expect(connection.text).toBe('');
  reader.after = 5;
  reader.goLive();
  reader.heartbeat(4, 'c4');
  expect(connection.text).toBe(': heartbeat\nid: c0\n\n');
  reader.heartbeat(9, 'c9');
  expect(connection.text).toContain(': heartbeat\nid: c9\n\n');
  reader.close('shutdown');
  expect(connection.text).toContain('"cursor":"c9"');
});

it('hears while it reads its history that the connection lives, from where that has come to', async () => {
  const { connection, reader, write } = made();
  await write([eventAt(3)]);
  connection.text = '';
  reader.heartbeat(9, 'c9');
  expect(connection.text).toBe(': heartbeat\nid: c3\n\n');
});

it('writes nothing more to one who has gone', () => {
  const { connection, reader, closed } = made();
  reader.after = 0;
  reader.goLive();
  connection.destroy();
  reader.take([eventAt(1)]);
  reader.close('shutdown');
  expect([reader.closed, connection.text, closed]).toEqual([true, '', []]);
});

it('ends its history with one who goes while it is written', async () => {
  const { connection, reader, write } = made();
  connection.takes = false;
  const written = write([eventAt(1)]);
  connection.destroy();
  await written;
  expect(reader.closed).toBe(true);
});
