import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { newClient, REQUIRE_SCRAM } from './client.js';
import { packageRoot } from './package-root.js';

const PASSWORD = 'the-password-of-the-cluster';

function message(type: string, ...parts: (number | string | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part !== 'number') return Buffer.from(part);
      const number = Buffer.alloc(4);
      number.writeInt32BE(part);
      return number;
    }),
  );
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const OK = message('R', 0);
const CLEAR_TEXT = message('R', 3);
const MD5 = message('R', 5, 'salt');
const SASL = message('R', 10, 'SCRAM-SHA-256\0\0');
const READY = message('Z', 'I');
const RESULT = Buffer.concat([message('C', 'SELECT 0\0'), READY]);

interface Exchange {
  clientFirst: string;
  serverFirst: string;
}

/** The signature by RFC 5802, section 3, of a server that knows `password`. */
function signature(password: string, { clientFirst, serverFirst }: Exchange, clientFinal: string): string {
  const salted = pbkdf2Sync(password, Buffer.from('salt'), 4096, 32, 'sha256');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest();
  const said = `${clientFirst},${serverFirst},${clientFinal.replace(/,p=.*$/, '')}`;
  return createHmac('sha256', serverKey).update(said).digest('base64');
}

type Ending = (sign: (password: string) => Buffer) => Buffer;

let server: Server;
const sockets = new Set<Socket>();

/** A server of the protocol: says `first` to the startup message, runs SCRAM where asked to, and ends it with `ending`. */
function fakeServer(first: Buffer, ending: Ending = () => Buffer.alloc(0)) {
  const heard: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let step = 0;
    const exchange: Exchange = { clientFirst: '', serverFirst: '' };
    socket.on('data', (chunk) => {
      heard.push(chunk);
      const text = chunk.toString('latin1');
      if (step === 0) socket.write(first);
      else if (text.includes('SCRAM-SHA-256\0')) {
        exchange.clientFirst = text.slice(text.indexOf('n=*'));
        const nonce = exchange.clientFirst.slice('n=*,r='.length);
        exchange.serverFirst = `r=${nonce}more,s=${Buffer.from('salt').toString('base64')},i=4096`;
        socket.write(message('R', 11, exchange.serverFirst));
      } else if (text.includes('c=biws')) {
        const clientFinal = text.slice(text.indexOf('c=biws'));
        socket.write(ending((password) => message('R', 12, `v=${signature(password, exchange, clientFinal)}`)));
      } else socket.write(RESULT);
      step += 1;
    });
  });
  return { server, heard };
}

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server.close();
});

/** Connects to the fake server and asks it something; what became of it, and all that the server heard. */
async function tryToUse(first: Buffer, ending?: Ending): Promise<{ outcome: string; heard: string }> {
  const fake = fakeServer(first, ending);
  server = fake.server;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const client = newClient({
    connectionString: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres?${REQUIRE_SCRAM}`,
  });
  client.on('error', () => undefined);
  const asked = client.query('select secret').catch(() => undefined);
  const outcome = await client.connect().then(
    () => 'connected',
    (error: Error) => `${error.name}: ${error.message}`,
  );
  await asked;
  await client.end();
  return { outcome, heard: Buffer.concat(fake.heard).toString('latin1') };
}

function expectRefusal({ outcome, heard }: { outcome: string; heard: string }, why: string): void {
  expect(outcome).toContain(why);
  expect(heard).not.toContain(PASSWORD);
  const hash = (text: string) => createHash('md5').update(text).digest('hex');
  expect(heard).not.toContain(hash(`${hash(`${PASSWORD}postgres`)}salt`));
  expect(heard).not.toContain('select secret');
}

describe('a client that requires SCRAM', () => {
  test('uses a server that proves to know the password', async () => {
    const { outcome, heard } = await tryToUse(SASL, (sign) => Buffer.concat([sign(PASSWORD), OK, READY]));
    expect(outcome).toBe('connected');
    expect(heard).toContain('select secret');
    expect(heard).not.toContain(PASSWORD);
  });

  test.each([
    ['clear text', CLEAR_TEXT],
    ['MD5', MD5],
    ['clear text after it offered SCRAM', Buffer.concat([SASL, CLEAR_TEXT])],
  ])('sends no password where it is asked for %s', async (_how, first) => {
    expectRefusal(await tryToUse(first), 'UnprovenServerError: What listens on 127.0.0.1:');
  });

  test.each([
    ['just says OK', Buffer.concat([OK, READY])],
    ['says that it is ready at once', READY],
    ['offers SCRAM and then just says OK', Buffer.concat([SASL, OK, READY])],
  ])('refuses a server that %s', async (_how, first) => {
    expectRefusal(await tryToUse(first), 'UnprovenServerError: What listens on 127.0.0.1:');
  });

  test('refuses a server that leaves the signature out', async () => {
    const said = await tryToUse(SASL, () => Buffer.concat([OK, READY]));
    expectRefusal(said, 'does not prove that it knows the password');
  });

  test('refuses a server that signs with another password', async () => {
    const said = await tryToUse(SASL, (sign) => Buffer.concat([sign('a guess'), OK, READY]));
    expectRefusal(said, 'server signature does not match');
  });

  test('refuses a signature that comes before the question', async () => {
    const said = await tryToUse(Buffer.concat([message('R', 12, 'v=c2lnbmF0dXJl'), OK, READY]));
    expectRefusal(said, 'Error: ');
  });
});

describe('newClient', () => {
  beforeEach(() => {
    server = createServer().listen(0, '127.0.0.1');
  });

  test('knows no other value of require_auth, and says so', () => {
    expect(() => newClient({ connectionString: 'postgresql://h/d?require_auth=md5' })).toThrow(
      /require_auth=md5: set require_auth=scram-sha-256/,
    );
  });

  test('makes every client of the product', () => {
    const sources = ['apps', 'libs'].flatMap((folder) =>
      readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    );
    const makers = sources
      .filter((file) => /\.ts$/.test(file) && !/\.(spec|fixture)\.ts$|\/(testing|conformance)\//.test(file))
      .filter((file) => /new pg\.(Client|Pool)\b/.test(readFileSync(join(packageRoot, file), 'utf8')));
    expect(makers).toEqual([join('libs', 'platform', 'postgres', 'client.ts')]);
  });
});
