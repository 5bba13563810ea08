import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { EventReader, type Transport } from './event-reader.js';

let server: Server;
let answer: (socket: Socket, request: string) => void;
let url: string;
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (request) => answer(socket, request.toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const lineOf = (n: number) =>
  JSON.stringify({ type: 'x', id: `evt_${n}`, cursor: `c${n}`, stream: 's', seq: n, data: { text: 'Grüße 🧵' } });

const HEARTBEAT = '{"type":"heartbeat","cursor":"c3"}';
const CLOSED = '{"type":"closed","reason":"shutdown","cursor":"c3"}';

function bytesFor(transport: Transport): Buffer {
  const lines = [lineOf(1), lineOf(2), lineOf(3)];
  if (transport === 'ws') {
    const frames = [...lines, HEARTBEAT, CLOSED].map((line) => {
      const payload = Buffer.from(`{"subscription":"all",${line.slice(1)}`);
      const head =
        payload.length < 126 ? [0x81, payload.length] : [0x81, 126, payload.length >> 8, payload.length & 255];
      return Buffer.concat([Buffer.from(head), payload]);
    });
    return Buffer.concat([
      Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
      ...frames,
      Buffer.from([0x88, 2, 3, 233]),
    ]);
  }
  const texts =
    transport === 'ndjson'
      ? [...lines, HEARTBEAT, CLOSED].map((line) => `${line}\n`)
      : [
          ...lines.map((line, n) => `id: c${n + 1}\nevent: x\ndata: ${line}\n\n`),
          ': heartbeat\nid: c3\n\n',
          `event: closed\ndata: ${CLOSED}\n\n`,
        ];
  const chunks = texts.map((text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  return Buffer.from(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`);
}

const until = async (met: () => boolean) => {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe.each(['ndjson', 'sse', 'ws'] as const)('over %s', (transport) => {
  const reading = { key: 'k', transport, since: 'beginning' };

  it('hears what came whole, whatever the pieces that it came in', async () => {
    answer = async (socket) => {
      for (const byte of bytesFor(transport)) socket.write(Buffer.from([byte]));
      socket.end();
    };
    const reader = await EventReader.open({ ...reading, url });
    await until(() => reader.ended);
    expect(reader.heard.map(({ line }) => line)).toEqual([lineOf(1), lineOf(2), lineOf(3)]);
    expect([reader.cursor, reader.heartbeats, reader.closed]).toEqual(['c3', 1, { reason: 'shutdown', cursor: 'c3' }]);
    if (transport === 'ws') expect(reader.closeCode).toBe(1001);
  });

  it('stands after the last whole event, wherever it is cut', async () => {
    answer = (socket) => void socket.end(bytesFor(transport));
    const whole = bytesFor(transport).length;
    for (let cutAfter = 1; cutAfter < whole; cutAfter += 7) {
      const reader = await EventReader.open({ ...reading, url, cutAfter });
      await until(() => reader.ended);
      expect(reader.bytes).toBe(cutAfter);
      expect(reader.cursor).toBe(reader.heard.at(-1)?.cursor ?? null);
    }
  });

  it('says what it was refused for', async () => {
    const problem = '{"code":"invalid_cursor"}';
    answer = (socket) =>
      void socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-length: ${problem.length}\r\n\r\n${problem}`);
    const reader = await EventReader.open({ ...reading, url });
    expect([reader.status, reader.problem]).toEqual([400, { code: 'invalid_cursor' }]);
    reader.cut();
  });
});
