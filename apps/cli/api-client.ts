import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from './failure.js';

export interface ApiRequest {
  method: string;
  /** With its query. */
  path: string;
  body?: string | Buffer;
  contentType?: string;
  headers?: Record<string, string>;
  /** False for an answer that was cut off, though its status is good: the request is sent again. */
  isWhole?(text: string): boolean;
}

export interface ApiAnswer {
  status: number;
  text: string;
}

/** How often a request is sent again, and which answers are no last word. */
export interface Patience {
  /** Before each further time, where the server names no time. */
  pausesMs: readonly number[];
  isTemporary(answer: ApiAnswer): boolean;
}

/** A person waits: five times in all, 3 s. Other 5xx are final: sending again would hide them. */
export const SHORT_PATIENCE: Patience = {
  pausesMs: [200, 400, 800, 1600],
  isTemporary: ({ status, text }) =>
    status === 429 || status === 503 || (status === 409 && text.includes('"request_in_flight"')),
};

const LONGEST_PAUSE_MS = 30_000;

export interface ApiClientOptions {
  url: string;
  /** Null for none. */
  key: string | null;
  patience?: Patience;
  fetch?: typeof fetch;
  sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Sends requests, and again with the same idempotency key where the connection broke, the server is busy (429, 503),
 * or the first request is still under way there (409 `request_in_flight`); `Retry-After` is obeyed.
 */
export class ApiClient {
  private readonly fetch: typeof fetch;
  private readonly sleep: (ms: number) => Promise<unknown>;
  private readonly patience: Patience;

  constructor(private readonly options: ApiClientOptions) {
    this.fetch = options.fetch ?? fetch;
    this.sleep = options.sleep ?? pause;
    this.patience = options.patience ?? SHORT_PATIENCE;
  }

  /** The last answer, whatever its status. Throws Failure where the server cannot be reached. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    const { pausesMs, isTemporary } = this.patience;
    for (let tries = 0; ; tries++) {
      const last = tries === pausesMs.length;
      const outcome = await this.once(request);
      if ('unreachable' in outcome) {
        if (last) throw unreachable(this.options.url, outcome.unreachable);
        await this.sleep(pausesMs[tries]!);
        continue;
      }
      if (last || !isTemporary(outcome)) return outcome;
      const asked = Number(outcome.retryAfter ?? Number.NaN) * 1000;
      await this.sleep(Number.isFinite(asked) ? Math.min(asked, LONGEST_PAUSE_MS) : pausesMs[tries]!);
    }
  }

  private async once(
    request: ApiRequest,
  ): Promise<(ApiAnswer & { retryAfter: string | null }) | { unreachable: string }> {
    const { method, path, body, contentType, headers, isWhole } = request;
    const { url, key } = this.options;
    try {
      const response = await this.fetch(url + path, {
        method,
        body,
        redirect: 'manual',
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...headers,
        },
      });
      const text = await response.text();
      if (response.ok && isWhole?.(text) === false) return { unreachable: 'the answer was cut off' };
      return { status: response.status, text, retryAfter: response.headers.get('retry-after') };
    } catch (error) {
      const cause = (error as { cause?: { code?: string; message?: string } }).cause;
      return { unreachable: cause?.code ?? cause?.message ?? (error as Error).message };
    }
  }
}

function unreachable(url: string, cause: string): Failure {
  return new Failure(
    `Heddle does not answer at ${url} (${cause}): start it with npm start, or set HEDDLE_URL, or HEDDLE_PORT as it was started with.`,
  );
}
