import type { Actor, RecordedEvent } from '../kernel/event.js';
import { isJson, shownFieldsOf, timeOf } from './shown-data.js';

type Shown = Pick<RecordedEvent<string, Record<string, unknown>>, 'type' | 'meta' | 'position' | 'data'>;

/**
 * An event as the API shows it, as JSON. Written by hand: ids, types, cursors and times hold nothing that JSON escapes,
 * and of what a stream of events costs, objects made to be text would be a third.
 */
export function eventJson({ type, meta, position, data }: Shown): string {
  return `{"id":"${meta.id}","type":"${type}",${rest(meta, position)}${eventDataJson(type, data)}}`;
}

/** The same with the cursor that stands right after it: a line of a stream, and an item of a list, of all events. */
export function eventLine({ type, meta, position, data }: Shown, cursor: string): string {
  return `{"type":"${type}","id":"${meta.id}","cursor":"${cursor}",${rest(meta, position)}${eventDataJson(type, data)}}`;
}

function rest({ stream, seq, occurred_at, recorded_at, actor }: Shown['meta'], position: number): string {
  return `"stream":"${stream}","seq":${seq},"position":${position},"occurred_at":"${timeText(occurred_at)}","recorded_at":"${timeText(recorded_at)}","actor":${actorJson(actor)},"data":`;
}

/** An event's data as `shownData` has it, as JSON. */
export function eventDataJson(type: string, data: Record<string, unknown>): string {
  const fields = shownFieldsOf(type);
  if (fields === undefined) return JSON.stringify(data);
  const shown: string[] = [];
  for (const [name, value] of Object.entries(data)) {
    const as = fields.get(name);
    if (as === 'hidden') continue;
    const text =
      as === 'json' && isJson(value) ? onOneLine(value) : JSON.stringify(as === 'time' ? timeOf(value) : value);
    if (text !== undefined) shown.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${shown.join(',')}}`;
}

/** It is as it was sealed; a line break may stand between its words. */
function onOneLine(json: string): string {
  return /[\n\r]/.test(json) ? JSON.stringify(JSON.parse(json)) : json;
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 1000;
/** The texts of days, up to their `T`: a Date takes longer than all else of a line but its data. */
const days = new Map<number, string>();
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));

/** As Date's `toISOString` has it. */
export function timeText(ms: number): string {
  const day = Math.floor(ms / DAY_MS);
  let text = days.get(day);
  if (text === undefined) {
    if (days.size >= MOST_DAYS) days.clear();
    text = new Date(day * DAY_MS).toISOString().slice(0, -'00:00:00.000Z'.length);
    days.set(day, text);
  }
  const inDay = ms - day * DAY_MS;
  const hour = Math.floor(inDay / 3_600_000);
  const minute = Math.floor(inDay / 60_000) % 60;
  const second = Math.floor(inDay / 1000) % 60;
  const thousandth = String((inDay % 1000) + 1000).slice(1);
  return `${text}${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[second]}.${thousandth}Z`;
}

function actorJson({ type, id, on_behalf_of }: Actor): string {
  return on_behalf_of == null ? JSON.stringify({ type, id }) : JSON.stringify({ type, id, on_behalf_of });
}
