import { isUtf8 } from 'node:buffer';
import { unframe } from '../../../platform/kafka/frame.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { RegistryRefusal, SchemaTooLarge } from '../../../platform/registry/registry-client.js';
import { type Row, rowOf, rowOfCloudEvent } from '../telling/rows.js';
import { type AvroValues, UndecodableError } from './avro-value.js';

/** What of a record says what it is. */
export interface RawRecord {
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
  /** Why there is no value, of one that nobody could read. */
  unread?: string;
}

export interface RawReading {
  avro: AvroValues;
  /** The text of a schema of the registry's. Throws RegistryRefusal and RegistryUnavailable. */
  schema(id: number): Promise<string>;
}

/** An activity is smaller, however its data is written; a record that was packed well may have hundreds of MiB. */
export const MOST_BYTES = 2 * 1024 * 1024;
const SOURCE = 'kafka';
const CLOUD_EVENT = 'application/cloudevents+json';

/**
 * The activity that a record holds, or the problem of one that holds none: JSON as `POST /v1/events` takes it, a CloudEvent where
 * `content-type` or `ce_` headers say so, or Confluent's wire format. Throws where the registry cannot be asked.
 */
export async function rowOfRecord({ value, headers, unread }: RawRecord, reading: RawReading): Promise<Row> {
  if (unread !== undefined) return undecodable(unread);
  if (value === null || value.length === 0) return undecodable('The record has no value.');
  if (value.length > MOST_BYTES) return undecodable('The record has more than 2 MiB, and is not kept.');
  if (value[0] === 0) {
    try {
      return rowOfValue(await unframed(value, reading));
    } catch (error) {
      if (error instanceof UndecodableError) return undecodable(error.message);
      throw error;
    }
  }
  const parsed = parse(value);
  if (parsed === undefined) return undecodable('The value is neither JSON nor in the wire format of Confluent.');
  if (headers.ce_specversion !== undefined) return rowOfCloudEvent(binaryEvent(headers, parsed.value), '');
  const isCloudEvent = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase() === CLOUD_EVENT;
  return isCloudEvent ? rowOfCloudEvent(parsed.value, '') : rowOfValue(parsed.value);
}

function rowOfValue(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return rowOf(value, '');
  // In Avro what is left out is null.
  const { source, id, occurred_at, subject, ...rest } = value as Record<string, unknown>;
  const given = { id, occurred_at, subject: namedBy(subject), source: source ?? SOURCE };
  return rowOf({ ...rest, ...Object.fromEntries(Object.entries(given).filter(([, one]) => one != null)) }, '');
}

function namedBy(subject: unknown): unknown {
  if (typeof subject !== 'object' || subject === null || Array.isArray(subject)) return subject;
  const named = Object.entries(subject).filter(([, by]) => by !== null);
  return Object.fromEntries(
    named.map(([type, by]) => [
      type,
      typeof by === 'object' && !Array.isArray(by)
        ? Object.fromEntries(Object.entries(by as object).filter(([, one]) => one !== null))
        : by,
    ]),
  );
}

async function unframed(value: Buffer, { avro, schema }: RawReading): Promise<unknown> {
  if (value.length < 5) throw new UndecodableError('The value is shorter than a frame.');
  const { schemaId, payload } = unframe(value);
  let text: string;
  try {
    text = await schema(schemaId);
  } catch (error) {
    if (!(error instanceof RegistryRefusal)) throw error;
    if (error instanceof SchemaTooLarge) throw new UndecodableError(`The schema ${schemaId} is too large to be used.`);
    throw new UndecodableError(`The registry has no schema with the id ${schemaId}.`);
  }
  return avro.read(text, payload);
}

/** The attributes of a CloudEvent in Kafka's binary mode. */
function binaryEvent(headers: Readonly<Record<string, string>>, data: unknown): object {
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce_'));
  return { ...Object.fromEntries(attributes.map(([name, value]) => [name.slice(3), value])), data };
}

function parse(value: Buffer): { value: unknown } | undefined {
  if (!isUtf8(value)) return undefined;
  try {
    return { value: JSON.parse(value.toString('utf8')) };
  } catch {
    return undefined;
  }
}

function undecodable(detail: string): Row {
  return { problem: new Problem('undecodable', detail) };
}
