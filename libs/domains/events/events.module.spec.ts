import { EventEmitter, once } from 'node:events';
import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { newId } from '../../platform/kernel/id.js';
import type { LiveReader, Sink } from '../../platform/live/live-reader.js';
import type { Reading } from '../../platform/live/reading.js';
import type { Caller } from '../../platform/operations/caller.js';
import type { LiveBody, SocketBody } from '../../platform/operations/reply.js';
import { portsOf } from '../../platform/runtime/service-ports.js';
import { EventsModule } from './events.module.js';
import { SocketController } from './socket/socket.controller.js';
import { StreamController } from './stream/stream.controller.js';

const joined: unknown[] = [];
const joining = new EventEmitter();

/** Of a log without an event; what is read of it ends with its reader's joining. */
const ports = {
  installation: null,
  ticketDesk: { opensWith: () => undefined },
  feed: {},
  live: {
    admitConnection: () => undefined,
    holdConnection: () => () => undefined,
    admit: (_share: unknown, prepare: () => Promise<unknown>) => prepare(),
    attach: (_sink: Sink, { source }: Reading) => {
      const reader = { closed: false, reachedInHistory: () => undefined } as unknown as LiveReader;
      void source.join(reader).then(() => joining.emit('joined'));
      return null;
    },
    feedTail: { decided: 0, join: async (_workspace: string, group: unknown) => void joined.push(group) },
  },
};

@Global()
@Module({ providers: [{ provide: portsOf('events'), useValue: ports }], exports: [portsOf('events')] })
class Ports {}

/** The other end of a stream, and of a socket that asks for one thing. */
class Client extends EventEmitter {
  readonly isOpen = true;
  readonly destroyed = false;
  readonly writableLength = 0;
  readonly waiting = 0;

  listen(listener: { message(text: string): void }): void {
    listener.message('{"type":"subscribe","subscription":"all","since":"beginning"}');
  }

  write(): boolean {
    return true;
  }

  send(): void {}

  close(): void {}

  pause(): void {}

  resume(): void {}
}

it('has one group of those who read the same, on whichever transport they do', async () => {
  const app = await NestFactory.createApplicationContext(
    { module: class {}, imports: [Ports, EventsModule] },
    { logger: false },
  );
  const caller = { workspace: newId('wsp'), actor: { type: 'api_key', id: 'key_1' } } as Caller;
  const client = new Client();
  const lines = await app
    .get(StreamController, { strict: false })
    .stream({ query: { since: 'beginning' } } as never, caller);
  const talk = await app.get(SocketController, { strict: false }).open({}, caller);
  for (const begin of [
    () => (lines.body as LiveBody).attach(client as never),
    () => (talk.body as SocketBody).converse(client as never),
  ]) {
    const done = once(joining, 'joined');
    begin();
    await done;
  }
  await app.close();
  expect([joined.length, new Set(joined).size]).toEqual([2, 1]);
});
