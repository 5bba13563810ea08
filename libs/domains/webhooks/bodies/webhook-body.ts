import { eventDataJson, timeText } from '../../../platform/feed/event-json.js';
import type { RecordedEvent } from '../../../platform/kernel/event.js';

type Shown = Pick<RecordedEvent<string, Record<string, unknown>>, 'type' | 'meta' | 'position' | 'data'>;

/** What a body says, each as it stands there; `actor` and `data` are JSON. */
export interface BodyParts {
  type: string;
  id: string;
  stream: string;
  sequence: number;
  position: number;
  occurredAt: string;
  recordedAt: string;
  actor: string;
  data: string;
}

/**
 * What is sent of an event, as JSON: the same for every endpoint that is shown it alike, whenever it is made. `sequence` is the
 * event's number on its `stream`, from 1 and without a gap; the idempotency key is the event's id.
 */
export function webhookBody({ type, meta, position, data }: Shown): string {
  const { id, stream, seq, occurred_at, recorded_at, actor } = meta;
  const { type: kind, id: who, on_behalf_of } = actor;
  const by = on_behalf_of == null ? { type: kind, id: who } : { type: kind, id: who, on_behalf_of };
  return bodyOf({
    type,
    id,
    stream,
    sequence: seq,
    position,
    occurredAt: timeText(occurred_at),
    recordedAt: timeText(recorded_at),
    actor: JSON.stringify(by),
    data: eventDataJson(type, data),
  });
}

/** Where an event is at hand as the API shows it. Nothing but `actor` and `data` has what JSON escapes. */
export function bodyOf({
  type,
  id,
  stream,
  sequence,
  position,
  occurredAt,
  recordedAt,
  actor,
  data,
}: BodyParts): string {
  return `{"type":"${type}","id":"${id}","stream":"${stream}","sequence":${sequence},"position":${position},"occurred_at":"${occurredAt}","recorded_at":"${recordedAt}","actor":${actor},"idempotency_key":"${id}","data":${data}}`;
}

const BEGINNING = /^\{"type":"([^"]+)","id":"([^"]+)","stream":"([^"]+)","sequence":(\d+),/;

/** The event that a body is of. */
export interface BodyHead {
  id: string;
  type: string;
  stream: string;
  sequence: number;
}

/** What stands at the beginning of a body that was made here; null for what was not. */
export function headOf(body: Buffer): BodyHead | null {
  const [, type, id, stream, sequence] = BEGINNING.exec(body.toString('latin1', 0, 200)) ?? [];
  if (type === undefined || id === undefined || stream === undefined) return null;
  return { id, type, stream, sequence: Number(sequence) };
}
