import { createSecretKey } from 'node:crypto';
import type { DataKey } from '../../../platform/keys/data-key.js';
import { keyIdsOfBody } from '../bodies/sealed-body.js';
import { type Answer, noAnswer } from '../sending/exchange.js';
import type { Due, Message } from './due.js';
import { type Destination, signedPost } from './signed-post.js';

const ADA = { id: Buffer.alloc(16, 7), key: createSecretKey(Buffer.alloc(32, 7)) } as DataKey;
const destination: Destination = {
  endpoint: 'whe_1',
  workspace: 'wsp_1',
  target: { endpoint: 'whe_1', url: 'https://hook.example/', connections: 1, clientCertificate: null },
  keys: () => ({ secret: [], ed25519: [] }),
  bodySignature: null,
  headers: [],
};

/** What is kept of this answer to a message that names these people. */
async function kept(people: Message['people'], answer: Partial<Answer>): Promise<Buffer> {
  const message = {
    id: 'evt_1',
    type: 'message.created',
    stream: 'conv_1',
    body: Buffer.from('Ada'),
    people,
    readAt: 0,
  };
  const due = { run: 0, position: 1, lane: '', pin: '', attempts: 1 } as Due;
  const whole = { ...noAnswer('timeout', ''), error: null, detail: null, status: 200, ...answer };
  const sent = await signedPost({ post: async () => whole }, destination, due, message);
  return sent.answer.kept!;
}
const textOf = (bytes: Buffer) => JSON.parse(bytes.subarray(1).toString('utf8'));

describe('of an answer', () => {
  it('nothing that it says is kept where nobody knows whom its message names', async () => {
    const bytes = await kept(null, { headers: [['x-said', 'Ada']], body: Buffer.from('Ada') });
    expect(textOf(bytes)).toMatchObject({ headers: [], body: '', bytes: 3 });
  });

  it('all is kept where its message names nobody', async () => {
    const bytes = await kept([], { headers: [['x-said', 'thanks']], body: Buffer.from('ok') });
    expect(textOf(bytes)).toMatchObject({ headers: [['x-said', 'thanks']], body: 'ok', bytes: 2 });
  });

  it.each<[string, Partial<Answer>]>([
    ['its body', { body: Buffer.from('Ada') }],
    ['its headers', { headers: [['x-said', 'Ada']] }],
  ])('what is in %s is sealed for the people whom its message names', async (_, answer) => {
    const bytes = await kept([ADA], answer);
    expect(keyIdsOfBody(bytes)).toEqual([ADA.id.toString('hex')]);
    expect(bytes.includes('Ada')).toBe(false);
  });

  it('that never came nothing is sealed', async () => {
    expect(textOf(await kept([ADA], { status: null, error: 'timeout' }))).toMatchObject({ headers: [], body: '' });
  });
});
