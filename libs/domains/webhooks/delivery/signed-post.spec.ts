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
    isKept: false,
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

describe('what an answer says of the message and of the endpoint', () => {
  async function outcomeOf(answer: Partial<Answer>) {
    const message = {
      id: 'evt_1',
      type: 'label.created',
      stream: 'lbl_1',
      body: Buffer.from('{}'),
      people: [],
      isKept: false,
      readAt: 0,
    };
    const due = { run: 0, position: 1, lane: '', pin: '', attempts: 1 } as Due;
    const post = async () => ({ ...noAnswer('timeout', 'no answer'), error: null, detail: null, ...answer });
    return (await signedPost({ post }, destination, due, message)).outcome;
  }

  it.each([200, 202, 204, 299])('has a message taken by a %s', async (status) => {
    expect(await outcomeOf({ status })).toEqual({ taken: true });
  });

  it.each([429, 503])('takes a pause that a %s asks for as the whole endpoint’s', async (status) => {
    const paused = { taken: false, answered: true, retryAfterMs: 9000, overloaded: true };
    expect(await outcomeOf({ status, retryAfterMs: 9000 })).toEqual(paused);
  });

  it.each([400, 404, 409, 410, 413, 425, 500, 502, 504])(
    'takes one that a %s asks for as its message’s',
    async (status) => {
      const outcome = { taken: false, answered: true, retryAfterMs: 9000, overloaded: false };
      expect(await outcomeOf({ status, retryAfterMs: 9000 })).toEqual(outcome);
    },
  );

  it('knows an answer that sends elsewhere from one that takes, and both from none', async () => {
    const failed = { taken: false, retryAfterMs: null, overloaded: false };
    expect(await outcomeOf({ status: 302, error: 'redirect' })).toEqual({ ...failed, answered: true });
    expect(await outcomeOf({ status: null, error: 'timeout' })).toEqual({ ...failed, answered: false });
  });
});
