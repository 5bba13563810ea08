import { EVENT_LINES } from '../../../platform/live/event-lines.js';
import type { Encoding } from '../../../platform/live/live-event.js';

const KINDS = { e: 'event', s: 'signal', h: 'heartbeat', c: 'closed' } as const;

/** One line as a WebSocket's subscription takes it apart again. */
export interface FramedLine {
  kind: (typeof KINDS)[keyof typeof KINDS];
  /** The cursor of an event or a heartbeat, the reason of a closing; empty where there is none. */
  word: string;
  /** The object of NDJSON's line. */
  json: Buffer;
}

const TAB = 0x09;
const NEWLINE = 0x0a;

/**
 * The lines of NDJSON, each behind what it is and its cursor: a message of a WebSocket is made of each, for whoever
 * subscribed to it by whatever name, and no line is read again to know what it says.
 */
export const SOCKET_LINES: Encoding = {
  event: ({ cursor, line }) => `e${cursor}\t${line}\n`,
  signal: (signal) => Buffer.concat([Buffer.from('s\t'), EVENT_LINES.signal(signal)]),
  heartbeat: (cursor) => Buffer.concat([Buffer.from(`h${cursor ?? ''}\t`), EVENT_LINES.heartbeat(cursor)]),
  closed: (reason, cursor) => Buffer.concat([Buffer.from(`c${reason}\t`), EVENT_LINES.closed(reason, cursor)]),
};

/** JSON has neither tabs nor line breaks of its own. */
export function* linesIn(encoded: Buffer): Generator<FramedLine> {
  for (let at = 0; at < encoded.length; ) {
    const tab = encoded.indexOf(TAB, at);
    const end = encoded.indexOf(NEWLINE, tab);
    yield {
      kind: KINDS[String.fromCharCode(encoded[at]!) as keyof typeof KINDS],
      word: encoded.toString('latin1', at + 1, tab),
      json: encoded.subarray(tab + 1, end),
    };
    at = end + 1;
  }
}
