import type { AddressedSignal, CloseReason, Encoding } from './live-event.js';

/** What is not on the log has no id and no cursor, and says that nothing keeps it. */
const signalLine = ({ name, stream, data }: AddressedSignal) =>
  JSON.stringify({ type: name, transient: true, stream, data });
const heartbeatLine = (cursor: string | null) => JSON.stringify({ type: 'heartbeat', cursor });
const closedLine = (reason: CloseReason, cursor: string | null) => JSON.stringify({ type: 'closed', reason, cursor });

/** The events of a workspace as lines of JSON, each whole: NDJSON. */
export const EVENT_LINES: Encoding = {
  event: ({ line }) => `${line}\n`,
  signal: (signal) => Buffer.from(`${signalLine(signal)}\n`),
  heartbeat: (cursor) => Buffer.from(`${heartbeatLine(cursor)}\n`),
  closed: (reason, cursor) => Buffer.from(`${closedLine(reason, cursor)}\n`),
};

/**
 * The same lines as server-sent events, under the name of their type. A heartbeat is an id without data: it moves the
 * place of a browser, and no listener hears of it.
 */
export const EVENT_LINES_AS_SSE: Encoding = {
  event: ({ cursor, type, line }) => `id: ${cursor}\nevent: ${type}\ndata: ${line}\n\n`,
  signal: (signal) => Buffer.from(`event: ${signal.name}\ndata: ${signalLine(signal)}\n\n`),
  heartbeat: (cursor) => Buffer.from(cursor === null ? ': heartbeat\n\n' : `: heartbeat\nid: ${cursor}\n\n`),
  closed: (reason, cursor) => Buffer.from(`event: closed\ndata: ${closedLine(reason, cursor)}\n\n`),
};
