import { eventDataJson, timeText } from '../../../platform/feed/event-json.js';
import type { RecordedEvent } from '../../../platform/kernel/event.js';

type Shown = Pick<RecordedEvent<string, Record<string, unknown>>, 'type' | 'meta' | 'position' | 'data'>;

/**
 * What is sent of an event, as JSON: the same for every endpoint that is shown it alike, whenever it is made. `sequence` is the
 * event's number on its `stream`, from 1 and without a gap; the idempotency key is the event's id.
 */
export function webhookBody({ type, meta, position, data }: Shown): string {
  const { id, stream, seq, occurred_at, recorded_at, actor } = meta;
  const { type: kind, id: who, on_behalf_of } = actor;
  const by = on_behalf_of == null ? { type: kind, id: who } : { type: kind, id: who, on_behalf_of };
  return `{"type":"${type}","id":"${id}","stream":"${stream}","sequence":${seq},"position":${position},"occurred_at":"${timeText(occurred_at)}","recorded_at":"${timeText(recorded_at)}","actor":${JSON.stringify(by)},"idempotency_key":"${id}","data":${eventDataJson(type, data)}}`;
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
