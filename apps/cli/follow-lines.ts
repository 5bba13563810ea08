import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from './failure.js';
import { printableJson } from './printable-json.js';
import { requireGood } from './problem-text.js';
import { type Terminal, writeLine } from './terminal.js';

export interface Following {
  url: string;
  key: string | null;
  /** Without its query. */
  path: string;
  query: URLSearchParams;
  terminal: Terminal;
  fetch?: typeof fetch;
  sleep?: (ms: number) => Promise<unknown>;
}

interface Line {
  type: string;
  cursor?: string | null;
}

const PAUSES_MS = [200, 500, 1000, 2000, 5000];
/** Of a line. What an event is told by has 2 MiB at most, and is shown as somewhat more. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** What says where a stream stands, and nothing that happened. */
const OF_THE_STREAM: ReadonlySet<string> = new Set(['heartbeat', 'closed']);
/** Answers that are no last word: the server is away, ends, or has no room. */
const TEMPORARY: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Prints the lines of a stream as they come, until somebody ends it. `everything`: also what only says where the stream stands.
 * Throws Failure for an answer that will not be another one.
 */
export function followLines(following: Following, everything: boolean): Promise<never> {
  return followEach(following, async (line, type) => {
    if (everything || !OF_THE_STREAM.has(type)) await writeLine(following.terminal.out, printableJson(line));
  });
}

/** Has each line taken, one after the other; after each cut it goes on from the cursor of the last one that was. */
export async function followEach(
  following: Following,
  take: (line: string, type: string) => Promise<void>,
): Promise<never> {
  const { query, terminal, sleep = pause } = following;
  for (let cuts = 0; ; cuts++) {
    for await (const line of linesOf(following)) {
      const { type, cursor } = parsed(line, following.url);
      await take(line, type);
      if (typeof cursor === 'string') query.set('since', cursor);
      cuts = 0;
    }
    if (cuts === 1) await writeLine(terminal.err, `Heddle does not answer at ${following.url}: it is asked again.`);
    await sleep(PAUSES_MS[Math.min(cuts, PAUSES_MS.length - 1)]!);
  }
}

/** Throws Failure, which says nothing of the line: what is no JSON may be anything. */
function parsed(line: string, url: string): Line {
  try {
    const value = JSON.parse(line) as Line | null;
    if (typeof value?.type === 'string') return value;
  } catch {
    // Told below.
  }
  throw noneOfOurs(url);
}

function noneOfOurs(url: string): Failure {
  return new Failure(`${url} sends lines that are none of Heddle's: is HEDDLE_URL right?`);
}

/** Whole lines only: one that was cut off comes again. Ends where the stream is cut off. */
async function* linesOf(following: Following): AsyncGenerator<string> {
  try {
    let rest = '';
    for await (const text of textOf(following)) {
      const lines = text.split('\n');
      lines[0] = rest + lines[0];
      rest = lines.pop()!;
      yield* lines;
      if (rest.length > MOST_CHARACTERS) throw noneOfOurs(following.url);
    }
  } catch (error) {
    if (!isCut(error)) throw error;
  }
}

async function* textOf({ url, key, path, query, fetch: ask = fetch }: Following): AsyncGenerator<string> {
  const response = await ask(`${url}${path}?${query}`, {
    method: 'GET',
    redirect: 'manual',
    headers: { accept: 'application/x-ndjson', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
  });
  if (TEMPORARY.has(response.status)) return;
  if (!response.ok) requireGood({ status: response.status, text: await response.text() }, url);
  yield* response.body!.pipeThrough(new TextDecoderStream());
}

/** What fetch throws where there is no connection, or none any more. */
function isCut(error: unknown): boolean {
  return error instanceof TypeError;
}
