import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { until } from '../../libs/platform/testing/until.js';
import { EventStreamParser } from './event-stream.js';
import type { ApiClient } from './journey.js';

export interface FeedAsked {
  /** `since`, filters and the like. */
  query?: Record<string, string>;
  /** As server-sent events. */
  sse?: boolean;
  lastEventId?: string;
}

/** One who reads the events of a workspace as they happen, in lines or as server-sent events. */
export class FeedReader {
  // biome-ignore lint/suspicious/noExplicitAny: looked at from outside, where nothing is known of its type.
  readonly lines: any[] = [];
  /** When each line was there, ms. */
  readonly heard: number[] = [];
  ended = false;
  private readonly parser = new EventStreamParser();
  private rest = '';

  private constructor(
    readonly response: IncomingMessage,
    private readonly asked: ClientRequest,
    private readonly sse: boolean,
  ) {
    const decoder = new TextDecoder('utf-8');
    response.on('data', (chunk: Buffer) => {
      if (this.sse) {
        for (const { data } of this.parser.feed(chunk)) this.take(data);
        return;
      }
      const lines = (this.rest + decoder.decode(chunk, { stream: true })).split('\n');
      this.rest = lines.pop()!;
      for (const line of lines) this.take(line);
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      this.ended = true;
    });
  }

  /** Resolves when the head of the answer is there; rejects with its status and body where that is no 200. */
  static open({ url, key }: Pick<ApiClient, 'url' | 'key'>, asked: FeedAsked = {}): Promise<FeedReader> {
    const { query = {}, sse = false, lastEventId } = asked;
    const { promise, resolve, reject } = Promise.withResolvers<FeedReader>();
    const headers = {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(sse ? { accept: 'text/event-stream' } : {}),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    const sent = request(`${url}/v1/events/stream?${new URLSearchParams(query)}`, { headers, agent: false });
    sent.on('response', async (response) => {
      if (response.statusCode === 200) resolve(new FeedReader(response, sent, sse));
      else reject(Object.assign(new Error(`${response.statusCode}: ${await textOf(response)}`), response));
    });
    sent.on('error', reject);
    sent.end();
    return promise;
  }

  /** Those on the log. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  get events(): any[] {
    return this.lines.filter(({ id }) => id !== undefined);
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above.
  of(type: string): any[] {
    return this.lines.filter((line) => line.type === type);
  }

  /** What it would go on from: the last id of server-sent events, or the last line that has a cursor. */
  get cursor(): string | undefined {
    return this.sse ? this.parser.lastEventId : this.lines.findLast(({ cursor }) => cursor != null)?.cursor;
  }

  cut(): void {
    this.ended = true;
    this.asked.destroy();
  }

  async heardAll(ids: readonly string[], withinMs = 60_000): Promise<void> {
    const missing = () => {
      const known = new Set(this.events.map(({ id }) => id));
      return ids.filter((id) => !known.has(id));
    };
    await until(
      () => missing().length === 0,
      withinMs,
      () => `${missing().length} of ${ids.length} events`,
    );
  }

  async heardType(type: string, times = 1): Promise<void> {
    await until(
      () => this.of(type).length >= times,
      60_000,
      () => `${times} of ${type}, where ${this.of(type).length} were heard`,
    );
  }

  private take(line: string): void {
    this.heard.push(performance.now());
    this.lines.push(JSON.parse(line));
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}
