import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { until } from '../../platform/testing/until.js';
import type { Received } from './receiver.fixture.js';
import { bodyOf, Scene } from './scene.fixture.js';

interface Keys {
  secret: string;
  public_key: string;
  previous_secret_until: string | null;
}

const OVERLAP_S = 3600;
const SETTINGS = {
  signatures: ['v1', 'v1a'],
  body_signature_header: 'X-Shop-Signature',
  headers: { 'X-Shop': 'loom', Authorization: 'Bearer t0ken' },
};

let scene: Scene;
beforeEach(async () => {
  scene = await Scene.begin();
  scene.isSick = false;
});
afterEach(async () => {
  jest.restoreAllMocks();
  await scene.end();
});

async function keysOf(id: string): Promise<Keys> {
  return bodyOf(
    await scene.process.endpoints.secret({ params: { id }, query: {}, body: null } as never, scene.caller()),
  );
}

async function rotate(id: string, overlap_seconds: number): Promise<Keys> {
  const input = { params: { id }, query: {}, body: { overlap_seconds } } as never;
  return bodyOf(await scene.process.endpoints.rotateSecret(input, scene.caller()));
}

/** What comes of an event that happens now. */
async function delivered(): Promise<Received> {
  const before = scene.receiver.received.length;
  await scene.label();
  await until(() => scene.receiver.received.length > before);
  return scene.receiver.received[before]!;
}

/** The signatures of a kind, as they stand in the header. */
function signaturesOf({ headers }: Received, kind: 'v1' | 'v1a'): string[] {
  return String(headers['webhook-signature'])
    .split(' ')
    .filter((one) => one.startsWith(`${kind},`))
    .map((one) => one.slice(kind.length + 1));
}

/** How many signatures there are, and for which of the keys there is one of each kind: from the specification alone. */
function signedBy(received: Received, keys: readonly Keys[]) {
  const { headers, text } = received;
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`);
  const [v1, v1a] = [signaturesOf(received, 'v1'), signaturesOf(received, 'v1a')];
  return {
    count: String(headers['webhook-signature']).split(' ').length,
    v1: keys.map(({ secret }) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      return v1.includes(createHmac('sha256', key).update(signed).digest('base64'));
    }),
    v1a: keys.map(({ public_key }) => {
      const x = Buffer.from(public_key.slice('whpk_'.length), 'base64').toString('base64url');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      return v1a.some((one) => verify(null, signed, key, Buffer.from(one, 'base64')));
    }),
  };
}

/** By the published library: what it reads of the body. Throws where it does not take it. */
function takenByLibrary({ headers, text }: Received, { secret }: Keys): unknown {
  return new Webhook(secret).verify(text, headers as Record<string, string>);
}

/** As older receivers do it. */
function takenByHex({ headers, text: payload }: Received, { secret }: Keys): boolean {
  const expected = Buffer.from(createHmac('sha256', secret).update(payload).digest('hex'));
  const given = Buffer.from(String(headers['x-shop-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

it('is verified by the published library, by the public key and by the hex of its body, and has the headers of its endpoint', async () => {
  const id = await scene.endpoint(SETTINGS);
  const keys = await keysOf(id);
  const received = await delivered();
  expect(signedBy(received, [keys])).toEqual({ count: 2, v1: [true], v1a: [true] });
  expect(takenByLibrary(received, keys)).toEqual(received.body);
  expect(takenByHex(received, keys)).toBe(true);
  expect(received.headers).toMatchObject({
    'x-shop': 'loom',
    authorization: 'Bearer t0ken',
    'content-type': 'application/json',
    'webhook-id': received.body.id,
    'heddle-endpoint': id,
    'heddle-attempt': '1',
  });
});

it('is signed by the secret before, too, for as long as a rotation overlaps, and by the new one alone after that', async () => {
  const id = await scene.endpoint(SETTINGS);
  const before = await keysOf(id);
  const after = await rotate(id, OVERLAP_S);
  expect(after.secret).not.toBe(before.secret);
  expect(after.public_key).not.toBe(before.public_key);
  expect(await keysOf(id)).toEqual(after);

  const both = await delivered();
  expect(signedBy(both, [before, after])).toEqual({ count: 4, v1: [true, true], v1a: [true, true] });
  for (const keys of [before, after]) expect(takenByLibrary(both, keys)).toEqual(both.body);
  // It has room for one.
  expect([takenByHex(both, before), takenByHex(both, after)]).toEqual([false, true]);
  expect(both.headers).toMatchObject({ 'x-shop': 'loom', authorization: 'Bearer t0ken' });

  const ends = Date.parse(after.previous_secret_until!);
  const clock = jest.spyOn(Date, 'now').mockReturnValue(ends - 1);
  expect(signedBy(await delivered(), [before, after])).toMatchObject({ count: 4 });
  clock.mockReturnValue(ends);
  const alone = await delivered();
  expect(signedBy(alone, [before, after])).toEqual({ count: 2, v1: [false, true], v1a: [false, true] });
  expect(() => takenByLibrary(alone, before)).toThrow();
  expect(takenByLibrary(alone, after)).toEqual(alone.body);
  expect([takenByHex(alone, before), takenByHex(alone, after)]).toEqual([false, true]);
});

it('is signed by two secrets at most, and at once by the new one alone where no overlap is wanted', async () => {
  const id = await scene.endpoint(SETTINGS);
  const keys = [await keysOf(id), await rotate(id, OVERLAP_S), await rotate(id, OVERLAP_S)];
  const two = [false, true, true];
  expect(signedBy(await delivered(), keys)).toEqual({ count: 4, v1: two, v1a: two });
  keys.push(await rotate(id, 0));
  const last = [false, false, false, true];
  expect(signedBy(await delivered(), keys)).toEqual({ count: 2, v1: last, v1a: last });
});
