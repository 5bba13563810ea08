import type { Pins } from '../event-schemas/pins.js';
import { type StreamHistory, typesOf } from '../feed/stream-history.js';
import { Problem } from '../kernel/problem.js';
import { historyParts } from './history-parts.js';
import { type LiveTail, type LiveTailOptions, liveEventOf } from './live-tail.js';
import type { Reading } from './reading.js';

export interface StreamReading {
  workspace: string;
  stream: string;
  /** The key that it is read with. */
  key: string;
  /** A public cursor to go on from; undefined: from the first event on. */
  cursor: string | undefined;
  /** An event type or a group's name. */
  type: string | undefined;
  /** The versions that it asks for. */
  pins?: Pins;
  history: Pick<StreamHistory, 'versionOf' | 'seqOf' | 'scanPage'>;
  /** Takes from the caller's quota for what is read of the history; throws `rate_limited`. */
  charge?: ((units: number) => void) | undefined;
}

/** The events of one stream; its places are seqs. Throws `not_found`, `invalid_value`, `invalid_cursor`, `cursor_diverged`. */
export async function streamReading(
  { workspace, stream, key, cursor, type, history, charge }: StreamReading,
  { tail, cursorOf }: { tail: LiveTail; cursorOf: LiveTailOptions['cursorOf'] },
): Promise<Reading> {
  const types = typesOf(type);
  const [version, after] = await Promise.all([
    history.versionOf(workspace, stream),
    cursor === undefined ? 0 : history.seqOf(workspace, stream, cursor),
  ]);
  if (version === null) throw new Problem('not_found', `There is no ${stream} in this workspace.`);
  return {
    workspace,
    key,
    after,
    cursor: cursor ?? null,
    types: types === null ? null : new Set(types),
    charge,
    source: {
      placeOf: ({ seq }) => seq,
      join: (reader) => tail.join(stream, reader),
      leave: (reader) => tail.leave(stream, reader),
      delivered: () => tail.delivered,
      givePage: async (reader, from) => {
        let read = 0;
        const { events, next } = await history.scanPage(workspace, stream, {
          after: from,
          upToPosition: reader.after,
          ...(types === null ? {} : { types }),
          onRead: (count) => {
            read = count;
          },
        });
        const given = events.map((event) => liveEventOf(event, event.bytes, cursorOf));
        const taken =
          given.length === 0 ? Promise.resolve() : reader.writeHistory(historyParts(given, reader.encoding));
        return { next, last: given.at(-1)?.seq ?? null, read, taken };
      },
    },
  };
}
