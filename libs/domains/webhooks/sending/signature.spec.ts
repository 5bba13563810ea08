import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { secretKey } from './secret-text.js';
import { bodySignature, signatureHeader } from './signature.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const key = (text: string) => secretKey(text)!;

test('the example of the specification', () => {
  const body = Buffer.from('{"test": 2432232314}');
  const keys = { secret: [key(SECRET)], ed25519: [] };
  expect(signatureHeader('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body, keys)).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test('each key has its signature, the newer ones first, as they were given', () => {
  const pairs = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey];
  const body = Buffer.from('{"a":"Grüße 🧶"}');
  const header = signatureHeader('evt_1', 1_795_000_000, body, { secret: [key(SECRET), key(OTHER)], ed25519: pairs });
  const signatures = header.split(' ');
  expect(signatures.map((one) => one.split(',')[0])).toEqual(['v1', 'v1', 'v1a', 'v1a']);

  const signed = Buffer.concat([Buffer.from('evt_1.1795000000.'), body]);
  const of = (index: number) => signatures[index]!.split(',')[1]!;
  expect([of(0), of(1)]).toEqual(
    [SECRET, OTHER].map((text) => createHmac('sha256', key(text)).update(signed).digest('base64')),
  );
  pairs.forEach((pair, index) => {
    expect(verify(null, signed, createPublicKey(pair), Buffer.from(of(2 + index), 'base64'))).toBe(true);
  });
});

test('bytes that are no UTF-8 are signed as they are', () => {
  const [one, other] = [Buffer.from([0xff]), Buffer.from([0xfe])].map((body) =>
    signatureHeader('evt_1', 1, body, { secret: [key(SECRET)], ed25519: [] }),
  );
  expect(one).not.toBe(other);
});

test("an older receiver's ten lines accept the hex form, keyed by the secret's text", () => {
  const payload = Buffer.from('{"a":"Grüße"}');
  expect(bodySignature(SECRET, payload)).toBe(createHmac('sha256', SECRET).update(payload).digest('hex'));
});
