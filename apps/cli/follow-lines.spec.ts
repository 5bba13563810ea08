import { PassThrough } from 'node:stream';
import { jest } from '@jest/globals';
import { Failure } from './failure.js';
import { followLines } from './follow-lines.js';

const UNAUTHENTICATED = JSON.stringify({ title: 'No key', code: 'unauthenticated', detail: 'Send one.' });

/** Follows through these answers in turn: texts of streams that are cut off behind them, or statuses. */
async function followed(answers: (string | number | Error | ReadableStream)[], everything = false) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const asked: (string | null)[] = [];
  const slept: number[] = [];
  const following = {
    url: 'http://heddle',
    key: 'hdl_key',
    path: '/v1/events/stream',
    query: new URLSearchParams({ since: 'now-1m', type: 'message.*' }),
    terminal: { out, err, columns: null, draws: false },
    sleep: async (ms: number) => slept.push(ms),
    fetch: async (url: unknown, init?: RequestInit) => {
      const { searchParams, pathname } = new URL(String(url));
      expect([pathname, searchParams.get('type')]).toEqual(['/v1/events/stream', 'message.*']);
      expect(new Headers(init!.headers).get('accept')).toBe('application/x-ndjson');
      asked.push(searchParams.get('since'));
      const answer = answers.shift() ?? 401;
      if (answer instanceof Error) throw answer;
      if (typeof answer === 'string' || answer instanceof ReadableStream) return new Response(answer);
      return new Response(UNAUTHENTICATED, { status: answer });
    },
  };
  const end = await followLines(following, everything).catch((error: Error) => error);
  return { asked, slept, end, out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

const event = (n: number) => `{"type":"message.created","cursor":"c${n}"}\n`;

it('prints each line, and goes on after the last whole one', async () => {
  const { asked, out, end } = await followed([event(1) + event(2) + event(3).slice(0, 20), event(3)]);
  expect(out).toBe(event(1) + event(2) + event(3));
  expect(asked).toEqual(['now-1m', 'c2', 'c3']);
  expect(end).toBeInstanceOf(Failure);
});

it('goes on from where it is told to stand, and prints that only where everything is asked for', async () => {
  const beat = '{"type":"heartbeat","cursor":"c7"}\n';
  const closed = '{"type":"closed","reason":"shutdown","cursor":"c8"}\n';
  const typing = '{"type":"typing","transient":true}\n';
  const quiet = await followed([beat + typing + closed]);
  expect([quiet.out, quiet.asked]).toEqual([typing, ['now-1m', 'c8']]);
  expect((await followed([beat + typing + closed], true)).out).toBe(beat + typing + closed);
});

it('prints nothing that a terminal obeys, and the same JSON', async () => {
  const text = 'a\u009b2Jb\u202ec\u007f\u2028é';
  const { out } = await followed([`${JSON.stringify({ type: 'message.created', text })}\n`]);
  expect(out).toBe('{"type":"message.created","text":"a\\u009b2Jb\\u202ec\\u007f\\u2028é"}\n');
  expect(JSON.parse(out).text).toBe(text);
});

it.each(['\u001b[2J\n', '<html>\n', 'null\n', '7\n', '{"cursor":"c1"}\n'])(
  'ends with %j, and does not repeat it',
  async (text) => {
    const { asked, out, end } = await followed([event(1) + text]);
    expect([asked.length, out]).toEqual([1, event(1)]);
    expect(end).toBeInstanceOf(Failure);
    expect(String(end)).toBe("Failure: http://heddle sends lines that are none of Heddle's: is HEDDLE_URL right?");
  },
);

it('joins a line that comes in parts', async () => {
  const parts = [event(1) + event(2).slice(0, 5), event(2).slice(5, 9), event(2).slice(9) + event(3)];
  const { out } = await followed([ReadableStream.from(parts).pipeThrough(new TextEncoderStream())]);
  expect(out).toBe(event(1) + event(2) + event(3));
});

it('ends where a line does not', async () => {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let sent = 0;
  const cancel = jest.fn<() => void>();
  const endless = new ReadableStream({
    pull: (stream) => (sent++ < 64 ? stream.enqueue(chunk) : stream.close()),
    cancel,
  });
  const { asked, end } = await followed([endless]);
  expect([asked.length, end]).toEqual([1, expect.any(Failure)]);
  expect(sent).toBeLessThan(32);
  expect(cancel).toHaveBeenCalled();
});

it('comes again where nobody answers, at longer and longer pauses', async () => {
  const away = new TypeError('fetch failed');
  const { asked, slept, err } = await followed([away, 503, away, event(1), away]);
  expect(asked).toEqual(['now-1m', 'now-1m', 'now-1m', 'now-1m', 'c1', 'c1']);
  expect(slept).toEqual([200, 500, 1000, 200, 500]);
  expect(err).toBe('Heddle does not answer at http://heddle: it is asked again.\n'.repeat(2));
});

it('ends with a refusal', async () => {
  const { asked, end } = await followed([403]);
  expect([asked.length, String(end)]).toEqual([1, expect.stringContaining('unauthenticated')]);
});
