import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_LINES } from './event-lines.js';
import { LiveReader } from './live-reader.js';
import { UnsentBytes } from './unsent-bytes.js';

/** A thirtieth of what is usual, and so of a reader of 40 kB a second. */
const TAKES_WITHIN_MS = 1000;
const BYTES_A_SECOND = 1_200_000;
const PAGE = Buffer.alloc(400_000, 'x');
/** Until the kernel takes no more, and then for longer than it may take nothing. */
const LONG_MS = 5000;
/** Elsewhere nobody says what the kernel keeps. */
const onLinux = process.platform === 'linux' ? it : it.skip;

let server: Server;
let client: Socket;
let taking: NodeJS.Timeout | undefined;
afterEach(() => {
  clearInterval(taking);
  client.destroy();
  server.close();
});

/** A response of node:http whose other end reads at a pace. */
async function response(): Promise<ServerResponse> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>();
  server = createServer((_request, answer) => resolve(answer));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
  client.pause();
  return promise;
}

onLinux(
  'takes its history at its own pace, and is closed only when it takes nothing',
  async () => {
    const sink = await response();
    const closed: string[] = [];
    const reader = new LiveReader(sink, {
      encoding: EVENT_LINES,
      key: 'key_1',
      types: null,
      cursor: null,
      onClosed: (reason) => closed.push(reason),
      takesWithinMs: TAKES_WITHIN_MS,
      unsent: new UnsentBytes(50),
    });
    let pages = 0;
    const giving = (async () => {
      for (let position = 1; !reader.closed; position++) {
        await reader.writeHistory([{ bytes: PAGE, place: { position, seq: position }, cursor: `c${position}` }]);
        pages++;
      }
    })();
    const began = performance.now();
    let taken = 0;
    taking = setInterval(() => {
      // As much as is due by the clock: a busy machine rings less often.
      const due = (BYTES_A_SECOND * (performance.now() - began)) / 1000;
      while (taken < due && client.read(BYTES_A_SECOND / 50) !== null) taken += BYTES_A_SECOND / 50;
    }, 20);
    await sleep(LONG_MS);
    expect([closed, sink.writableLength > 0, reader.held < 500_000]).toEqual([[], true, true]);
    clearInterval(taking);
    await giving;
    expect([closed, pages > 5]).toEqual([['slow_reader'], true]);
  },
  60_000,
);
