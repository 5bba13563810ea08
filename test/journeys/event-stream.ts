import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { until } from '../../libs/platform/testing/until.js';
import type { ApiClient } from './journey.js';

export interface ServerSentEvent {
  /** What a browser would send as Last-Event-ID after it. */
  lastEventId: string;
  type: string;
  data: string;
}

/** Reads an event stream as WHATWG HTML says (section 9.2.6), byte by byte as it comes. */
export class EventStreamParser {
  /** The last event ID string of the event source. */
  lastEventId = '';
  private readonly decoder = new TextDecoder('utf-8');
  private text = '';
  private data = '';
  private type = '';
  private id = '';

  /** The events that a chunk completes. */
  feed(chunk: Buffer): ServerSentEvent[] {
    this.text += this.decoder.decode(chunk, { stream: true });
    const events: ServerSentEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?=[\s\S])/.exec(this.text);
      if (end === null) return events;
      const line = this.text.slice(0, end.index);
      this.text = this.text.slice(end.index + end[0].length);
      const event = this.take(line);
      if (event !== null) events.push(event);
    }
  }

  private take(line: string): ServerSentEvent | null {
    if (line === '') return this.dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.type = value;
    else if (field === 'data') this.data += `${value}\n`;
    else if (field === 'id' && !value.includes('\0')) this.id = value;
    return null;
  }

  private dispatch(): ServerSentEvent | null {
    this.lastEventId = this.id;
    const { data, type, lastEventId } = this;
    this.data = '';
    this.type = '';
    return data === '' ? null : { lastEventId, type: type === '' ? 'message' : type, data: data.slice(0, -1) };
  }
}

export interface Asked {
  lastEventId?: string | undefined;
  /** With its question mark. */
  query?: string;
  /** Ends the connection after so many bytes of the body, wherever that is. */
  cutAfter?: number;
}

/** One who reads a conversation's events as they happen. */
export class EventReader {
  readonly events: ServerSentEvent[] = [];
  readonly parser = new EventStreamParser();
  readonly heard: number[] = [];
  ended = false;
  private bytes = 0;

  private constructor(
    readonly response: IncomingMessage,
    private readonly asked: ClientRequest,
    cutAfter: number,
  ) {
    response.on('data', (chunk: Buffer) => {
      const before = this.bytes;
      this.bytes += chunk.length;
      for (const event of this.parser.feed(chunk.subarray(0, Math.max(0, cutAfter - before)))) {
        this.events.push(event);
        this.heard.push(performance.now());
      }
      if (this.bytes >= cutAfter) this.cut();
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      this.ended = true;
    });
  }

  /** Resolves when the head of the answer is there. */
  static open(
    { url, key }: Pick<ApiClient, 'url' | 'key'>,
    conversation: string,
    asked: Asked = {},
  ): Promise<EventReader> {
    const { lastEventId, query = '', cutAfter = Number.POSITIVE_INFINITY } = asked;
    const { promise, resolve, reject } = Promise.withResolvers<EventReader>();
    const headers = {
      authorization: `Bearer ${key}`,
      accept: 'text/event-stream',
      ...(lastEventId === undefined || lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
    };
    const sent = request(`${url}/v1/conversations/${conversation}/events${query}`, { headers, agent: false });
    sent.on('response', (response) => {
      const { statusCode } = response;
      if (statusCode === 200) resolve(new EventReader(response, sent, cutAfter));
      else {
        response.resume();
        reject(new Error(`The stream was answered with ${statusCode}.`));
      }
    });
    sent.on('error', reject);
    sent.end();
    return promise;
  }

  get lastEventId(): string {
    return this.parser.lastEventId;
  }

  /** Those on the log, as the API's list shows them. */
  // biome-ignore lint/suspicious/noExplicitAny: looked at from outside, where nothing is known of its type.
  get recorded(): any[] {
    return this.events.filter(({ type }) => type.includes('.')).map(({ data }) => JSON.parse(data));
  }

  /** Those that are not on the log, of one name. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  signals(name: string): any[] {
    return this.events.filter(({ type }) => type === name).map(({ data }) => JSON.parse(data));
  }

  cut(): void {
    this.ended = true;
    this.asked.destroy();
  }

  async heardThrough(seq: number): Promise<void> {
    await until(
      () => this.recorded.at(-1)?.seq >= seq,
      60_000,
      () => `seq ${seq}, where ${this.recorded.at(-1)?.seq} was heard`,
    );
  }
}
