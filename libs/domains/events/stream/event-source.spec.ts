import { EventEmitter } from 'node:events';
import { EVENT_LINES } from '../../../platform/live/event-lines.js';
import { LiveReader, type Sink } from '../../../platform/live/live-reader.js';
import { EventSource, type EventSourceOptions } from './event-source.js';

class Connection extends EventEmitter implements Sink {
  text = '';
  writableLength = 0;
  destroyed = false;

  write(bytes: Buffer): boolean {
    this.text += bytes.toString();
    return true;
  }

  end(): void {}

  destroy(): void {
    this.emit('close');
  }
}

/** Of a log that ends at 5 and has nothing of the filter's. */
function made(index: { reached(position: number): Promise<boolean> }, customers = async (): Promise<string[]> => []) {
  const source = new EventSource({
    workspace: 'wsp_1',
    after: 2,
    filter: {},
    customers,
    index: { ...index, find: async () => ({ positions: [], scannedTo: 5 }) },
    feed: { open: async () => [], cursorOf: () => 'c5' },
    group: {
      join: async (reader: LiveReader) => {
        reader.after = 5;
      },
    },
  } as unknown as EventSourceOptions);
  const connection = new Connection();
  const reader = new LiveReader(connection, { encoding: EVENT_LINES, key: 'key_1', types: null, cursor: 'c2' });
  return { source, connection, reader };
}

it('asks for a merged customer only when the index has all up to where the history goes', async () => {
  const done: string[] = [];
  const reached = async (position: number) => done.push(`up to ${position}`) > 0;
  const { source, reader } = made({ reached }, async () => {
    done.push('customers');
    return [];
  });
  await source.join(reader);
  expect((await source.givePage(reader, 2)).last).toBe(5);
  expect(done).toEqual(['up to 5', 'customers']);
});

it('lets a reader hear that the connection lives while it waits for the index', async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const { source, connection, reader } = made({ reached: () => promise });
  await source.join(reader);
  const given = source.givePage(reader, 2);
  reader.heartbeat(9, 'c9');
  expect(connection.text).toBe('{"type":"heartbeat","cursor":"c2"}\n');
  resolve(true);
  await (await given).taken;
  reader.heartbeat(9, 'c9');
  expect(connection.text).toContain('"cursor":"c5"');
});
