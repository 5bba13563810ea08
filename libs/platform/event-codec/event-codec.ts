import avro from 'avsc';
import type { EventSchema, EventSchemaJson } from '../../contract/event-schema.js';
import type { EventMeta } from '../kernel/event.js';
import { type DataKey, type Keyring, placeOf } from '../keys/data-key.js';
import { PersonErasedError } from '../keys/key-errors.js';
import {
  BrokenSealError,
  MalformedEventError,
  NO_FINGERPRINT,
  NotAnEventError,
  UnfitEventError,
  UnknownEventTypeError,
  UnknownKeyError,
  UnknownSchemaError,
} from './codec-errors.js';
import { type EventShape, shapeOf, splitType } from './event-shape.js';
import type { EncodedEvent, OpenEvent, Sealed, SealedEvent } from './sealed-event.js';
import { sealedFor, sealText, unsealText } from './sealing.js';

/** What a personal field reads once its person's key was destroyed. */
export const ERASED = 'erased';
/** What a personal field reads once its event was withheld, for what it says was redacted. */
export const REDACTED = 'redacted';

type Data = Record<string, unknown>;

const NONE: ReadonlySet<string> = new Set();

/** Makes the data of an older version into the next one's, by the older record's full name. */
export type Upcasters = Record<string, (data: Data) => Data>;

interface Reader {
  shape: EventShape;
  /** Brings an older revision's bytes into the newest shape of its record. */
  resolver: ReturnType<avro.Type['createResolver']> | undefined;
  upcast: ((data: Data) => Data) | undefined;
}

/**
 * Events to bytes and back. Writing is always in the newest revision of the newest version; reading takes every
 * revision of the contract and gives that newest shape. Personal fields are sealed on the way in, each bound to its
 * workspace, person, event and field, and stay sealed until `open`.
 */
export class EventCodec {
  private readonly writers = new Map<string, EventShape>();
  private readonly readers = new Map<string, Reader>();

  /** Throws when a type has several versions and one of the older has no upcaster. */
  constructor(contract: readonly EventSchema[], upcasters: Upcasters = {}) {
    const shapes = contract.map(shapeOf).sort((a, b) => compare(a.schema, b.schema));
    const newest = new Map(shapes.map((shape) => [shape.schema.record, shape]));
    for (const shape of shapes) this.writers.set(shape.schema.type, shape);
    for (const shape of shapes) {
      const target = newest.get(shape.schema.record)!;
      const resolver = target === shape ? undefined : target.avro.createResolver(shape.avro);
      const upcast = this.upcastFrom(target.schema, shapes, upcasters);
      this.readers.set(shape.fingerprint.toString('latin1'), { shape: target, resolver, upcast });
    }
  }

  /** Whether events of the schema with this fingerprint can be read. */
  knows(fingerprint: Buffer): boolean {
    return this.readers.has(fingerprint.toString('latin1'));
  }

  /**
   * Takes in a schema, as its JSON, that is a later revision of a record of the contract: its events are read as the
   * contract's newest revision has them, by Avro's resolution. False where it is of another record, such as that of a
   * new version, or does not resolve.
   */
  learn(schema: string): boolean {
    const json = JSON.parse(schema) as EventSchemaJson;
    const own = [...this.readers.values()].find(
      ({ shape }) => shape.schema.record === `${json.namespace}.${json.name}`,
    );
    if (own === undefined) return false;
    try {
      const resolver = own.shape.avro.createResolver(splitType(json));
      const fingerprint = avro.Type.forSchema(json as unknown as avro.Schema, { wrapUnions: 'never' }).fingerprint(
        'md5',
      );
      this.readers.set(fingerprint.toString('latin1'), { ...own, resolver });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * `data` is plain; its personal fields are sealed with `key`, the key of the person they are about.
   * Throws `UnknownEventTypeError`, `PersonErasedError` for a destroyed key, and `UnfitEventError` for data that its
   * schema does not take and for an event with personal fields but no key.
   */
  encode(type: string, meta: EventMeta, data: object, key: DataKey | null): EncodedEvent {
    const shape = this.writers.get(type);
    if (shape === undefined) throw new UnknownEventTypeError(type);
    if (meta.type !== type) throw new UnfitEventError(type, `the envelope says ${meta.type}.`);
    const sealed = shape.personal.length === 0 ? data : sealPersonal(shape, meta, data as Data, key);
    try {
      return { fingerprint: shape.fingerprint, payload: shape.avro.toBuffer({ meta, data: sealed }) };
    } catch (error) {
      throw new UnfitEventError(type, `the event does not fit ${shape.schema.record}.`, error);
    }
  }

  /**
   * Throws `UnknownSchemaError` for a fingerprint that the contract lacks, `MalformedEventError` for bytes that are too
   * short, too long or otherwise not of that schema, and `NotAnEventError` for what the log says is no event.
   */
  decode(fingerprint: Buffer, payload: Buffer): SealedEvent {
    const reader = this.readers.get(fingerprint.toString('latin1'));
    if (reader === undefined) {
      if (fingerprint.equals(NO_FINGERPRINT)) throw new NotAnEventError(payload.toString());
      throw new UnknownSchemaError(fingerprint.toString('hex'));
    }
    const { type } = reader.shape.schema;
    let event: { meta: EventMeta; data: Data };
    try {
      event = reader.shape.avro.fromBuffer(payload, reader.resolver);
    } catch (error) {
      throw new MalformedEventError(type, error);
    }
    return { type, meta: event.meta, data: reader.upcast === undefined ? event.data : reader.upcast(event.data) };
  }

  /** The keys that `open` needs, in 32 hex digits, each once. */
  keyIdsOf(event: SealedEvent): string[] {
    const { personal } = this.shapeOfType(event.type);
    const ids: string[] = [];
    for (const { name } of personal) {
      const sealed = event.data[name] as Sealed | null;
      if (sealed === null) continue;
      const id = sealed.key_id.toString('hex');
      if (!ids.includes(id)) ids.push(id);
    }
    return ids;
  }

  /**
   * The event with its personal fields as text, `erased` where the key was destroyed, and `redacted` where the event was
   * withheld, which the keys know, and `withheld` where the caller knows more. Leaves the sealed event as it
   * is. Throws `UnknownKeyError` for a key that is not in the keyring, and `BrokenSealError` for a field that was
   * altered or moved.
   */
  open(event: SealedEvent, keyring: Keyring, withheld: ReadonlySet<string> = NONE): OpenEvent {
    const { personal } = this.shapeOfType(event.type);
    if (personal.length === 0) return event;
    const data = { ...event.data };
    for (const { name, framed } of personal) {
      const sealed = data[name] as Sealed | null;
      if (sealed === null) continue;
      const keyId = sealed.key_id.toString('hex');
      const dataKey = keyring.get(keyId);
      if (dataKey === undefined) throw new UnknownKeyError(keyId, event.meta.id, name);
      if (dataKey.key === null) {
        data[name] = ERASED;
        continue;
      }
      if (isWithheld(event.meta, dataKey.withheld, withheld)) {
        data[name] = REDACTED;
        continue;
      }
      const boundTo = sealedFor(event.meta, dataKey.subject);
      const text = unsealText(dataKey.key, sealed.ciphertext, boundTo, framed);
      if (text === null) throw new BrokenSealError(event.meta.id, name);
      data[name] = text;
    }
    return { type: event.type, meta: event.meta, data };
  }

  private shapeOfType(type: string): EventShape {
    const shape = this.writers.get(type);
    if (shape === undefined) throw new UnknownEventTypeError(type);
    return shape;
  }

  private upcastFrom(from: EventSchema, shapes: EventShape[], upcasters: Upcasters): Reader['upcast'] {
    const steps: ((data: Data) => Data)[] = [];
    const newestVersion = this.writers.get(from.type)!.schema.version;
    for (let version = from.version; version < newestVersion; version++) {
      const record = shapes.find(({ schema }) => schema.type === from.type && schema.version === version)?.schema
        .record;
      const step = record === undefined ? undefined : upcasters[record];
      if (step === undefined) {
        throw new Error(
          `${from.type} has version ${newestVersion}, and nothing makes version ${version} into the next.`,
        );
      }
      steps.push(step);
    }
    return steps.length === 0 ? undefined : (data) => steps.reduce((now, step) => step(now), data);
  }
}

function isWithheld({ stream, seq }: EventMeta, byKey: DataKey['withheld'], byCaller: ReadonlySet<string>): boolean {
  if (byKey === null && byCaller.size === 0) return false;
  const place = placeOf(stream, seq);
  return byKey?.has(place) === true || byCaller.has(place);
}

function compare(a: EventSchema, b: EventSchema): number {
  return a.version - b.version || a.revision - b.revision;
}

function sealPersonal(shape: EventShape, meta: EventMeta, data: Data, key: DataKey | null): Data {
  const { type } = shape.schema;
  if (key === null) {
    const fields = shape.schema.personal.join(', ');
    throw new UnfitEventError(type, `it has personal fields (${fields}) and needs the key of the person.`);
  }
  if (key.key === null) throw new PersonErasedError(key.subject);
  const boundTo = sealedFor(meta, key.subject);
  const sealed = { ...data };
  for (const { name, framed, optional } of shape.personal) {
    const text = data[name];
    if (typeof text === 'string') {
      sealed[name] = { key_id: key.id, ciphertext: sealText(key.key, text, boundTo, framed) };
    } else if (!optional || (text !== null && text !== undefined)) {
      throw new UnfitEventError(type, `the personal field ${name} is not a text.`);
    }
  }
  return sealed;
}
