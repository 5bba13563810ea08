import type { MessageListener } from '../../../platform/http/message-socket.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Holder } from '../../../platform/live/held-bytes.js';
import type { EncodableEvent } from '../../../platform/live/live-event.js';
import type { Sink } from '../../../platform/live/live-reader.js';
import type { Subscribe } from './client-message.js';
import { type Conversation, MOST_SUBSCRIPTIONS, MOST_WRONG, SocketConnection } from './socket-connection.js';
import { SOCKET_LINES } from './socket-lines.js';

/** The other end of a connection: what it was told, and what it says. */
class Client implements Conversation {
  readonly told: Record<string, unknown>[] = [];
  ended: string | null = null;
  waiting = 0;
  private listener: MessageListener | null = null;

  get isOpen(): boolean {
    return this.ended === null;
  }

  listen(listener: MessageListener): void {
    this.listener = listener;
  }

  send(message: string | Buffer): void {
    this.told.push(JSON.parse(message.toString()));
  }

  close(code: string, reason: string): void {
    this.ended = `${code} ${reason}`;
    this.listener!.gone();
  }

  pause(): void {}

  resume(): void {}

  say(message: object | string): void {
    this.listener!.message(typeof message === 'string' ? message : JSON.stringify(message));
  }

  drained(): void {
    this.listener!.drained();
  }

  silent(): void {
    this.listener!.silent();
  }

  /** What was told of a type. */
  of(type: string): Record<string, unknown>[] {
    return this.told.filter((message) => message.type === type);
  }
}

function made(open?: (asked: Subscribe) => Promise<void>, begin = 'c0') {
  const client = new Client();
  const sinks = new Map<string, Sink>();
  const asked: Subscribe[] = [];
  const held = new Set<Holder>();
  const logged: Record<string, unknown>[] = [];
  const connection = new SocketConnection(
    client,
    {
      open: async (message) => {
        await open?.(message);
        asked.push(message);
        return {
          cursor: begin,
          begin: (sink) => {
            sinks.set(message.subscription, sink);
          },
        };
      },
      positionOf: (cursor) => {
        if (!/^c\d+$/.test(cursor)) throw new Problem('invalid_cursor', 'It is none.');
        return Number(cursor.slice(1));
      },
    },
    {
      requestId: 'req_1',
      log: { error: (detail, message) => logged.push({ ...detail, message }) },
      hold: (connection) => {
        held.add(connection);
        return () => held.delete(connection);
      },
    },
  );
  const subscribe = async (subscription: string, more: object = {}) => {
    client.say({ type: 'subscribe', subscription, ...more });
    await new Promise(setImmediate);
  };
  const give = (subscription: string, ...positions: number[]) => {
    const lines = positions.map((n) => {
      const line = JSON.stringify({ type: 'message.created', cursor: `c${n}` });
      return SOCKET_LINES.event({ type: 'message.created', cursor: `c${n}`, line } as EncodableEvent);
    });
    return sinks.get(subscription)!.write(Buffer.from(lines.join('')));
  };
  const beat = (subscription: string, n: number) =>
    void sinks.get(subscription)!.write(SOCKET_LINES.heartbeat(`c${n}`));
  const given = (subscription = 'a') =>
    client.told
      .filter((message) => message.subscription === subscription && message.cursor !== undefined)
      .map(({ type, cursor }) => (type === 'message.created' ? cursor : `${type} ${cursor}`));
  return { client, connection, held, logged, sinks, asked, subscribe, give, beat, given };
}

it('says that it is subscribed, then gives the line with the subscription in it', async () => {
  const { client, subscribe, give } = made();
  await subscribe('a', { window: 2 });
  give('a', 1);
  expect(client.told).toEqual([
    { type: 'subscribed', subscription: 'a', window: 2 },
    { subscription: 'a', type: 'message.created', cursor: 'c1' },
  ]);
});

it('is counted from the handshake on, with what waits on it, and until it is gone', () => {
  const { client, connection, held } = made();
  client.waiting = 300;
  expect([[...held], connection.held]).toEqual([[connection], 300]);
  connection.close('slow_reader');
  expect([held.size, connection.held]).toEqual([0, 0]);
});

describe('a window', () => {
  it('is never exceeded, and moves with what is acknowledged, in order', async () => {
    const { client, subscribe, give, given } = made();
    await subscribe('a', { window: 3 });
    give('a', 1, 2, 3, 4, 5, 6, 7);
    expect(given()).toEqual(['c1', 'c2', 'c3']);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c2' });
    expect(given()).toEqual(['c1', 'c2', 'c3', 'c4', 'c5']);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c2' });
    expect(given()).toHaveLength(5);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c5' });
    expect(given()).toEqual(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']);
  });

  it('is one of each subscription', async () => {
    const { client, subscribe, give, given } = made();
    await subscribe('a', { window: 1 });
    await subscribe('b', { window: 1 });
    give('a', 1, 2);
    give('b', 1, 2);
    client.say({ type: 'ack', subscription: 'b', cursor: 'c1' });
    expect([given('a'), given('b')]).toEqual([['c1'], ['c1', 'c2']]);
  });

  it('keeps heartbeats in their place, of several in a row the last, and counts none', async () => {
    const { client, subscribe, give, beat, given } = made();
    await subscribe('a', { window: 1 });
    beat('a', 1);
    give('a', 2, 3);
    beat('a', 4);
    beat('a', 5);
    expect(given()).toEqual(['heartbeat c1', 'c2']);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c2' });
    expect(given()).toEqual(['heartbeat c1', 'c2', 'c3', 'heartbeat c5']);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c5' });
    expect(client.of('error')).toEqual([]);
  });

  it('says when nothing waits any more', async () => {
    const { client, subscribe, give, sinks } = made();
    await subscribe('a', { window: 1 });
    let drains = 0;
    sinks.get('a')!.once('drain', () => drains++);
    expect([give('a', 1), give('a', 2, 3)]).toEqual([true, false]);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c1' });
    expect(drains).toBe(0);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c2' });
    expect(drains).toBe(1);
  });
});

describe('what is acknowledged', () => {
  it('of a subscription that is over changes nothing, and is not wrong', async () => {
    const { client, subscribe, give, given } = made();
    await subscribe('a', { window: 2 });
    give('a', 1, 2, 3);
    client.say({ type: 'unsubscribe', subscription: 'a' });
    for (let n = 0; n < MOST_WRONG; n++) client.say({ type: 'ack', subscription: 'a', cursor: 'c2' });
    expect([client.of('error'), client.ended]).toEqual([[], null]);
    await subscribe('a', { window: 1 });
    give('a', 4, 5);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c4' });
    expect(given().slice(-2)).toEqual(['c4', 'c5']);
  });

  it('of one that is over is wrong again when many others have ended since', async () => {
    const { client, subscribe } = made();
    for (let n = 0; n <= 100; n++) {
      await subscribe(`s${n}`);
      client.say({ type: 'unsubscribe', subscription: `s${n}` });
    }
    client.say({ type: 'ack', subscription: 's1', cursor: 'c0' });
    expect(client.of('error')).toEqual([]);
    client.say({ type: 'ack', subscription: 's0', cursor: 'c0' });
    expect(client.of('error')).toHaveLength(1);
  });

  it('may be the place where the subscription began, before anything was sent', async () => {
    const { client, subscribe, give, given } = made(undefined, 'c7');
    await subscribe('a', { since: 'c7', window: 1 });
    client.say({ type: 'ack', subscription: 'a', cursor: 'c7' });
    expect(client.of('error')).toEqual([]);
    give('a', 9, 10);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c7' });
    expect(given()).toEqual(['c9']);
    client.say({ type: 'ack', subscription: 'a', cursor: 'c10' });
    expect(client.of('error')).toHaveLength(1);
  });
});

describe('the end', () => {
  it('of one is that of all: each is told the cursor of the last that was sent, and not of what waits', async () => {
    const { client, subscribe, give, sinks } = made();
    await subscribe('a', { window: 1 });
    await subscribe('b');
    give('a', 1, 2);
    give('b', 1, 2, 3);
    const gone: string[] = [];
    for (const [name, sink] of sinks) sink.once('close', () => gone.push(name));
    sinks.get('a')!.write(SOCKET_LINES.closed('slow_reader', 'c2'));
    expect(client.of('closed')).toEqual([
      { subscription: 'a', type: 'closed', reason: 'slow_reader', cursor: 'c1' },
      { subscription: 'b', type: 'closed', reason: 'slow_reader', cursor: 'c3' },
    ]);
    expect([client.ended, gone]).toEqual(['policy_violation slow_reader', ['a', 'b']]);
    give('a', 4);
    expect(client.of('message.created')).toHaveLength(4);
  });

  it('of one that the client ends leaves the others', async () => {
    const { client, subscribe, give } = made();
    await subscribe('a');
    await subscribe('b');
    give('a', 1);
    client.say({ type: 'unsubscribe', subscription: 'a' });
    give('b', 2);
    expect(client.of('unsubscribed')).toEqual([{ type: 'unsubscribed', subscription: 'a', cursor: 'c1' }]);
    expect([client.ended, client.told.at(-1)]).toMatchObject([null, { subscription: 'b', cursor: 'c2' }]);
    await subscribe('a');
    expect(client.of('subscribed')).toHaveLength(3);
  });

  it('comes for who does not answer pings', async () => {
    const { client, subscribe } = made();
    await subscribe('a');
    client.silent();
    expect(client.ended).toBe('policy_violation slow_reader');
  });

  it('comes for who asks and takes no answer', async () => {
    const { client } = made();
    client.waiting = 2 * 1024 * 1024;
    client.say({ type: 'ping' });
    expect(client.ended).toBe('policy_violation slow_reader');
  });
});

describe('what is wrong', () => {
  const problemsTold = (client: Client) =>
    client.of('error').map(({ subscription, problem }) => {
      const { code, instance, errors } = problem as { code: string; instance: string; errors?: { pointer: string }[] };
      expect(instance).toBe('req_1');
      return [subscription, code, errors?.[0]?.pointer];
    });

  it('is answered with the place, and the connection lives', async () => {
    const { client, subscribe, give } = made();
    await subscribe('a');
    give('a', 1);
    client.say('{');
    client.say({ type: 'ack', subscription: 'b', cursor: 'c1' });
    client.say({ type: 'ack', subscription: 'a', cursor: 'c2' });
    client.say({ type: 'ack', subscription: 'a', cursor: 'rubbish' });
    await subscribe('a');
    expect(problemsTold(client)).toEqual([
      [undefined, 'malformed_request', undefined],
      ['b', 'invalid_value', '/message/subscription'],
      ['a', 'invalid_value', '/message/cursor'],
      ['a', 'invalid_cursor', undefined],
      ['a', 'invalid_value', '/message/subscription'],
    ]);
    client.say({ type: 'ping' });
    expect(client.told.at(-1)).toEqual({ type: 'pong' });
  });

  it('ends the connection when it goes on, and not when something right comes between', () => {
    const { client } = made();
    for (let n = 1; n < MOST_WRONG; n++) client.say('{');
    client.say({ type: 'ping' });
    for (let n = 1; n < MOST_WRONG; n++) client.say('{');
    expect(client.ended).toBeNull();
    client.say('{');
    expect(client.ended).toBe('policy_violation too_many_errors');
  });

  it('is refused by whoever reads, too', async () => {
    const { client, subscribe } = made(async () => {
      throw new Problem('invalid_cursor', 'It is none.');
    });
    await subscribe('a', { since: 'rubbish' });
    expect(problemsTold(client)).toEqual([['a', 'invalid_cursor', undefined]]);
  });

  it('is logged under the id of the request where nobody foresaw it, without what it quotes', async () => {
    const { client, subscribe, logged } = made(async () => {
      throw new TypeError('somebody@example.com is not a function');
    });
    await subscribe('a');
    client.say('{');
    expect(problemsTold(client)).toEqual([
      ['a', 'internal', undefined],
      [undefined, 'malformed_request', undefined],
    ]);
    expect(logged).toEqual([
      expect.objectContaining({
        requestId: 'req_1',
        method: 'GET',
        route: '/v1/events/ws',
        name: 'TypeError',
        message: 'internal',
      }),
    ]);
    expect(JSON.stringify(logged)).not.toContain('somebody@example.com');
  });

  it(`is more than ${MOST_SUBSCRIPTIONS} subscriptions`, async () => {
    const { client, subscribe } = made();
    for (let n = 0; n <= MOST_SUBSCRIPTIONS; n++) await subscribe(`s${n}`);
    expect(client.of('subscribed')).toHaveLength(MOST_SUBSCRIPTIONS);
    expect(problemsTold(client)).toEqual([[`s${MOST_SUBSCRIPTIONS}`, 'too_many', undefined]]);
  });
});

it('does one thing after another, though a subscription takes its time', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { client, asked } = made(() => promise);
  client.say({ type: 'subscribe', subscription: 'a' });
  client.say({ type: 'subscribe', subscription: 'b' });
  client.say({ type: 'unsubscribe', subscription: 'a' });
  expect(client.told).toEqual([]);
  resolve();
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  expect(asked.map(({ subscription }) => subscription)).toEqual(['a', 'b']);
  expect(client.told.map(({ type, subscription }) => `${type} ${subscription}`)).toEqual([
    'subscribed a',
    'subscribed b',
    'unsubscribed a',
  ]);
});

it('goes on with another history when what waited for acknowledgements of one is gone', async () => {
  const { client, subscribe, sinks } = made();
  await subscribe('a', { window: 1 });
  await subscribe('b');
  await subscribe('c');
  const line = (n: number) => `ec${n}\t${JSON.stringify({ type: 'message.created', text: 'x'.repeat(200_000) })}\n`;
  const woken: string[] = [];
  for (const name of ['b', 'c']) {
    sinks.get(name)!.once('drain', () => {
      woken.push(name);
      if (name === 'b') sinks.get(name)!.write(Buffer.from([line(1), line(2)].join('')));
    });
  }
  sinks.get('a')!.write(Buffer.from([line(1), line(2), line(3)].join('')));
  const acknowledge = async (subscription: string, cursor: string) => {
    client.say({ type: 'ack', subscription, cursor });
    for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  };
  await subscribe('d', { window: 1 });
  sinks.get('d')!.write(Buffer.from([line(1), line(2)].join('')));
  await acknowledge('a', 'c1');
  expect(woken).toEqual([]);
  await acknowledge('a', 'c2');
  expect(woken).toEqual([]);
  client.say({ type: 'unsubscribe', subscription: 'd' });
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  expect(woken).toEqual(['b', 'c']);
});

it('fills the connection with one history after another', async () => {
  const { client, subscribe, sinks } = made();
  const order: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    await subscribe(name);
    sinks.get(name)!.once('drain', () => {
      order.push(name);
      if (name === 'b') client.waiting = 200_000;
    });
  }
  client.drained();
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  expect(order).toEqual(['a', 'b']);
});
