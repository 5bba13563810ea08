import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AddressGuard } from '../../libs/domains/webhooks/sending/address-guard.js';
import { newSecret, publicKeyText, secretKey } from '../../libs/domains/webhooks/sending/secret-text.js';
import { Sender } from '../../libs/domains/webhooks/sending/sender.js';
import { bodySignature, type SigningKeys, signatureHeader } from '../../libs/domains/webhooks/sending/signature.js';
import { findGoProgram } from '../../libs/platform/testing/find-go-program.js';
import { describeWith, whatIsMissing } from '../../libs/platform/testing/needed-programs.js';
import { findPython } from '../../libs/platform/testing/python/find-python.js';
import { eventually } from '../../libs/platform/testing/until.js';
import { type ReceiverProcess, startReceiver } from './receiver-process.js';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const node = (name: string) => [process.execPath, '--no-warnings', path(`examples/receivers/${name}`)];
/** What the libraries allow between two clocks, and a bit. */
const TOO_FAR_S = 5 * 60 + 30;

const sender = new Sender(new AddressGuard({ networks: ['127.0.0.1/32'], http: true }));
const running: ReceiverProcess[] = [];
afterEach(() => Promise.all(running.splice(0).map((receiver) => receiver.stop())));
afterAll(() => sender.close());

interface Sent {
  id: string;
  time: number;
  body: Buffer;
}

const event = (data: unknown): Buffer => Buffer.from(JSON.stringify({ type: 'message.created', data }));
const newMessage = (body = event('hello'), time = Math.floor(Date.now() / 1000)): Sent => ({
  id: `evt_${randomUUID()}`,
  time,
  body,
});

/** What the receiver answers to a message with this signature, made for this message or for another. */
async function answerTo(to: ReceiverProcess, { id, time, body }: Sent, signature: string, name = 'webhook-signature') {
  const url = `http://127.0.0.1:${to.port}/hooks`;
  const target = { endpoint: url, url, connections: 2, clientCertificate: null };
  const headers = ['webhook-id', id, 'webhook-timestamp', String(time), name, signature];
  const { status, error, detail } = await sender.post(target, [...headers, 'content-type', 'application/json'], body);
  return error === null ? status : `${error}: ${detail}`;
}

const hasTaken = (receiver: ReceiverProcess, ...messages: Sent[]) =>
  eventually(() => expect(receiver.taken).toEqual(messages.map(({ id }) => `${id} message.created`)));

const signed = ({ id, time, body }: Sent, keys: Partial<SigningKeys>) =>
  signatureHeader(id, time, body, { secret: [], ed25519: [], ...keys });

const BODIES: [string, Buffer][] = [
  ['of plain letters', event('hello')],
  ['of no plain letters', event('Grüße, 世界, שלום 🧶 \u2028\u2029 \ud834\udd1e')],
  [
    'with escapes, and blanks that a parser drops',
    Buffer.from('{ "type" : "message.created",\t"data":"\\u00e9\\/"\r\n}'),
  ],
  ['with numbers that a parser rounds', Buffer.from('{"type":"message.created","n":12345678901234567890.10e0}')],
  ['of 300 KB', event('é'.repeat(150_000))],
];

function testReceiver(command: () => readonly string[]): void {
  async function started(key: string): Promise<ReceiverProcess> {
    const receiver = await startReceiver(command(), { WEBHOOK_KEY: key });
    running.push(receiver);
    return receiver;
  }

  // By the secret that the published library reads, and by the public key.
  const secret = newSecret();
  const pair = generateKeyPairSync('ed25519').privateKey;
  const schemes: [string, string, Partial<SigningKeys>][] = [
    ['v1', secret, { secret: [secretKey(secret)!] }],
    ['v1a', publicKeyText(pair), { ed25519: [pair] }],
  ];

  describe.each(schemes)('by %s', (_, key, keys) => {
    it.each(BODIES)('takes a body %s', async (__, body) => {
      const receiver = await started(key);
      const message = newMessage(body);
      expect(await answerTo(receiver, message, signed(message, keys))).toBe(204);
      await hasTaken(receiver, message);
    });

    it('takes what it gets again once, and says that it has it', async () => {
      const receiver = await started(key);
      const message = newMessage();
      for (let n = 0; n < 3; n++) expect(await answerTo(receiver, message, signed(message, keys))).toBe(204);
      // Signed anew, as a later attempt is.
      const later = { ...message, time: message.time + 1 };
      expect(await answerTo(receiver, later, signed(later, keys))).toBe(204);
      const next = newMessage();
      expect(await answerTo(receiver, next, signed(next, keys))).toBe(204);
      await hasTaken(receiver, message, next);
    });

    it('refuses what was not signed so', async () => {
      const receiver = await started(key);
      const message = newMessage(event('Grüße'));
      const signature = signed(message, keys);
      const changed = Buffer.from(message.body);
      changed[changed.length - 3]! ^= 1;
      for (const other of [
        { ...message, body: changed },
        { ...message, body: Buffer.concat([message.body, Buffer.from(' ')]) },
        { ...message, id: `${message.id}0` },
        { ...message, time: message.time - 1 },
      ]) {
        expect(await answerTo(receiver, other, signature)).toBe(401);
      }
      expect(await answerTo(receiver, message, '')).toBe(401);
      expect(await answerTo(receiver, message, signature)).toBe(204);
      await hasTaken(receiver, message);
    });

    it.each([-TOO_FAR_S, TOO_FAR_S])('refuses what was signed %s s from now', async (seconds) => {
      const receiver = await started(key);
      const message = newMessage(event('old'), Math.floor(Date.now() / 1000) + seconds);
      expect(await answerTo(receiver, message, signed(message, keys))).toBe(401);
      const now = newMessage();
      expect(await answerTo(receiver, now, signed(now, keys))).toBe(204);
      await hasTaken(receiver, now);
    });
  });

  it('takes both the old and the new secret while a rotation lasts, beside public keys', async () => {
    const [older, newer] = [newSecret(), newSecret()];
    const [before, after] = [await started(older), await started(newer)];
    const both = { secret: [secretKey(newer)!, secretKey(older)!], ed25519: [pair] };
    const message = newMessage();
    for (const receiver of [before, after]) expect(await answerTo(receiver, message, signed(message, both))).toBe(204);
    // Once it is over the old one opens nothing.
    const only = { secret: [secretKey(newer)!] };
    const next = newMessage();
    expect(await answerTo(before, next, signed(next, only))).toBe(401);
    expect(await answerTo(after, next, signed(next, only))).toBe(204);
  });

  it('takes both the old and the new public key while a rotation lasts', async () => {
    const next = generateKeyPairSync('ed25519').privateKey;
    const message = newMessage();
    const both = signed(message, { ed25519: [next, pair] });
    for (const key of [pair, next]) expect(await answerTo(await started(publicKeyText(key)), message, both)).toBe(204);
    expect(await answerTo(await started(publicKeyText(pair)), message, signed(message, { ed25519: [next] }))).toBe(401);
  });
}

describe('the receiver in TypeScript', () => testReceiver(() => node('receiver.ts')));

const python = findPython();
describeWith('the receiver in Python', whatIsMissing(python), () =>
  testReceiver(() => ['path' in python ? python.path : '', path('examples/receivers/receiver.py')]),
);

const go = findGoProgram('receiver', path('examples/receivers/go'));
describeWith('the receiver in Go', whatIsMissing(go), () => testReceiver(() => ['path' in go ? go.path : '']));

describe('the receiver of ten lines', () => {
  it.each(BODIES)('takes a body %s by the hex signature, and none that was changed', async (_, body) => {
    const secret = newSecret();
    const receiver = await startReceiver(node('hex-receiver.ts'), { WEBHOOK_KEY: secret });
    running.push(receiver);
    const message = newMessage(body);
    const signature = bodySignature(secret, body);
    expect(await answerTo(receiver, message, signature, 'x-signature')).toBe(204);
    const changed = Buffer.from(body);
    changed[1]! ^= 1;
    for (const wrong of [bodySignature(newSecret(), body), bodySignature(secret, changed), '', 'é'.repeat(64)]) {
      expect(await answerTo(receiver, message, wrong, 'x-signature')).toBe(401);
    }
    await hasTaken(receiver, message);
  });
});

it('what the guide shows of code stands in an example', () => {
  const guide = readFileSync(path('docs/webhook-receivers.md'), 'utf8');
  const examples = ['receiver.ts', 'receiver.py', 'go/receiver.go', 'hex-receiver.ts'].map((name) =>
    readFileSync(path(`examples/receivers/${name}`), 'utf8'),
  );
  const blocks = [...guide.matchAll(/^```(?:ts|python|go)\n([\s\S]*?)\n```$/gm)].map((match) => match[1]!);
  expect(blocks.length).toBeGreaterThanOrEqual(4);
  for (const block of blocks) expect([block, examples.some((text) => text.includes(block))]).toEqual([block, true]);
});
