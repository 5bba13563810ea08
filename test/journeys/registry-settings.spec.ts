import { once } from 'node:events';
import { connect } from 'node:net';
import { pino } from 'pino';
import { AppModule } from '../../apps/heddle/app.module.js';
import { type Server, type ServerOptions, startServer } from '../../libs/platform/runtime/server.js';
import { Journey, ROOT_KEY } from './journey.js';

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

/** On the same store. */
function anotherServer(more: Partial<ServerOptions>): Promise<Server> {
  return startServer({
    module: AppModule,
    databaseUrl: journey.database.url,
    rootKey: ROOT_KEY,
    host: '127.0.0.1',
    port: 0,
    version: '0.0.0',
    log: pino({ level: 'silent' }),
    quota: 1000,
    ...more,
  });
}

it('the registry ends a connection whose body does not come', async () => {
  const slow = await anotherServer({ bodyMs: 200 });
  const socket = connect(Number(new URL(slow.url).port), '127.0.0.1');
  const started = performance.now();
  const ended = once(socket, 'close');
  socket.write(
    `POST /registry/subjects/x/versions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ROOT_KEY}\r\ncontent-length: 100\r\n\r\n{`,
  );
  socket.resume();
  await ended;
  expect(performance.now() - started).toBeLessThan(20_000);
  await slow.close();
});

it('the registry is not served where another one is named', async () => {
  const other = await anotherServer({ registry: { url: 'http://registry.example:8081' } });
  const { status } = await fetch(`${other.url}/registry/subjects`, {
    headers: { authorization: `Bearer ${ROOT_KEY}` },
  });
  expect(status).toBe(404);
  await other.close();
});
