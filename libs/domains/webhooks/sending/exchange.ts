import type { Dispatcher } from 'undici';
import { type AnswerError, DeliveryFailure } from './delivery-failure.js';
import { retryAfterMs } from './retry-after.js';

/** What became of one POST. The receiver has taken it where `error` is null and `status` is 2xx, and nowhere else. */
export interface Answer {
  /** Null where none came. Beside an `error` it is what the answer began with. */
  status: number | null;
  error: AnswerError | null;
  /** What lies behind `error`, such as `CERT_HAS_EXPIRED` or `ECONNREFUSED`. */
  detail: string | null;
  durationMs: number;
  /** Names in lower case; cut to 4 KiB in all. */
  headers: readonly (readonly [string, string])[];
  /** What was read of it, at most 16 KiB. */
  body: Buffer;
  retryAfterMs: number | null;
}

type Headers = Record<string, string | string[] | undefined>;

export const MOST_BODY_BYTES = 16 * 1024;
const MOST_HEADER_CHARACTERS = 4 * 1024;
const NOTHING = Buffer.alloc(0);
const GIVEN_UP = new Error('given up');
/** What undici says; what the system says of a connection that was there, such as ECONNRESET, is a reset. */
const WORDS: Record<string, AnswerError> = {
  UND_ERR_HEADERS_OVERFLOW: 'answer_invalid',
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
};

/** One POST under way, from the call to the answer. Undici calls it as the answer comes. */
export class Exchange implements Dispatcher.DispatchHandler {
  private readonly startedMs = performance.now();
  private controller: Dispatcher.DispatchController | null = null;
  private settled = false;
  private status: number | null = null;
  private headers: Headers | null = null;
  private chunks: Buffer[] | null = null;
  private bytes = 0;

  constructor(
    private readonly withinMs: number,
    private readonly answered: (answer: Answer) => void,
    private readonly ended: (exchange: Exchange) => void,
  ) {}

  /** Ends it where its time is over; tells whether it is. */
  expire(nowMs: number): boolean {
    if (nowMs - this.startedMs < this.withinMs) return false;
    this.settle('timeout', this.status === null ? 'no answer' : 'answer not finished');
    this.controller?.abort(GIVEN_UP);
    return true;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // Its time was over while it waited for a connection, or while the whole process was stopped.
    if (this.settled) controller.abort(GIVEN_UP);
    else this.expire(performance.now());
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // Interim ones, such as 103, are no answer yet.
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    // A copy: the chunk is a view of a far larger buffer, which must not live as long as the answer.
    const kept = Buffer.from(chunk.subarray(0, MOST_BODY_BYTES - this.bytes));
    this.chunks ??= [];
    this.chunks.push(kept);
    this.bytes += kept.length;
    if (kept.length === chunk.length) return;
    this.settle(null, null);
    controller.abort(GIVEN_UP);
  }

  onResponseEnd(): void {
    this.settle(null, null);
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    if (this.settled) return;
    const { error: word, detail } = error instanceof DeliveryFailure ? error : failureOf(error, this.status !== null);
    this.settle(word, detail);
  }

  private settle(error: AnswerError | null, detail: string | null): void {
    if (this.settled) return;
    this.settled = true;
    this.ended(this);
    const { status, headers, chunks } = this;
    const redirect = error === null && status! >= 300 && status! < 400;
    this.answered({
      status,
      error: redirect ? 'redirect' : error,
      detail,
      durationMs: Math.round(performance.now() - this.startedMs),
      headers: headers === null ? [] : kept(headers),
      body: chunks === null ? NOTHING : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
      retryAfterMs:
        headers === null ? null : retryAfterMs(first(headers['retry-after']), first(headers.date), Date.now()),
    });
  }
}

/** What the rest of a program sees of a POST that never was. */
export function noAnswer(error: AnswerError, detail: string): Answer {
  return { status: null, error, detail, durationMs: 0, headers: [], body: NOTHING, retryAfterMs: null };
}

function failureOf(error: Error & { code?: string }, began: boolean): { error: AnswerError; detail: string } {
  return { error: wordFor(error, began), detail: error.code ?? error.message };
}

function wordFor({ code = '', name, message }: Error & { code?: string }, began: boolean): AnswerError {
  if (name === 'HTTPParserError') return message.includes('Invalid EOF state') ? 'reset' : 'answer_invalid';
  // A body that breaks off; or headers that cannot be read, behind a content-length.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return began ? 'reset' : 'answer_invalid';
  if (code === 'UND_ERR_SOCKET') return message.startsWith('bad ') ? 'answer_invalid' : 'reset';
  return WORDS[code] ?? 'reset';
}

function kept(headers: Headers): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  let left = MOST_HEADER_CHARACTERS;
  for (const name in headers) {
    const values = headers[name]!;
    for (const value of typeof values === 'string' ? [values] : values) {
      if (left < name.length) return pairs;
      left -= name.length;
      pairs.push([name, value.slice(0, left)]);
      left -= value.length;
    }
  }
  return pairs;
}

function first(values: string | string[] | undefined): string | undefined {
  return typeof values === 'string' ? values : values?.[0];
}
