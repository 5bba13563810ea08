import type { Encoding } from './live-event.js';

/**
 * Server-sent events (WHATWG HTML, section 9.2). JSON has no line breaks, so each event's data is one line. What is on
 * the log has an `id`, the public cursor, which a reader sends back as Last-Event-ID; what is not has none, so that the
 * reader's place stays the log's. A heartbeat is an id without data: it moves the place, and no listener hears of it.
 */
export const SERVER_SENT_EVENTS: Encoding = {
  event: ({ cursor, type, json }) => `id: ${cursor}\nevent: ${type}\ndata: ${json}\n\n`,
  signal: ({ name, data }) => Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`),
  heartbeat: (cursor) => Buffer.from(cursor === null ? ': heartbeat\n\n' : `: heartbeat\nid: ${cursor}\n\n`),
  closed: (reason, cursor) => Buffer.from(`event: closed\ndata: ${JSON.stringify({ reason, cursor })}\n\n`),
};
