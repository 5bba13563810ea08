import { createHmac } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { jest } from '@jest/globals';
import { Command } from 'commander';
import { webhookBody } from '../../../libs/domains/webhooks/bodies/webhook-body.js';
import { eventLine } from '../../../libs/platform/feed/event-json.js';
import { UsageError } from '../../../libs/platform/operations/command-line.js';
import { addWebhooks } from './listen-command.js';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const TO = 'http://localhost:3000/hooks';
const AT = Date.parse('2026-03-04T05:06:07.089Z');

/** As the log has it. */
const event = (n: number, data: Record<string, unknown> = { name: `label ${n}` }) => ({
  type: 'label.created',
  meta: {
    id: `evt_0198f2c0a1b27c3d8e4f5a6b7c8d9e0${n}`,
    stream: 'lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e01',
    seq: n,
    occurred_at: AT,
    recorded_at: AT + 5,
    actor: {
      type: 'api_key',
      id: 'key_0198f2c0a1b27c3d8e4f5a6b7c8d9e01',
      on_behalf_of: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e02',
    },
  },
  position: 40 + n,
  data,
});
const lineOf = (n: number, data?: Record<string, unknown>) => `${eventLine(event(n, data) as never, `c${n}`)}\n`;

interface Sent {
  body: string;
  headers: Headers;
}

/** Listens to these streams in turn, to a receiver with these answers; ends with the first refusal. */
async function listened(streams: (string | Error)[], answers: (number | Error | Response)[] = [], args: string[] = []) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const asked: string[] = [];
  const sent: Sent[] = [];
  const slept: number[] = [];
  const ask = async (url: unknown, init?: RequestInit): Promise<Response> => {
    if (String(url).startsWith('http://heddle')) {
      asked.push(String(new URL(String(url)).searchParams));
      const stream = streams.shift();
      if (stream instanceof Error) throw stream;
      if (stream !== undefined) return new Response(stream);
      return new Response(JSON.stringify({ title: 'No key', code: 'unauthenticated', detail: 'Send one.' }), {
        status: 401,
      });
    }
    expect(String(url)).toBe(TO);
    sent.push({ body: Buffer.from(init!.body as Uint8Array).toString(), headers: new Headers(init!.headers) });
    const answer = answers.shift() ?? 204;
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer : new Response(null, { status: answer });
  };
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  const env = { HEDDLE_URL: 'http://heddle', HEDDLE_API_KEY: 'hdl_key' };
  const terminal = { out, err, columns: null, draws: false };
  addWebhooks(program, { env, terminal, fetch: ask as typeof fetch, sleep: async (ms) => slept.push(ms) });
  const end = await program
    .parseAsync(['webhooks', 'listen', '--forward-to', TO, ...args], { from: 'user' })
    .catch((error: Error) => error);
  return { asked, sent, slept, end, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

it('sends the bytes that a webhook has, signed, and prints a line an event', async () => {
  const data = { name: 'é"\u2028', json: '{"a": 1.0}', more: { data: [1e21] } };
  const { sent, out, err, asked } = await listened(
    [lineOf(1) + lineOf(2, data)],
    [200],
    ['--secret', SECRET, '--type', 'label.*', '--type', 'message.created', '--since', 'now-1m', '--customer', 'cus_1'],
  );
  expect(asked[0]).toBe(
    String(new URLSearchParams({ type: 'label.*,message.created', customer: 'cus_1', since: 'now-1m' })),
  );
  expect(sent.map(({ body }) => body)).toEqual([webhookBody(event(1) as never), webhookBody(event(2, data) as never)]);
  for (const { body, headers } of sent) {
    const signed = `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`;
    const hmac = createHmac('sha256', Buffer.alloc(24, 7)).update(signed).digest('base64');
    expect(headers.get('webhook-signature')).toBe(`v1,${hmac}`);
  }
  expect(out.replaceAll(/\d+ ms/g, 'n ms')).toBe(
    `2026-03-04T05:06:07.089Z label.created ${event(1).meta.id} 200 n ms\n2026-03-04T05:06:07.089Z label.created ${event(2).meta.id} 204 n ms\n`,
  );
  expect(err).toBe(`What happens goes to ${TO}; Ctrl-C ends it.\n`);
});

it('makes a secret, and prints it', async () => {
  const { err, sent } = await listened([lineOf(1)]);
  const [, secret] = /^Signed with (whsec_\S+)\n/.exec(err)!;
  const { body, headers } = sent[0]!;
  const key = Buffer.from(secret!.slice(6), 'base64');
  const hmac = createHmac('sha256', key).update(
    `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`,
  );
  expect(headers.get('webhook-signature')).toBe(`v1,${hmac.digest('base64')}`);
});

it('keeps the order, tries a few times, and goes on', async () => {
  const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
  const { sent, out, slept } = await listened([lineOf(1) + lineOf(2)], [refused, 500, 204, 500, 500, 500, 302]);
  expect(sent.map(({ headers }) => [headers.get('webhook-id')!.at(-1), headers.get('heddle-attempt')])).toEqual([
    ['1', '1'],
    ['1', '2'],
    ['1', '3'],
    ['2', '1'],
    ['2', '2'],
    ['2', '3'],
    ['2', '4'],
  ]);
  const [one, two] = out.split('\n');
  expect(one).toMatch(/ 204 \d+ ms at attempt 3$/);
  expect(two).toMatch(/ 302 \d+ ms, not taken in 4 attempts$/);
  expect(slept.slice(0, 5)).toEqual([250, 1000, 250, 1000, 4000]);
});

it('goes on from its last cursor after a cut, also where the program was away', async () => {
  const away = new TypeError('fetch failed');
  const { asked, sent, out } = await listened(
    [lineOf(1), new TypeError('terminated'), lineOf(2)],
    [away, away, away, away],
  );
  expect(asked).toEqual(['', 'since=c1', 'since=c1', 'since=c2']);
  expect(sent).toHaveLength(5);
  expect(out.split('\n')[0]).toMatch(/ no answer \d+ ms, not taken in 4 attempts$/);
});

it('sends nothing of what is no event', async () => {
  const lines = '{"type":"heartbeat","cursor":"c7"}\n{"type":"typing","transient":true,"stream":"conv_1","data":{}}\n';
  const { sent, asked, out } = await listened([lines]);
  expect([sent, asked, out]).toEqual([[], ['', 'since=c7'], '']);
});

it('reads 16 KiB of an answer, and lets go of the rest', async () => {
  const chunk = Buffer.alloc(1024, 'x');
  let sent = 0;
  const cancel = jest.fn<() => void>();
  const endless = new ReadableStream({
    pull: (stream) => (sent++ < 1000 ? stream.enqueue(chunk) : stream.close()),
    cancel,
  });
  const { out } = await listened([lineOf(1)], [new Response(endless)]);
  expect(out).toMatch(/ 200 \d+ ms\n$/);
  expect(cancel).toHaveBeenCalled();
  expect(sent).toBeLessThan(20);
});

it('prints nothing that a terminal obeys', async () => {
  const { meta, ...rest } = event(1);
  const hostile = {
    ...rest,
    ...meta,
    type: 'a\u001b[2J\u009b',
    id: 'b\u001b]0;c\u0007',
    occurred_at: '\u202e\n\u2028',
  };
  const { out } = await listened([`${JSON.stringify({ ...hostile, recorded_at: '' })}\n`], [204]);
  expect(out.replace(/\d+ ms.*/, 'n ms')).toBe('\\u202e\\n\\u2028 a\\u001b[2J\\u009b b\\u001b]0;c\\u0007 204 n ms\n');
});

it.each([
  [['--secret', 'whsec_short'], /--secret/],
  [['--forward-to', 'localhost:3000'], /--forward-to/],
])('does not begin with %j', async (args, said) => {
  const { end, asked } = await listened([], [], args);
  expect(end).toBeInstanceOf(UsageError);
  expect(String(end)).toMatch(said);
  expect(asked).toEqual([]);
});
