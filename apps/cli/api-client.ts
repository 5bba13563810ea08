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

/** How often a request is sent in all, and how long is waited before each further time where the server says nothing. */
const PAUSES_MS = [200, 400, 800, 1600, 3200];
const LONGEST_PAUSE_MS = 30_000;

export interface ApiClientOptions {
  url: string;
  /** Null for none. */
  key: string | null;
  fetch?: typeof fetch;
  sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Sends requests, and again with the same idempotency key where the connection broke, the server is busy (429, 503),
 * or the first request is still under way there (409 `request_in_flight`): six times in all, `Retry-After` obeyed.
 */
export class ApiClient {
  private readonly fetch: typeof fetch;
  private readonly sleep: (ms: number) => Promise<unknown>;

  constructor(private readonly options: ApiClientOptions) {
    this.fetch = options.fetch ?? fetch;
    this.sleep = options.sleep ?? pause;
  }

  /** The last answer, whatever its status. Throws Failure where the server cannot be reached. */
  async send(request: ApiRequest): Promise<ApiAnswer> {
    for (let tries = 0; ; tries++) {
      const last = tries === PAUSES_MS.length;
      const outcome = await this.once(request);
      if ('unreachable' in outcome) {
        if (last) throw unreachable(this.options.url, outcome.unreachable);
        await this.sleep(PAUSES_MS[tries]!);
        continue;
      }
      if (last || !isTemporary(outcome)) return outcome;
      const asked = Number(outcome.retryAfter ?? Number.NaN) * 1000;
      await this.sleep(Number.isFinite(asked) ? Math.min(asked, LONGEST_PAUSE_MS) : PAUSES_MS[tries]!);
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

function isTemporary({ status, text }: ApiAnswer): boolean {
  return status === 429 || status === 503 || (status === 409 && text.includes('"request_in_flight"'));
}

function unreachable(url: string, cause: string): Failure {
  return new Failure(`Heddle does not answer at ${url} (${cause}): start it with npm start, or set HEDDLE_URL.`);
}
