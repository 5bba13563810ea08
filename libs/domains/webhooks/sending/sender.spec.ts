import { spawn } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createRawServer, type Server as RawServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { freePorts } from '../../../platform/testing/free-ports.js';
import { TestAuthority } from '../../../platform/testing/test-certificates.js';
import { eventually, until } from '../../../platform/testing/until.js';
import { AddressGuard } from './address-guard.js';
import type { ResolveName } from './name-resolver.js';
import { Sender, type Target } from './sender.js';

const RULES = { networks: ['127.0.0.0/8', '::1'], http: true };
/** Longer than a busy machine takes for an answer. */
const PATIENCE_MS = 60_000;
/** For receivers that never answer. */
const SHORT_MS = 600;
const BODY = Buffer.from('{"type":"message.created","data":{"text":"Grüße 🧶"}}');
const HEADERS = ['content-type', 'application/json', 'webhook-id', 'evt_1'];

const senders: Sender[] = [];
const servers: (Server | RawServer)[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.close()));
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

function newSender(resolve?: ResolveName, withinMs = PATIENCE_MS, idleMs?: number, rules = RULES): Sender {
  const sender = new Sender(new AddressGuard(rules, resolve), withinMs, idleMs);
  senders.push(sender);
  return sender;
}

async function listening<T extends Server | RawServer>(
  server: T,
): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const http = (answer: RequestListener) => listening(createServer(answer));

/** Answers each request, once it has come as a whole, by what this does with the socket. */
const raw = (answer: (socket: Socket, requests: number) => void) => {
  let requests = 0;
  return listening(
    createRawServer((socket) => {
      socket.on('data', (data) => {
        if (data.includes(BODY)) answer(socket, ++requests);
      });
    }),
  ).then((server) => ({ ...server, requests: () => requests }));
};

const target = (port: number, more: Partial<Target> = {}): Target => ({
  endpoint: 'whe_1',
  url: `http://127.0.0.1:${port}/hook?a=b`,
  connections: 4,
  clientCertificate: null,
  ...more,
});

const post = (sender: Sender, to: Target, headers = HEADERS) => sender.post(to, headers, BODY);

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('a receiver that answers', () => {
  it('gets the bytes and the headers as they are, and its answer comes back', async () => {
    let seen: unknown;
    const { port } = await http(async (request, response) => {
      const body = await bytesOf(request);
      seen = [request.method, request.url, request.headers['webhook-id'], request.headers.host, body];
      response.writeHead(202, { 'x-request-id': 'r1', 'set-cookie': ['a=1', 'b=2'] }).end('taken');
    });
    const answer = await post(newSender(), target(port));
    expect(seen).toEqual(['POST', '/hook?a=b', 'evt_1', `127.0.0.1:${port}`, BODY]);
    expect(answer).toMatchObject({ status: 202, error: null, detail: null, retryAfterMs: null });
    expect(answer.body.toString()).toBe('taken');
    expect(answer.headers).toEqual(
      expect.arrayContaining([
        ['x-request-id', 'r1'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]),
    );
    expect(answer.durationMs).toBeLessThan(PATIENCE_MS);
  });

  it.each([200, 204, 299, 400, 404, 410, 429, 500, 503])('is heard with %s', async (status) => {
    const { port } = await http((_, response) => response.writeHead(status).end());
    expect(await post(newSender(), target(port))).toMatchObject({ status, error: null, body: Buffer.alloc(0) });
  });

  it('is asked over connections that are kept', async () => {
    const { port, connections } = await http((_, response) => response.writeHead(204).end());
    const sender = newSender();
    for (let n = 0; n < 20; n++) expect((await post(sender, target(port))).status).toBe(204);
    // Two take turns: one is free again only after its answer was looked at.
    expect(connections()).toBeLessThanOrEqual(2);
  });

  it('never has more connections than it wants, and all that waits is sent', async () => {
    let [now, most] = [0, 0];
    const { port, connections } = await http((request, response) => {
      most = Math.max(most, ++now);
      request.resume().on('end', () =>
        setTimeout(() => {
          now--;
          response.writeHead(204).end();
        }, 5),
      );
    });
    const sender = newSender();
    const answers = await Promise.all(Array.from({ length: 60 }, () => post(sender, target(port, { connections: 3 }))));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(60);
    expect([most, connections()]).toEqual([3, 3]);
  });

  it('has as many connections as the target says last', async () => {
    let [now, most] = [0, 0];
    const { port } = await http((_, response) => {
      most = Math.max(most, ++now);
      setTimeout(() => {
        now--;
        response.writeHead(204).end();
      }, 20);
    });
    const sender = newSender();
    for (const connections of [1, 3]) {
      await Promise.all(Array.from({ length: 6 }, () => post(sender, target(port, { connections }))));
      expect(most).toBe(connections);
    }
  });

  it('is asked over a connection for longer than one exchange may take', async () => {
    const { port, connections } = await http((_, response) => response.writeHead(204).end());
    const sender = newSender(undefined, SHORT_MS);
    for (const end = Date.now() + 2 * SHORT_MS; Date.now() < end; ) {
      await post(sender, target(port, { connections: 1 }));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(connections()).toBe(1);
  });

  it('may close after its answer, whether it says so or not', async () => {
    const { port, connections } = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
    const sender = newSender();
    for (let n = 0; n < 5; n++) {
      expect(await post(sender, target(port))).toMatchObject({ status: 200, error: null, body: Buffer.from('ok') });
      await until(() => sockets.size === 0);
    }
    expect(connections()).toBe(5);
  });

  it('may end its body by closing', async () => {
    const { port } = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
    const answer = await post(newSender(), target(port));
    expect(answer).toMatchObject({ status: 200, error: null, body: Buffer.from('until the end') });
  });

  it('may say first that it is still at it', async () => {
    const { port } = await raw((socket) =>
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'),
    );
    expect(await post(newSender(), target(port))).toMatchObject({ status: 204, error: null });
  });

  it.each([
    ['120', 120_000],
    ['Sun, 22 Nov 2026 12:01:30 GMT', 90_000],
    ['999999999', 86_400_000],
    ['later', null],
  ])('asks to be left alone by Retry-After: %s', async (value, ms) => {
    const { port } = await http((_, response) =>
      response.writeHead(503, { 'retry-after': value, date: 'Sun, 22 Nov 2026 12:00:00 GMT' }).end(),
    );
    expect(await post(newSender(), target(port))).toMatchObject({ status: 503, error: null, retryAfterMs: ms });
  });
});

describe('what is read of an answer', () => {
  it('is 16 KiB of a body without an end, and the status counts', async () => {
    let written = 0;
    const { port } = await http((_, response) => {
      response.writeHead(200, { 'content-length': 10_000_000_000 });
      const chunk = Buffer.alloc(1 << 20, 'x');
      const more = () => {
        while (!response.destroyed && written < 10_000_000_000) {
          written += chunk.length;
          if (!response.write(chunk)) return;
        }
      };
      response.on('drain', more);
      more();
    });
    const answer = await post(newSender(), target(port));
    expect(answer).toMatchObject({ status: 200, error: null });
    expect(answer.body.equals(Buffer.alloc(16 * 1024, 'x'))).toBe(true);
    await until(() => sockets.size === 0);
    expect(written).toBeLessThan(64 << 20);
  });

  it.each([16 * 1024 - 1, 16 * 1024])('is all of a body of %s bytes, and the connection is kept', async (length) => {
    const { port, connections } = await http((_, response) => response.end(Buffer.alloc(length, 'y')));
    const sender = newSender();
    for (let n = 0; n < 6; n++) expect((await post(sender, target(port))).body).toHaveLength(length);
    expect(connections()).toBeLessThanOrEqual(2);
  });

  it('is one byte less of a body that has one more', async () => {
    const { port } = await http((_, response) => response.end(Buffer.alloc(16 * 1024 + 1, 'y')));
    const answer = await post(newSender(), target(port));
    expect([answer.status, answer.error, answer.body.length]).toEqual([200, null, 16 * 1024]);
  });

  it('are 4 KiB of its headers', async () => {
    const { port } = await http((_, response) => {
      for (let n = 0; n < 50; n++) response.setHeader(`x-${n}`, 'v'.repeat(200));
      response.writeHead(200).end();
    });
    const answer = await post(newSender(), target(port));
    expect(answer).toMatchObject({ status: 200, error: null });
    const characters = answer.headers.flat().join('').length;
    expect(characters).toBeGreaterThan(3800);
    expect(characters).toBeLessThanOrEqual(4096);
  });

  it('is refused with headers without an end', async () => {
    const { port } = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      socket.write(`x: ${'y'.repeat(100_000)}\r\n\r\n`);
    });
    expect(await post(newSender(), target(port))).toMatchObject({ status: null, error: 'answer_invalid' });
  });
});

describe('a receiver that does not answer as it should', () => {
  const took = async (asked: Promise<{ durationMs: number }>) => {
    const { durationMs } = await asked;
    expect(durationMs).toBeGreaterThanOrEqual(SHORT_MS);
    expect(durationMs).toBeLessThan(SHORT_MS * 20);
  };

  it.each([
    ['', 'is silent'],
    ['HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', 'says no more than that it is still at it'],
  ])('is given up where it sends %j: it %s', async (text) => {
    const { port } = await raw((socket) => socket.write(text));
    const asked = post(newSender(undefined, SHORT_MS), target(port));
    expect(await asked).toMatchObject({ status: null, error: 'timeout' });
    await took(asked);
    await until(() => sockets.size === 0);
  });

  it('is given up where its body does not come, and what it began with is told', async () => {
    const { port } = await raw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'));
    const asked = post(newSender(undefined, SHORT_MS), target(port));
    expect(await asked).toMatchObject({ status: 200, error: 'timeout', body: Buffer.from('half') });
    await took(asked);
  });

  it.each([
    ['headers', 'HTTP/1.1 200 OK\r\nx: ', null],
    ['a body', 'HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n', 200],
  ])('is given up where its answer drips, in %s', async (_, begin, status) => {
    const { port } = await raw((socket) => {
      socket.write(begin);
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    const asked = post(newSender(undefined, SHORT_MS), target(port));
    expect(await asked).toMatchObject({ status, error: 'timeout' });
    await took(asked);
    await until(() => sockets.size === 0);
  });

  it('is given up where its name is never found', async () => {
    const never: ResolveName = () => new Promise(() => undefined);
    const asked = post(newSender(never, SHORT_MS), target(1, { url: 'http://hook.example/' }));
    expect(await asked).toMatchObject({ status: null, error: 'timeout' });
    await took(asked);
  });

  it('holds up what waits behind it no longer than its own time', async () => {
    const { port } = await raw(() => undefined);
    const withinMs = 5 * SHORT_MS;
    const sender = newSender(undefined, withinMs);
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(sender, target(port, { connections: 1 }))));
    expect(answers.map(({ error }) => error)).toEqual(Array(4).fill('timeout'));
    // One after the other the last would have its answer after four times as long.
    for (const { durationMs } of answers) expect(durationMs).toBeLessThan(3 * withinMs);
  });

  it('holds up nobody else', async () => {
    const { port: dead } = await raw(() => undefined);
    const { port } = await http((_, response) => response.writeHead(204).end());
    const sender = newSender(undefined, 5 * SHORT_MS);
    const silent = post(sender, target(dead, { endpoint: 'whe_dead' }));
    const answer = await post(sender, target(port));
    expect(answer.status).toBe(204);
    expect((await silent).durationMs).toBeGreaterThan(answer.durationMs);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['resets at once', (socket) => socket.resetAndDestroy()],
    ['closes at once', (socket) => socket.end()],
    ['closes within its headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nx: ')],
  ])('that %s has not answered', async (_, answer) => {
    const { port, requests } = await raw(answer);
    expect(await post(newSender(), target(port))).toMatchObject({ status: null, error: 'reset' });
    expect(requests()).toBe(1);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['closes', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')],
    [
      'says that it closes',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nhalf'),
    ],
    ['breaks off a chunk', (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf')],
    [
      'breaks off a chunk, and said that it closes,',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'),
    ],
    [
      'resets',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', () => socket.resetAndDestroy()),
    ],
  ])('that %s within its body has not answered, though it began', async (_, answer) => {
    const { port, requests } = await raw(answer);
    const { status, error } = await post(newSender(), target(port));
    expect(error).toBe('reset');
    expect([200, null]).toContain(status);
    expect(requests()).toBe(1);
  });

  it.each([
    'no HTTP at all\r\n\r\n',
    'HTTP/1.1 abc OK\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    'HTTP/1.1 200 OK\r\nx\0: y\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
  ])('with %j says nothing that can be read', async (text) => {
    const { port } = await raw((socket) => socket.write(text));
    expect(await post(newSender(), target(port))).toMatchObject({ error: 'answer_invalid' });
  });

  it('that closes a kept connection under a request gets it once', async () => {
    const { port, requests } = await raw((socket, nth) => {
      if (nth === 1) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      else socket.destroy();
    });
    const sender = newSender();
    expect((await post(sender, target(port))).status).toBe(204);
    expect(await post(sender, target(port))).toMatchObject({ status: null, error: 'reset' });
    expect(requests()).toBe(2);
  });

  it('is not there', async () => {
    const { port } = await http(() => undefined);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await post(newSender(), target(port))).toMatchObject({
      status: null,
      error: 'connect_failed',
      detail: 'ECONNREFUSED',
    });
  });

  it('fails all that waits for a connection, and is tried again by what comes later', async () => {
    const { port } = await http(() => undefined);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    const sender = newSender();
    const to = target(port, { connections: 2 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => post(sender, to)));
    expect(new Set(answers.map(({ error }) => error))).toEqual(new Set(['connect_failed']));
    const back = createServer((_, response) => response.writeHead(204).end());
    servers.push(back);
    await new Promise<void>((resolve) => back.listen(port, '127.0.0.1', resolve));
    expect(await post(sender, to)).toMatchObject({ status: 204, error: null });
  });
});

describe('after failures', () => {
  const GOOD = 'HTTP/1.1 204 No Content\r\n\r\n';
  const ENDLESS = `HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n${'x'.repeat(100_000)}`;
  const FAULTS: [string, (socket: Socket) => void][] = [
    ['silence', () => undefined],
    ['half a head', (socket) => socket.write('HTTP/1.1 200 OK\r\nx: ')],
    ['half a body', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')],
    ['a body that ends too early', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf')],
    ['a body without an end', (socket) => socket.write(ENDLESS)],
    ['a reset', (socket) => socket.resetAndDestroy()],
    ['a close', (socket) => socket.end()],
    ['no HTTP', (socket) => socket.write('hello\r\n\r\n')],
    ['an answer, and another that nobody asked for', (socket) => socket.write(GOOD + GOOD)],
    ['an answer and a reset', (socket) => socket.write(GOOD, () => socket.resetAndDestroy())],
    ['an answer and a close', (socket) => socket.end(GOOD)],
    ['an early hint and a close', (socket) => socket.end('HTTP/1.1 103 Early Hints\r\n\r\n')],
  ];

  it.each(FAULTS)('by %s the one connection of an endpoint works again', async (_, fault) => {
    let faulty = true;
    const { port } = await raw((socket) => {
      if (faulty) fault(socket);
      else socket.write(GOOD);
    });
    const sender = newSender(undefined, SHORT_MS);
    const to = target(port, { connections: 1 });
    await Promise.all([post(sender, to), post(sender, to)]);
    faulty = false;
    await eventually(async () => expect(await post(sender, to)).toMatchObject({ status: 204, error: null }));
  });

  it('of every kind in any order each post has its answer, and nothing stays behind', async () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    const { port } = await raw((socket) => {
      const [, fault] = FAULTS[random(2 * FAULTS.length)] ?? [];
      if (fault === undefined) socket.write(GOOD);
      else fault(socket);
    });
    const sender = newSender(undefined, SHORT_MS);
    const to = target(port, { connections: 3 });
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 5));
        return post(sender, to);
      }),
    );
    for (const { status, error, durationMs } of answers) {
      expect(error !== null || status! < 300).toBe(true);
      expect(durationMs).toBeLessThan(PATIENCE_MS);
    }
    const words = new Set(answers.map(({ error }) => error));
    expect([...words]).toEqual(expect.arrayContaining([null, 'timeout', 'reset', 'answer_invalid']));
    await sender.close();
    await until(() => sockets.size === 0);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308, 300, 304])('by %s is a failure, and goes nowhere', async (status) => {
    const inner = await http((_, response) => response.end('secret'));
    const { port } = await http((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${inner.port}/latest/meta-data/` }).end(),
    );
    const answer = await post(newSender(), target(port));
    expect(answer).toMatchObject({ status, error: 'redirect' });
    expect(inner.connections()).toBe(0);
  });

  it('to the metadata of a cloud is told with where it would lead', async () => {
    const location = 'http://169.254.169.254/latest/meta-data/';
    const { port } = await http((_, response) => response.writeHead(302, { location }).end());
    const answer = await post(newSender(), target(port));
    expect(answer).toMatchObject({ status: 302, error: 'redirect' });
    expect(answer.headers).toContainEqual(['location', location]);
  });
});

describe('where a request may go', () => {
  const at = (...addresses: string[]): LookupAddress[] =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const STRICT = { networks: ['127.0.0.2/32'], http: true };

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])('is not http://%s', async (host) => {
    const { port, connections } = await http((_, response) => response.end());
    const sender = newSender(undefined, PATIENCE_MS, undefined, STRICT);
    const answer = await post(sender, target(port, { url: `http://${host}:${port}/` }));
    expect(answer).toMatchObject({ status: null, error: 'address_refused' });
    expect(connections()).toBe(0);
  });

  it('is judged anew for each connection: a name that turns to 127.0.0.1 is refused', async () => {
    const server = createServer((_, response) => response.writeHead(204, { connection: 'close' }).end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as AddressInfo;
    let requests = 0;
    server.on('request', () => requests++);
    const answers = [at('127.0.0.2'), at('127.0.0.1'), at('127.0.0.2')];
    const sender = newSender(async () => answers.shift()!, PATIENCE_MS, undefined, STRICT);
    const to = target(port, { url: `http://hook.example:${port}/` });
    expect(await post(sender, to)).toMatchObject({ status: 204, error: null });
    expect(await post(sender, to)).toMatchObject({ status: null, error: 'address_refused' });
    expect(requests).toBe(1);
    // It is refused for as long as the name leads there, and no longer.
    expect(await post(sender, to)).toMatchObject({ status: 204, error: null });
    expect(answers).toEqual([]);
  });

  it('is nowhere, where one of several addresses is refused', async () => {
    const { port, connections } = await http((_, response) => response.end());
    const sender = newSender(async () => at('127.0.0.2', '127.0.0.1'), PATIENCE_MS, undefined, STRICT);
    expect(await post(sender, target(port, { url: `http://hook.example:${port}/` }))).toMatchObject({
      error: 'address_refused',
    });
    expect(connections()).toBe(0);
  });

  it('is no http where that is not allowed, and no other scheme', async () => {
    const { port, connections } = await http((_, response) => response.end());
    const sender = newSender(undefined, PATIENCE_MS, undefined, { ...RULES, http: false });
    expect(await post(sender, target(port))).toMatchObject({ status: null, error: 'address_refused' });
    for (const url of ['ftp://127.0.0.1/', 'nonsense', `http://a:b@127.0.0.1:${port}/`]) {
      expect(await post(newSender(), target(port, { url }))).toMatchObject({ status: null, error: 'address_refused' });
    }
    expect(connections()).toBe(0);
  });

  it('is unknown, where the name is', async () => {
    const unknown: ResolveName = async () => {
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
    };
    expect(await post(newSender(unknown), target(1, { url: 'http://hook.example/' }))).toMatchObject({
      status: null,
      error: 'dns_failed',
      detail: 'ENOTFOUND',
    });
  });
});

it('a header that HTTP has no room for is an answer as well', async () => {
  const { port, connections } = await http((_, response) => response.end());
  for (const headers of [
    ['x-own', 'a\r\nhost: elsewhere'],
    ['not a name', 'x'],
    ['transfer-encoding', 'chunked'],
    ['content-length', '1'],
  ]) {
    expect(await post(newSender(), target(port), headers)).toMatchObject({ status: null, error: 'request_invalid' });
  }
  expect(connections()).toBe(0);
});

it('a request that cannot be made takes no connection away from those that can', async () => {
  const { port } = await http((_, response) => response.writeHead(204).end());
  const sender = newSender();
  const to = target(port, { connections: 2 });
  await Promise.all(Array.from({ length: 10 }, () => post(sender, to, ['not a name', 'x'])));
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(sender, to)));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(204));
});

describe('TLS', () => {
  const trusted = getCACertificates('default');
  let folder: string;
  let authority: TestAuthority;
  const pem = ({ cert, key }: { cert: string; key: string }) => ({ cert: readFileSync(cert), key: readFileSync(key) });
  const text = (files: { cert: string; key: string }) => ({
    cert: readFileSync(files.cert, 'utf8'),
    key: readFileSync(files.key, 'utf8'),
  });
  const url = (port: number, host = '127.0.0.1') => ({ url: `https://${host}:${port}/` });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-sender-'));
    authority = new TestAuthority(join(folder, 'authority'));
    setDefaultCACertificates([...trusted, readFileSync(authority.ca, 'utf8')]);
  });
  afterAll(() => {
    setDefaultCACertificates(trusted);
    rmSync(folder, { recursive: true, force: true });
  });

  it('carries a request to whoever shows the right certificate, over HTTP/1.1', async () => {
    const certificate = pem(authority.issue('receiver', 'IP:127.0.0.1,DNS:hook.example'));
    let versions: unknown[] = [];
    const { port, connections } = await listening(
      createTlsServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (request, response) => {
        versions = [
          ...versions,
          [request.httpVersion, (request.socket as unknown as { servername: string }).servername],
        ];
        response.writeHead(204).end();
      }),
    );
    const sender = newSender(async () => [{ address: '127.0.0.1', family: 4 }]);
    expect(await post(sender, target(port, url(port)))).toMatchObject({ status: 204, error: null });
    expect(await post(sender, target(port, url(port, 'hook.example')))).toMatchObject({ status: 204, error: null });
    expect(versions).toEqual([
      ['1.1', false],
      ['1.1', 'hook.example'],
    ]);
    expect(connections()).toBe(2);
  });

  it.each<[string, () => { cert: Buffer; key: Buffer }, string]>([
    [
      'of an unknown authority',
      () => pem(new TestAuthority(join(folder, 'other')).issue('a', 'IP:127.0.0.1')),
      'UNABLE_TO',
    ],
    [
      'of another name',
      () => pem(authority.issue('elsewhere', 'DNS:elsewhere.example')),
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
  ])('fails with a certificate %s, and its reason is told', async (_, certificate, detail) => {
    let requests = 0;
    const { port } = await listening(
      createTlsServer(certificate(), (__, response) => {
        requests++;
        response.end();
      }),
    );
    const answer = await post(newSender(), target(port, url(port)));
    expect(answer).toMatchObject({ status: null, error: 'tls_failed', detail: expect.stringMatching(detail) });
    expect(requests).toBe(0);
  });

  it('fails where the other side speaks none, or hangs up', async () => {
    const plain = await listening(createRawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await post(newSender(), target(plain.port, url(plain.port)))).toMatchObject({ error: 'tls_failed' });
    const shut = await listening(createRawServer((socket) => socket.destroy()));
    expect(await post(newSender(), target(shut.port, url(shut.port)))).toMatchObject({ error: 'tls_failed' });
  });

  it('fails where the receiver would choose the prime, whose size is the work', async () => {
    const { port } = await listening(
      createTlsServer(
        {
          ...pem(authority.issue('dhe', 'IP:127.0.0.1', ['rsa:2048'])),
          ciphers: 'DHE-RSA-AES128-GCM-SHA256',
          dhparam: 'auto',
          maxVersion: 'TLSv1.2',
        },
        (_, response) => response.writeHead(204).end(),
      ),
    );
    expect(await post(newSender(), target(port, url(port)))).toMatchObject({ status: null, error: 'tls_failed' });
  });

  it('is given up where the other side never shakes hands', async () => {
    const { port } = await listening(createRawServer((socket) => socket.resume()));
    const sender = newSender(undefined, SHORT_MS);
    expect(await post(sender, target(port, url(port)))).toMatchObject({ status: null, error: 'timeout' });
    await until(() => sockets.size === 0);
  });

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('by %s with a certificate of the client', (version) => {
    const receiver = async () => {
      const peers: string[] = [];
      const { port } = await listening(
        createTlsServer(
          {
            ...pem(authority.issue(`asks-${version}`, 'IP:127.0.0.1')),
            ca: readFileSync(authority.ca),
            requestCert: true,
            rejectUnauthorized: true,
            maxVersion: version,
          },
          (request, response) => {
            const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
            peers.push(String(subject.CN));
            response.writeHead(204).end();
          },
        ),
      );
      return { port, peers };
    };

    it('shows the one of its endpoint, and the new one once that has changed', async () => {
      const { port, peers } = await receiver();
      const sender = newSender();
      for (const name of ['one', 'two']) {
        const clientCertificate = text(authority.issue(name, `DNS:${name}`));
        expect(await post(sender, target(port, { ...url(port), clientCertificate }))).toMatchObject({ status: 204 });
      }
      expect(peers).toEqual(['one', 'two']);
    });

    it.each<[string, string, () => Target['clientCertificate']]>([
      ['none', 'tls_failed', () => null],
      [
        'one of another authority',
        // Node.js looks at it after a handshake by TLS 1.3, and hangs up without a word.
        version === 'TLSv1.3' ? 'reset' : 'tls_failed',
        () => text(new TestAuthority(join(folder, `b-${version}`)).issue('c', 'DNS:c')),
      ],
    ])('fails with %s', async (_, word, clientCertificate) => {
      const { port, peers } = await receiver();
      const to = target(port, { ...url(port), clientCertificate: clientCertificate() });
      expect(await post(newSender(), to)).toMatchObject({ status: null, error: word });
      expect(peers).toEqual([]);
    });
  });

  it('fails where the other side says after the handshake that it wants a certificate', async () => {
    const { cert, key } = authority.issue('alerts', 'IP:127.0.0.1');
    const port = await freePorts(1);
    const how = ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', cert, '-key', key, '-CAfile', authority.ca];
    const child = spawn('openssl', [...how, '-tls1_3', '-Verify', '1', '-verify_return_error', '-quiet'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    try {
      const answer = await eventually(async () => {
        const given = await post(newSender(), target(port, url(port)));
        expect(given.error).not.toBe('connect_failed');
        return given;
      });
      expect(answer).toMatchObject({
        status: null,
        error: 'tls_failed',
        detail: expect.stringMatching(/CERTIFICATE_REQUIRED/),
      });
    } finally {
      child.kill();
    }
  });

  it('fails with a client certificate that is none', async () => {
    const { port } = await listening(createTlsServer(pem(authority.issue('d', 'IP:127.0.0.1'))));
    const clientCertificate = { cert: 'no certificate', key: 'no key' };
    expect(await post(newSender(), target(port, { ...url(port), clientCertificate }))).toMatchObject({
      status: null,
      error: 'tls_failed',
    });
  });
});

describe('connections', () => {
  const answering = () => http((_, response) => response.writeHead(204).end());

  it('are closed when nothing was sent for long', async () => {
    const { port, connections } = await answering();
    const sender = newSender(undefined, PATIENCE_MS, 300);
    await post(sender, target(port));
    expect(sockets.size).toBe(1);
    await until(() => sockets.size === 0);
    await until(() => Reflect.get(sender, 'clock') === undefined);
    expect(Reflect.get(sender, 'ways').size).toBe(0);
    expect((await post(sender, target(port))).status).toBe(204);
    expect(connections()).toBe(2);
  });

  it('are new ones once the target is another', async () => {
    const [one, other] = [await answering(), await answering()];
    const sender = newSender();
    await post(sender, target(one.port));
    expect((await post(sender, target(other.port))).status).toBe(204);
    expect([one.connections(), other.connections()]).toEqual([1, 1]);
    await until(() => sockets.size === 1);
  });

  it('are closed by forget, once what is under way has its answer', async () => {
    const held: ServerResponse[] = [];
    const { port } = await http((_, response) => held.push(response));
    const sender = newSender();
    const asked = post(sender, target(port));
    await until(() => held.length === 1);
    sender.forget('whe_1');
    sender.forget('whe_none');
    held[0]!.writeHead(204).end();
    expect(await asked).toMatchObject({ status: 204, error: null });
    await until(() => sockets.size === 0);
  });

  it('and timers are gone after close, which lets what is under way end', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { port } = await http((_, response) => void setTimeout(() => response.writeHead(204).end(), 50));
    const dead = await raw(() => undefined);
    const sender = newSender(undefined, 3 * SHORT_MS);
    const asked = [
      ...Array.from({ length: 10 }, () => post(sender, target(port))),
      post(sender, target(dead.port, { endpoint: 'whe_dead' })),
    ];
    let answered = 0;
    for (const one of asked) one.then(() => answered++);
    const clock = Reflect.get(sender, 'clock');
    await sender.close();
    expect(answered).toBe(asked.length);
    const answers = await Promise.all(asked);
    expect(answers.map(({ status, error }) => status ?? error)).toEqual([...Array(10).fill(204), 'timeout']);
    await until(() => sockets.size === 0);
    expect(Reflect.get(sender, 'clock')).toBeUndefined();
    // An interval that does not hold the process is in no list of what is active.
    expect(clock).toMatchObject({ _destroyed: true });
    expect(timers()).toBeLessThanOrEqual(before);
    expect(await post(sender, target(port))).toMatchObject({ status: null, error: 'closed' });
  });
});
