import { Readable } from 'node:stream';
import { ApiClient } from '../api-client.js';
import { importLines } from './import-lines.js';
import { lineBatches } from './line-batches.js';
import { type Refusal, sendLines } from './send-lines.js';

const url = 'http://127.0.0.1:4400';
const limits = { lines: 2, bytes: 1000, lineBytes: 100 };
const counts = (read: number, more: object = {}) =>
  JSON.stringify({ read, created: read, skipped: 0, refused: 0, messages: 3, ...more });

async function run(answers: (Response | Error)[], text: string) {
  const bodies: string[] = [];
  const refusals: Refusal[] = [];
  const ends: number[] = [];
  const client = new ApiClient({
    url,
    key: 'k',
    sleep: async () => undefined,
    fetch: async (_url, init) => {
      bodies.push(String(init?.body));
      const answer = answers[Math.min(bodies.length, answers.length) - 1]!;
      if (answer instanceof Error) throw answer;
      return answer.clone();
    },
  });
  const batches = lineBatches(Readable.from([Buffer.from(text)]), limits);
  const done = importLines((bytes) => sendLines(client, '/v1/import', url, bytes), batches, {
    onRefused: (refusal) => refusals.push(refusal),
    onBatch: (_counts, endsAt) => ends.push(endsAt),
  });
  return { done, bodies, refusals, ends };
}

describe('An import', () => {
  it('adds up its parts, with the lines of refusals counted from the file’s start', async () => {
    const refused = '{"line":1,"code":"malformed_request","detail":"The line is not JSON."}';
    const { done, bodies, refusals, ends } = await run(
      [
        new Response(`${counts(2)}\n`),
        new Response(`${refused}\n${counts(1, { created: 0, refused: 1, messages: 0 })}\n`),
      ],
      'a\nb\nc\n',
    );
    expect(await done).toEqual({ read: 3, created: 2, skipped: 0, refused: 1, messages: 3 });
    expect(bodies).toEqual(['a\nb\n', 'c\n']);
    expect(refusals).toEqual([{ line: 3, code: 'malformed_request', detail: 'The line is not JSON.' }]);
    expect(ends).toEqual([4, 6]);
  });

  it('sends a part again whose answer was cut off before its last line', async () => {
    const { done, bodies } = await run(
      [new Response('{"line":1,"co'), new Response(`${counts(2, { created: 1, skipped: 1 })}\n`)],
      'a\nb\n',
    );
    expect(await done).toEqual({ read: 2, created: 1, skipped: 1, refused: 0, messages: 3 });
    expect(bodies).toEqual(['a\nb\n', 'a\nb\n']);
  });

  it('stops at a refusal of the whole request, and says from which line on', async () => {
    const forbidden = new Response(
      '{"code":"forbidden","title":"The key may not do this","detail":"It lacks a scope."}',
      {
        status: 403,
      },
    );
    const { done } = await run([new Response(`${counts(2)}\n`), forbidden], 'a\nb\nc\n');
    await expect(done).rejects.toThrow(
      /^The key may not do this \(403 forbidden\)\nIt lacks a scope\.\nThe import stopped at line 3\. Run it again/,
    );
  });

  it('says from which line on where the server stays away', async () => {
    const { done } = await run([new Response(`${counts(2)}\n`), new TypeError('fetch failed')], 'a\nb\nc\n');
    await expect(done).rejects.toThrow(/does not answer[^\n]+\nThe import stopped at line 3\./);
  });

  it('is over at once where there is nothing', async () => {
    const { done, bodies } = await run([], '');
    expect(await done).toEqual({ read: 0, created: 0, skipped: 0, refused: 0, messages: 0 });
    expect(bodies).toEqual([]);
  });
});
