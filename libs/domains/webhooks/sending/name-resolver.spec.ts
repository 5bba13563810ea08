import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { NameResolver, type ResolveName } from './name-resolver.js';

const [A, AAAA] = [1, 28];
const NO_SUCH_NAME = 3;
const REFUSED = 5;

type Zone = Record<string, { [A]?: string[]; [AAAA]?: string[]; code?: number } | 'silent'>;

let server: Socket;
let asked: string[];

async function resolverOver(
  zone: Zone,
  system?: ResolveName,
  ...bounds: [systemMs?: number, mostNames?: number]
): Promise<NameResolver> {
  asked = [];
  server = createSocket('udp4', (question, from) => {
    const { name, type } = questionOf(question);
    asked.push(name);
    const known = zone[name] ?? { code: NO_SUCH_NAME };
    if (known !== 'silent')
      server.send(answerTo(question, known.code ?? 0, type, known[type as 1 | 28] ?? []), from.port);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  return new NameResolver([`127.0.0.1:${(server.address() as AddressInfo).port}`], system, ...bounds);
}
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

function questionOf(packet: Buffer): { name: string; type: number } {
  const labels: string[] = [];
  let at = 12;
  for (; packet[at] !== 0; at += packet[at]! + 1) labels.push(packet.toString('latin1', at + 1, at + 1 + packet[at]!));
  return { name: labels.join('.').toLowerCase(), type: packet.readUInt16BE(at + 1) };
}

/** Header, the question as it came, and a record for each address (RFC 1035, section 4). */
function answerTo(question: Buffer, code: number, type: number, addresses: string[]): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  const records = addresses.map((address) => {
    const bytes = type === A ? address.split('.').map(Number) : Buffer.from(address.replaceAll(':', ''), 'hex');
    return Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]);
  });
  return Buffer.concat([header, question.subarray(12, end), ...records]);
}

const V6 = '2001:0db8:0000:0000:0000:0000:0000:0001';

it('gives every address of both families', async () => {
  const { resolve } = await resolverOver({ 'hook.example': { [A]: ['192.0.2.1', '192.0.2.2'], [AAAA]: [V6] } });
  expect(await resolve('hook.example')).toEqual([
    { address: '192.0.2.1', family: 4 },
    { address: '192.0.2.2', family: 4 },
    { address: '2001:db8::1', family: 6 },
  ]);
});

it.each([
  ['four', { [A]: ['192.0.2.1'] }, '192.0.2.1'],
  ['six', { [AAAA]: [V6] }, '2001:db8::1'],
])('gives those of family %s where there are no others', async (_, zone, address) => {
  const { resolve } = await resolverOver({ 'hook.example': zone });
  expect((await resolve('hook.example')).map((one) => one.address)).toEqual([address]);
});

it('asks the system for what has no dot, and for what DNS does not know', async () => {
  const ofSystem: string[] = [];
  const { resolve } = await resolverOver({ 'hook.example': { [A]: ['192.0.2.1'] } }, async (name) => {
    ofSystem.push(name);
    return [{ address: '192.0.2.9', family: 4 }];
  });
  for (const name of ['receiver', 'only.hosts.file', 'hook.example']) await resolve(name);
  expect(ofSystem).toEqual(['receiver', 'only.hosts.file']);
  expect(new Set(asked)).toEqual(new Set(['only.hosts.file', 'hook.example']));
});

it('asks the system where no server listens', async () => {
  await resolverOver({});
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const { resolve } = new NameResolver([`127.0.0.1:${port}`], async () => [{ address: '192.0.2.9', family: 4 }]);
  expect(await resolve('hook.example')).toHaveLength(1);
  await resolverOver({});
});

it('asks the system two names at a time, and each name once', async () => {
  let [now, most] = [0, 0];
  const { resolve } = await resolverOver({}, async () => {
    most = Math.max(most, ++now);
    await new Promise((done) => setTimeout(done, 5));
    now--;
    return [];
  });
  await Promise.all(['a', 'b', 'c', 'd', 'a', 'b'].map((name) => resolve(name)));
  expect(most).toBe(2);
  most = 0;
  await Promise.all(['a', 'a', 'a'].map((name) => resolve(name)));
  expect(most).toBe(1);
});

describe('where the system stalls', () => {
  const FOUND = [{ address: '192.0.2.9', family: 4 }];
  /** Names that begin with "dead" stall until `wake`. */
  function stalling() {
    const begun: string[] = [];
    const held: (() => void)[] = [];
    const system: ResolveName = async (name) => {
      begun.push(name);
      if (name.startsWith('dead')) await new Promise<void>((resolve) => held.push(resolve));
      return FOUND;
    };
    const wake = () => {
      for (const resolve of held.splice(0)) resolve();
    };
    return { begun, system, wake };
  }

  it('a name fails in time, and so do those behind it, until a thread is free again', async () => {
    const { begun, system, wake } = stalling();
    const { resolve } = await resolverOver({}, system, 200);
    const late = ['dead1', 'dead2', 'third', 'third'].map((name) =>
      expect(resolve(name)).rejects.toMatchObject({ code: 'ETIMEOUT' }),
    );
    await Promise.all(late);
    await expect(resolve('fourth')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    // A third one that stalls would have the third of four threads.
    expect(begun).toEqual(['dead1', 'dead2']);
    wake();
    expect(await resolve('fifth')).toEqual(FOUND);
    // What had given up is not asked for any more.
    expect(begun).toEqual(['dead1', 'dead2', 'fifth']);
  });

  it('one of two threads is enough for the others', async () => {
    const { system, wake } = stalling();
    const { resolve } = await resolverOver({}, system);
    const dead = resolve('dead');
    for (const name of ['one', 'two', 'three']) expect(await resolve(name)).toEqual(FOUND);
    wake();
    expect(await dead).toEqual(FOUND);
  });

  it('a name has one thread and one place, however often it is asked for', async () => {
    const { begun, system, wake } = stalling();
    const { resolve } = await resolverOver({}, system, 200, 2);
    const late = Array.from({ length: 5 }, () => expect(resolve('dead')).rejects.toMatchObject({ code: 'ETIMEOUT' }));
    expect(await resolve('other')).toEqual(FOUND);
    await Promise.all(late);
    const dead = resolve('dead');
    expect(await resolve('other')).toEqual(FOUND);
    wake();
    expect(await dead).toEqual(FOUND);
    expect(begun).toEqual(['dead', 'other', 'other']);
  });

  it('no more names are asked for than may be, and there is room again later', async () => {
    const { system, wake } = stalling();
    const { resolve } = await resolverOver({}, system, undefined, 4);
    const asked = ['dead1', 'dead2', 'third', 'fourth'].map((name) => resolve(name));
    await expect(resolve('fifth')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    wake();
    expect(await Promise.all(asked)).toEqual(Array(4).fill(FOUND));
    expect(await resolve('fifth')).toEqual(FOUND);
  });
});

it("knows this machine by the system's own resolver", async () => {
  const { resolve } = await resolverOver({});
  expect((await resolve('localhost')).map(({ address }) => address)).toContain('127.0.0.1');
});

it('passes on that a server fails, and asks nobody else then', async () => {
  const { resolve } = await resolverOver({ 'hook.example': { code: REFUSED } });
  await expect(resolve('hook.example')).rejects.toMatchObject({ code: 'EREFUSED' });
});

it('waits for silent servers without a thread: what needs one is done meanwhile', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `dead${n}.example`);
  const { resolve } = await resolverOver({
    ...Object.fromEntries(names.map((name) => [name, 'silent' as const])),
    'hook.example': { [A]: ['192.0.2.1'] },
  });
  let ended = 0;
  const dead = names.map((name) =>
    expect(resolve(name).finally(() => ended++)).rejects.toMatchObject({ code: 'ETIMEOUT' }),
  );
  expect(await resolve('hook.example')).toHaveLength(1);
  expect((await resolve('localhost')).length).toBeGreaterThan(0);
  expect(ended).toBe(0);
  await Promise.all(dead);
});
