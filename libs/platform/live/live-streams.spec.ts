import { EventEmitter } from 'node:events';
import type { HistoryScan, StreamHistory } from '../feed/stream-history.js';
import { Problem } from '../kernel/problem.js';
import { until } from '../testing/until.js';
import { LiveStreams } from './live-streams.js';
import { MOST_OF_KEY } from './reader-shares.js';

class Connection extends EventEmitter {
  text = '';
  writableLength = 0;
  destroyed = false;

  write(bytes: Buffer): boolean {
    this.text += bytes.toString();
    return true;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}

const revoked = new Set<string>();
const failed: unknown[] = [];
let live: LiveStreams;
beforeEach(() => {
  revoked.clear();
  failed.length = 0;
  live = new LiveStreams({
    // Nothing answers there: signals are for this process alone.
    url: 'postgresql://nobody@127.0.0.1:1/nothing',
    log: {
      end: async () => 7,
      read: async (after) => ({ events: [], scannedTo: after }),
      onAppend: () => () => undefined,
    },
    decode: () => {
      throw new Error('There is nothing to decode.');
    },
    open: async () => [],
    cursorOf: (_workspace, { position }) => `c${position}`,
    holds: (key) => !revoked.has(key),
    heartbeatMs: 20,
    onFailed: (error, who) => failed.push([error, who]),
    mostHeld: 1000,
  });
});
afterEach(() => live.close());

async function opened(key = 'key_1', version: number | null = 1): Promise<Connection> {
  const history = {
    versionOf: async () => version,
    seqOf: async () => 1,
    scanPage: async () => ({ events: [], isEmpty: true, next: null }),
  } as unknown as StreamHistory;
  const reading = { workspace: 'wsp_1', stream: 'conv_1', key, cursor: 'c1', type: undefined, history };
  const connection = new Connection();
  const body = await live.ofStream(reading);
  body.attach(connection as never);
  await until(() => connection.text.includes('heartbeat'));
  return connection;
}

it('says that a connection lives', async () => {
  const connection = await opened();
  await until(() => connection.text.split(': heartbeat').length > 3);
  expect(live.readers).toBe(1);
  connection.destroy();
  expect(live.readers).toBe(0);
});

it('has nothing of a stream that is not there', async () => {
  await expect(opened('key_1', null)).rejects.toMatchObject({ code: 'not_found' });
});

it('sends those away whose key is gone, and no others', async () => {
  const [first, second] = [await opened('key_1'), await opened('key_2')];
  revoked.add('key_1');
  await until(() => first.destroyed);
  expect(first.text).toContain('data: {"reason":"key_revoked","cursor":"c1"}');
  expect(second.destroyed).toBe(false);
});

it('takes nobody whose key is gone, though the connection was let in with it', async () => {
  await opened();
  revoked.add('key_1');
  await expect(opened()).rejects.toMatchObject({ code: 'unauthenticated' });
});

it('sends those away who hold the most, where too much waits for all together', async () => {
  const [first, second, third] = [await opened(), await opened(), await opened()];
  first.writableLength = 300;
  second.writableLength = 500;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([first, second, third].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  third.writableLength = 400;
  await until(() => second.destroyed);
  expect(second.text).toContain('data: {"reason":"slow_reader","cursor":"c1"}');
  expect([first.destroyed, third.destroyed, live.heldBytes]).toEqual([false, false, 700]);
});

it('takes so many connections of a key, whether anything is asked for on them or not', async () => {
  const share = { workspace: 'wsp_1', key: 'key_1' };
  const idle = { held: 0, close: () => undefined };
  const admit = () => {
    live.admitConnection(share);
    return live.holdConnection(share, idle);
  };
  const [giveBack] = Array.from({ length: MOST_OF_KEY }, admit);
  expect(admit).toThrow(expect.objectContaining({ code: 'rate_limited' }));
  await opened();
  live.admitConnection({ ...share, key: 'key_2' });
  giveBack!();
  admit();
  await live.close();
  expect(() => live.admitConnection({ ...share, key: 'key_2' })).toThrow(
    expect.objectContaining({ code: 'unavailable' }),
  );
});

it('closes a connection, too, where too much waits for it', async () => {
  const closed: string[] = [];
  const connection = { held: 1500, close: (reason: string) => closed.push(reason) };
  const forget = live.holdConnection({ workspace: 'wsp_1', key: 'key_1' }, connection);
  await until(() => closed.includes('slow_reader'));
  forget();
  expect(live.heldBytes).toBe(0);
});

it('sends all away when the store lives another life, and takes them again', async () => {
  const first = await opened();
  live.restart();
  expect(first.text).toContain('"reason":"store_restored"');
  expect(live.closed.store_restored).toBe(1);
  await opened();
  expect(live.readers).toBe(1);
});

it('takes nobody any more once it ends', async () => {
  const first = await opened();
  await live.close();
  expect(first.text).toContain('"reason":"shutdown"');
  await expect(opened()).rejects.toMatchObject({ code: 'unavailable' });
});

it('says what a reader failed of after its head had left', async () => {
  const error = new TypeError('It is not a function.');
  const scanPage = async () => {
    throw error;
  };
  const history = { versionOf: async () => 1, seqOf: async () => 1, scanPage } as unknown as StreamHistory;
  const connection = new Connection();
  const reading = { workspace: 'wsp_1', stream: 'conv_1', key: 'key_1', cursor: 'c1', type: undefined, history };
  (await live.ofStream(reading)).attach(connection as never);
  await until(() => connection.destroyed);
  expect(connection.text).toContain('"reason":"internal"');
  expect(failed).toEqual([[error, { workspace: 'wsp_1', key: 'key_1' }]]);
});

it('pays for its history, and goes on with it when there is quota again', async () => {
  const pages = [2, 3, null];
  const asked: (number | undefined)[] = [];
  const history = {
    versionOf: async () => 3,
    seqOf: async () => 1,
    scanPage: async (_workspace: string, _stream: string, { after, onRead }: HistoryScan) => {
      asked.push(after);
      onRead?.(500, 1000);
      return { events: [], isEmpty: false, next: pages[asked.length - 1]! };
    },
  };
  const charged: number[] = [];
  let quota = 5;
  const charge = (units: number) => {
    if (units > quota) throw new Problem('rate_limited', 'This key has used what it may.', { retryAfter: 1 });
    quota -= units;
    charged.push(units);
  };
  const connection = new Connection();
  const reading = {
    workspace: 'wsp_1',
    stream: 'conv_1',
    key: 'key_1',
    cursor: 'c1',
    type: undefined,
    history,
    charge,
  };
  (await live.ofStream(reading)).attach(connection as never);
  await until(() => asked.length === 2);
  expect([asked, charged]).toEqual([[1, 2], [5]]);
  quota = 100;
  await until(() => connection.text.includes('heartbeat'));
  expect([asked, charged]).toEqual([
    [1, 2, 3],
    [5, 5, 5],
  ]);
});
