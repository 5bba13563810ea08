import { EventEmitter } from 'node:events';
import type { Start } from '../../../platform/feed/start.js';
import { newId } from '../../../platform/kernel/id.js';
import { EVENT_LINES } from '../../../platform/live/event-lines.js';
import type { LiveReader, Sink } from '../../../platform/live/live-reader.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { parseFilter } from './event-filter.js';
import { EventReadings } from './event-readings.js';

class Connection extends EventEmitter implements Sink {
  text = '';
  writableLength = 0;
  destroyed = false;

  write(bytes: Buffer): boolean {
    this.text += bytes.toString();
    return true;
  }

  end(): void {}

  destroy(): void {}
}

/** Of a log of ten events, none of which the index knows before it has come there. */
function made({ indexed }: { indexed: boolean }) {
  const attached: string[] = [];
  const readings = new EventReadings({
    reads: { query: async () => ({ rows: [{ position: indexed ? 8 : null }] }) },
    follower: { waitFor: async () => indexed },
    feed: {
      end: async () => 10,
      waitFor: async () => true,
      positionOf: async () => 5,
      cursorOf: (_workspace: string, { position }: { position: number }) => `c${position}`,
    },
    live: {
      admit: (_share: unknown, prepare: () => Promise<unknown>) => prepare(),
      attach: (sink: Connection) => {
        attached.push(sink.text);
        return {} as LiveReader;
      },
    },
  } as unknown as ServicePorts);
  const workspace = newId('wsp');
  const prepare = (start: Start) => readings.prepare({ workspace, key: 'key_1', filter: parseFilter({}), start });
  return { attached, prepare };
}

it('does not begin at a time before the index has come to where that is', async () => {
  const behind = made({ indexed: false }).prepare({ kind: 'time', ms: 0 });
  await expect(behind).rejects.toMatchObject({ code: 'unavailable' });
  const { cursor } = await made({ indexed: true }).prepare({ kind: 'time', ms: 0 });
  expect(cursor).toBe('c7');
});

it('says first where it begins, to one who cannot know', async () => {
  const { attached, prepare } = made({ indexed: true });
  const starts: Start[] = [{ kind: 'now' }, { kind: 'time', ms: 0 }, { kind: 'cursor', cursor: 'c5' }];
  for (const start of [...starts, { kind: 'beginning' } as const]) {
    (await prepare(start)).begin(new Connection(), EVENT_LINES);
  }
  const heartbeat = (cursor: string) => `{"type":"heartbeat","cursor":"${cursor}"}\n`;
  expect(attached).toEqual([heartbeat('c10'), heartbeat('c7'), '', '']);
});

it('begins nothing for one who has gone', async () => {
  const { attached, prepare } = made({ indexed: true });
  const sink = new Connection();
  sink.destroyed = true;
  expect((await prepare({ kind: 'now' })).begin(sink, EVENT_LINES)).toBeNull();
  expect([attached, sink.text]).toEqual([[], '']);
});
