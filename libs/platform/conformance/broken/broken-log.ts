import { EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';
import { EventCodec } from '../../event-codec/event-codec.js';
import type { SealedEvent } from '../../event-codec/sealed-event.js';
import type { LogPage, LogPartition, ReadOptions, StoredEvent, WholeLog } from '../../event-log/event-log.js';

const codec = new EventCodec(EVENT_SCHEMAS);

/** Null for bytes that are no event. */
export function decodedOrNull({ fingerprint, payload }: StoredEvent): SealedEvent | null {
  try {
    return codec.decode(fingerprint, payload);
  } catch {
    return null;
  }
}

export function isOfType(type: string): (event: StoredEvent) => boolean {
  return (event) => decodedOrNull(event)?.type === type;
}

export type Read = LogPartition['read'];
type Through = (log: WholeLog) => WholeLog;

/** A log of one partition that does some things in another way. */
export function withPartition(change: (partition: LogPartition) => Partial<LogPartition>): Through {
  return (log) => {
    const sound = { name: log.name, read: log.read.bind(log), end: log.end.bind(log) };
    const partition = { ...sound, ...change(sound) };
    return { ...partition, partitionsOf: async () => [partition], onAppend: (listener) => log.onAppend(listener) };
  };
}

export function withRead(read: (sound: Read, after: number, options: ReadOptions) => Promise<LogPage>): Through {
  return withPartition((sound) => ({ read: (after, options) => read(sound.read, after, options) }));
}

/** Its pages are changed after they were read. */
export function withPage(change: (page: LogPage, after: number, options: ReadOptions) => LogPage): Through {
  return withRead(async (read, after, options) => change(await read(after, options), after, options));
}

/** A log whose one partition is dealt out to several, each with the events that `partOf` gives it. */
export function dealtOut(
  names: readonly string[],
  partOf: (event: StoredEvent) => number,
  choose: (partitions: readonly LogPartition[], types: readonly string[]) => readonly LogPartition[],
): Through {
  return (log) => {
    const partitions = names.map((name, part) => ({
      name,
      end: () => log.end(),
      read: async (after: number, options: ReadOptions) => {
        const { events, scannedTo } = await log.read(after, options);
        return { events: events.filter((event) => partOf(event) === part), scannedTo };
      },
    }));
    return {
      name: log.name,
      read: log.read.bind(log),
      end: log.end.bind(log),
      onAppend: (listener) => log.onAppend(listener),
      partitionsOf: async (types) => choose(partitions, types),
    };
  };
}
