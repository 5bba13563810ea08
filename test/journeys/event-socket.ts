import { randomBytes } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { until } from '../../libs/platform/testing/until.js';
import type { Answer, ApiClient } from './journey.js';

// biome-ignore lint/suspicious/noExplicitAny: looked at from outside, where nothing is known of its type.
type Told = any;

/** One who speaks the protocol of `GET /v1/events/ws`, by the WebSocket that Node brings along. */
export class EventSocket {
  readonly told: Told[] = [];
  closed: { code: number; reason: string } | null = null;

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => this.told.push(JSON.parse(data as string)));
    socket.addEventListener('close', ({ code, reason }) => {
      this.closed = { code, reason };
    });
    socket.addEventListener('error', () => undefined);
  }

  /** Resolves when it is open; rejects where it is refused. */
  static open({ url, key }: Pick<ApiClient, 'url' | 'key'>, query = ''): Promise<EventSocket> {
    const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/events/ws${query}`, { headers });
    const client = new EventSocket(socket);
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(client));
      socket.addEventListener('error', () => reject(new Error('the WebSocket was refused')));
    });
  }

  say(message: object | string | Uint8Array<ArrayBuffer>): void {
    const isText = typeof message === 'string' || message instanceof Uint8Array;
    this.socket.send(isText ? message : JSON.stringify(message));
  }

  /** Subscribes, and resolves once that is said to be so; rejects with the problem where it is not. */
  async subscribe(subscription: string, asked: object = {}): Promise<void> {
    const before = this.told.length;
    this.say({ type: 'subscribe', subscription, ...asked });
    const answer = () =>
      this.told
        .slice(before)
        .find((one) => one.subscription === subscription && ['subscribed', 'error'].includes(one.type));
    await until(() => answer() !== undefined);
    if (answer().type === 'error') throw answer().problem;
  }

  /** The events of a subscription. */
  events(subscription: string): Told[] {
    return this.told.filter((one) => one.subscription === subscription && one.seq !== undefined);
  }

  /** What was told of a type. */
  of(type: string): Told[] {
    return this.told.filter((one) => one.type === type);
  }

  /** What the last is of what was told of a type, once there are so many. */
  async next(type: string, count = 1): Promise<Told> {
    await until(() => this.of(type).length >= count);
    return this.of(type).at(-1);
  }

  ack(subscription: string, cursor = this.events(subscription).at(-1).cursor): void {
    this.say({ type: 'ack', subscription, cursor });
  }

  /** The code and the reason of its end. */
  async end(): Promise<{ code: number; reason: string }> {
    await until(() => this.closed !== null);
    return this.closed!;
  }

  close(): void {
    this.socket.close();
  }
}

/** What a request for an upgrade is answered with; headers that are null are left out. */
export async function handshake(
  { url, key }: Pick<ApiClient, 'url' | 'key'>,
  more: Readonly<Record<string, string | null>> = {},
): Promise<Answer> {
  const headers = Object.entries({
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    authorization: key === null ? null : `Bearer ${key}`,
    ...more,
  }).filter((one): one is [string, string] => one[1] !== null);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(`${url}/v1/events/ws`, { headers: Object.fromEntries(headers), agent: false });
    asked.on('upgrade', (its, socket) => {
      socket.destroy();
      resolve(its);
    });
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.end();
  });
  const text = answer.statusCode === 101 ? '' : (await answer.toArray()).join('');
  return {
    status: answer.statusCode!,
    headers: new Headers(answer.headers as Record<string, string>),
    body: text === '' ? '' : JSON.parse(text),
  };
}
