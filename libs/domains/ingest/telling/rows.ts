import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import { Problem } from '../../../platform/kernel/problem.js';
import { fieldErrors } from '../../../platform/operations/field-errors.js';
import { fieldMessage } from '../../../platform/operations/field-messages.js';
import type { SentBody } from '../../../platform/operations/operation.js';
import type { ActivityInput, SubjectInput } from '../activity-input.js';
import { type Activity, activity, type CloudEvent, cloudEvent, MOST_ROWS, USUAL_SOURCE } from './activity.schema.js';
import { plainActivity } from './plain-activity.js';

/** `at` is its place in the request. */
export type Row = { input: ActivityInput; at: string } | { problem: Problem };

/**
 * The rows of a body, each read by itself, with the problem of a row that is none. Throws the problem of a body that
 * is no list of rows, or too long a one.
 */
export function rowsOf({ mediaType, content }: SentBody): { isOne: boolean; rows: Row[] } {
  switch (mediaType) {
    case 'application/x-ndjson':
      return { isOne: false, rows: bounded(linesOf(content as Buffer | undefined), '/body').map(rowOfLine) };
    case 'application/cloudevents+json':
      return { isOne: true, rows: [rowOfCloudEvent(content, '/body')] };
    case 'application/cloudevents-batch+json':
      return { isOne: false, rows: bounded(content, '/body').map((row, i) => rowOfCloudEvent(row, `/body/${i}`)) };
    default:
      return rowsOfJson(content);
  }
}

function rowsOfJson(content: unknown): { isOne: boolean; rows: Row[] } {
  if (!isObject(content)) throw invalid('/body', 'is not an object');
  const { idempotency_key: key, ...body } = content;
  if (key !== undefined && (typeof key !== 'string' || key.length === 0 || key.length > 255)) {
    throw invalid('/body/idempotency_key', 'is not a text of 1 to 255 characters');
  }
  if (!('events' in body)) return { isOne: true, rows: [rowOf(key === undefined ? content : body, '/body')] };
  const extra = Object.keys(body).find((name) => name !== 'events');
  if (extra !== undefined) throw invalid(`/body/${extra.slice(0, 100)}`, 'is not a field that is known here');
  const rows = bounded(body.events, '/body/events');
  return { isOne: false, rows: rows.map((row, i) => rowOf(row, `/body/events/${i}`)) };
}

function bounded(rows: unknown, pointer: string): unknown[] {
  if (!Array.isArray(rows)) throw invalid(pointer, 'is not a list');
  if (rows.length === 0) throw invalid(pointer, 'has no rows');
  if (rows.length > MOST_ROWS) throw invalid(pointer, 'has more than 1,000 rows: send so many at most at once');
  return rows;
}

interface Line {
  number: number;
  bytes: Buffer;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;

/** The lines that are not blank; no more than one too many, for 8 MiB may be four million lines. */
function linesOf(bytes: Buffer | undefined): Line[] {
  const lines: Line[] = [];
  if (bytes === undefined) return lines;
  let number = 1;
  for (let at = 0; at < bytes.length && lines.length <= MOST_ROWS; ) {
    if (bytes[at]! > SPACE) {
      const found = bytes.indexOf(NEWLINE, at);
      const end = found === -1 ? bytes.length : found;
      lines.push({ number, bytes: bytes.subarray(at, end) });
      at = end;
    } else if (bytes[at++] === NEWLINE) number++;
  }
  return lines;
}

function rowOfLine(line: unknown): Row {
  const { number, bytes } = line as Line;
  if (!isUtf8(bytes)) return { problem: new Problem('malformed_request', `Line ${number} is not UTF-8.`) };
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { problem: new Problem('malformed_request', `Line ${number} is not JSON.`) };
  }
  return rowOf(value, `/body/${number}`);
}

export function rowOf(value: unknown, pointer: string): Row {
  const plain = plainActivity(value);
  if (plain !== null) return { input: plain, at: pointer };
  return checked(activity, value, pointer, inputOf);
}

function inputOf({ id, type, source = USUAL_SOURCE, subject, occurred_at, data }: Activity): ActivityInput {
  return {
    ...(id === undefined ? {} : { id }),
    type,
    source,
    subject: subjectOf(subject),
    ...(occurred_at === undefined ? {} : { occurredAt: Date.parse(occurred_at) }),
    data,
  };
}

function subjectOf(subject: Activity['subject']): SubjectInput {
  const [[type, by]] = Object.entries(subject) as [[SubjectInput['type'], { id: string } | { external_id: string }]];
  return 'id' in by ? { type, id: by.id } : { type: type as 'customer' | 'tenant', externalId: by.external_id };
}

export function rowOfCloudEvent(value: unknown, pointer: string): Row {
  return checked(cloudEvent, value, pointer, ({ id, type, source, subject, time, data = null }: CloudEvent) => ({
    id,
    type,
    source,
    subject: subjectNamed(subject),
    ...(time === undefined ? {} : { occurredAt: Date.parse(time) }),
    data,
  }));
}

function subjectNamed(text: string): SubjectInput {
  const [type, ...rest] = text.split('/') as [SubjectInput['type'], ...string[]];
  if (rest[0] !== 'external') return { type, id: rest[0]! };
  return { type: type as 'customer' | 'tenant', externalId: rest.slice(1).join('/') };
}

function checked<Value>(
  schema: z.ZodType<Value>,
  value: unknown,
  pointer: string,
  inputOf: (value: Value) => ActivityInput,
): Row {
  const result = schema.safeParse(value, { error: fieldMessage });
  if (result.success) return { input: inputOf(result.data), at: pointer };
  const errors = fieldErrors(pointer, result.error.issues);
  return { problem: new Problem('invalid_request', `${errors[0]!.pointer} ${errors[0]!.message}.`, { errors }) };
}

function invalid(pointer: string, message: string): Problem {
  return new Problem('invalid_request', `${pointer} ${message}.`, { errors: [{ pointer, message }] });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
