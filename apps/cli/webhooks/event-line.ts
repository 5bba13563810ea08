import { bodyOf } from '../../../libs/domains/webhooks/bodies/webhook-body.js';
import type { ShownEvent } from '../../../libs/platform/event-schemas/shown-event.js';

/** A heartbeat has no id. */
type EventLine = Omit<ShownEvent, 'id' | 'data'> & { id?: string };

/** An event, and what an endpoint is sent of it. */
export interface ForwardedEvent {
  type: string;
  id: string;
  occurredAt: string;
  body: Buffer;
}

const DATA = ',"data":';

/**
 * Of a line of the workspace's stream of events the same bytes that webhooks have: its data is taken as it stands there, for what was
 * parsed and written again may be other bytes. Null for a line that is no event.
 */
export function eventOfLine(line: string): ForwardedEvent | null {
  const { type, id, stream, seq, position, occurred_at, recorded_at, actor } = JSON.parse(line) as EventLine;
  if (id === undefined) return null;
  const body = bodyOf({
    type,
    id,
    stream,
    sequence: seq,
    position,
    occurredAt: occurred_at,
    recordedAt: recorded_at,
    actor: JSON.stringify(actor),
    // Nothing before it holds text of people: it is the first, and it is the last of the line.
    data: line.slice(line.indexOf(DATA) + DATA.length, line.lastIndexOf('}')),
  });
  return { type, id, occurredAt: occurred_at, body: Buffer.from(body) };
}
