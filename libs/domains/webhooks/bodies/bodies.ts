import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import { Pins } from '../../../platform/event-schemas/pins.js';
import type { Feed, FeedEvent } from '../../../platform/feed/feed.js';
import type { StreamHistory } from '../../../platform/feed/stream-history.js';
import { toId } from '../../../platform/kernel/id.js';
import { type DataKey, type Keyring, placeOf } from '../../../platform/keys/data-key.js';
import type { KeyDatabase } from '../../../platform/keys/key-database.js';
import type { KeyStore } from '../../../platform/keys/key-store.js';
import { byteaArray, idArray, int8Array, textArray } from '../../../platform/postgres/binary-array.js';
import { type Connection, isUnavailable, type SqlStatement } from '../../../platform/postgres/connection.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import type { Message } from '../delivery/due.js';
import { now } from '../delivery/real-clock.js';
import { keyIdsOfBody, openBody, sealBody } from './sealed-body.js';
import { headOf, webhookBody } from './webhook-body.js';

/** A message, and which body it has. */
export interface MadeBody extends BodyName {
  workspace: string;
  message: Message;
}

type PlacedEvent = Omit<FeedEvent, 'weight'>;

/** The keys of events that are yet to be opened. */
export interface KeysBefore {
  keyring: Keyring;
  /** By the clock of the lines, ms. */
  readAt: number;
}

/** Which body: of the event at a position, pinned to a version, or empty for the newest. */
export interface BodyName {
  position: number;
  pin: string;
}

interface BodyRow {
  /** Its place in what was asked for, from 1. */
  n: number;
  position: number;
  pin: string;
  workspace: string;
  body: Buffer;
}

export interface BodiesPorts {
  keys: Pick<KeyStore, 'loadByIds' | 'withheldOn'>;
  /** A session of the service's that sees all workspaces. */
  connection: Pick<Connection, 'query'> & KeyDatabase;
  keyIdsOf: (event: SealedEvent) => string[];
  feed: Pick<Feed, 'at'>;
  decode(stored: StoredEvent): SealedEvent;
  /** Opens personal fields, as every read of events does. */
  open(events: readonly SealedEvent[]): Promise<OpenEvent[]>;
  /** The clock of the lines, ms. */
  now(): number;
}

const MOST_BYTES_AT_ONCE = 16 * 1024 * 1024;
/** In the order in which they are asked for, as many as there is room for. */
const READ = `
  select n, position, pin, workspace, body
    from (select b.position, b.pin, b.workspace, b.body, a.n,
                 sum(octet_length(b.body)) over (order by a.n rows between unbounded preceding and 1 preceding) as before
            from unnest($1::bigint[], $2::text[]) with ordinality a(position, pin, n)
            join webhooks.bodies b on b.position = a.position and b.pin = a.pin) b
   where before is null or before < $3`;
/** What is kept already stays as it is, and for as long as if it were new. */
const KEEP = `
  insert into webhooks.bodies (position, pin, workspace, body)
  select * from unnest($1::bigint[], $2::text[], $3::uuid[], $4::bytea[]) order by 1, 2
  on conflict (position, pin) do update set kept_at = excluded.kept_at`;

/**
 * The bytes that are sent: made from the log, and kept as they were made where an attempt was not taken, so that every later one
 * has the same. Whoever is erased, or whose message was redacted, is in none of them any more: then it is made again from the log,
 * which says so.
 */
export class Bodies {
  constructor(private readonly ports: BodiesPorts) {}

  /**
   * To be read before the events are opened: whoever is erased after that is in their bodies by name, which are sealed with the key
   * that is gone then. Read afterwards, the key would be missing, and the name kept in the open.
   */
  async keysBefore(events: readonly SealedEvent[]): Promise<KeysBefore> {
    const { keys, keyIdsOf, connection, now } = this.ports;
    const readAt = now();
    if (events.length === 0) return { keyring: new Map(), readAt };
    return { keyring: await keys.loadByIds(connection, new Set(events.flatMap(keyIdsOf))), readAt };
  }

  /** Of an event with its personal fields open; `sealed` is the same as the log has it. */
  make(event: PlacedEvent, sealed: SealedEvent, pin: string, { keyring, readAt }: KeysBefore): Message {
    const { id, stream } = event.meta;
    const people = this.peopleOf(sealed, keyring);
    return { id, type: event.type, stream, body: renderedBody(event, pin), people, isKept: false, readAt };
  }

  /** What does not name all whom its event names is not kept: it would be sealed for the others alone. */
  keep(bodies: readonly MadeBody[]): SqlStatement {
    const kept = bodies.flatMap((body) => {
      const { people, body: bytes } = body.message;
      return people === null ? [] : [{ ...body, bytes: sealBody(people, body, bytes) }];
    });
    return {
      name: 'keep bodies',
      text: KEEP,
      values: [
        int8Array(kept.map(({ position }) => position)),
        textArray(kept.map(({ pin }) => pin)),
        idArray(kept.map(({ workspace }) => workspace)),
        byteaArray(kept.map(({ bytes }) => bytes)),
      ],
    };
  }

  /** The messages of the names that can be told now, by `nameOf`. Throws where the store is away. */
  async read(names: readonly BodyName[]): Promise<Map<string, Message>> {
    const messages = new Map<string, Message>();
    for (let left = names; left.length > 0; ) left = await this.readSome(left, messages);
    return messages;
  }

  /** The same of as many of them as a bounded read gives, from the first on. */
  async readFirst(names: readonly BodyName[]): Promise<Map<string, Message>> {
    const messages = new Map<string, Message>();
    await this.readSome(names, messages);
    return messages;
  }

  /** Adds the messages of the first names, 16 MB of what is kept and as much of the log at most, and tells which are left. */
  private async readSome(names: readonly BodyName[], messages: Map<string, Message>): Promise<BodyName[]> {
    const { rows } = await this.ports.connection.query<BodyRow>({
      name: 'read bodies',
      text: READ,
      values: [
        int8Array(names.map(({ position }) => position)),
        textArray(names.map(({ pin }) => pin)),
        MOST_BYTES_AT_ONCE,
      ],
    });
    const bytes = rows.reduce((sum, { body }) => sum + body.length, 0);
    const reached = bytes >= MOST_BYTES_AT_ONCE ? Number(rows.at(-1)!.n) : names.length;
    for (const [name, message] of await this.opened(rows)) messages.set(name, message);
    const missing = names.slice(0, reached).filter((name) => !messages.has(nameOf(name)));
    const upTo = await this.makeSome(missing, messages);
    return [...missing.filter(({ position }) => position > upTo), ...names.slice(reached)];
  }

  /** Those that may be read now, by name. */
  private async opened(rows: readonly BodyRow[]): Promise<[string, Message][]> {
    const { keys, connection, now } = this.ports;
    const readAt = now();
    const keyring = await keys.loadByIds(connection, new Set(rows.flatMap(({ body }) => keyIdsOfBody(body))));
    const opened = rows.flatMap((row) => {
      const workspace = toId('wsp', row.workspace);
      const body = openBody(keyring, { workspace, position: Number(row.position), pin: row.pin }, row.body);
      const head = body === null ? null : headOf(body);
      if (body === null || head === null) return [];
      const people = keyIdsOfBody(row.body).flatMap((id) => keyring.get(id) ?? []);
      const { id, type, stream, sequence } = head;
      const message: Message = { id, type, stream, body, people, isKept: true, readAt };
      return [{ name: nameOf(row), place: placeOf(stream, sequence), message }];
    });
    const personal = opened.filter(({ message }) => message.people?.length !== 0);
    const streams = [...new Set(personal.map(({ message }) => message.stream))];
    const withheld: ReadonlySet<string> = streams.length === 0 ? new Set() : await keys.withheldOn(connection, streams);
    return opened.filter(({ place }) => !withheld.has(place)).map(({ name, message }) => [name, message]);
  }

  /** Adds what can be made from the log, and tells up to which position it has looked. */
  private async makeSome(names: readonly BodyName[], messages: Map<string, Message>): Promise<number> {
    if (names.length === 0) return Number.POSITIVE_INFINITY;
    const positions = [...new Set(names.map(({ position }) => position))].sort((a, b) => a - b);
    const stored = await this.ports.feed.at(positions, MOST_BYTES_AT_ONCE);
    const pins = new Map<number, string[]>();
    for (const { position, pin } of names) pins.set(position, [...(pins.get(position) ?? []), pin]);
    for (const [name, message] of await this.madeOf(stored, pins)) messages.set(name, message);
    return stored.at(-1)?.position ?? Number.POSITIVE_INFINITY;
  }

  /** Events in versions, by name. One that this Heddle does not know, as a newer one wrote it, holds up no other. */
  private async madeOf(
    stored: readonly StoredEvent[],
    pins: ReadonlyMap<number, readonly string[]>,
  ): Promise<[string, Message][]> {
    try {
      const sealed = stored.map(this.ports.decode);
      const keys = await this.keysBefore(sealed);
      const opened = await this.ports.open(sealed);
      return stored.flatMap(({ position }, i) => {
        const event = { ...opened[i]!, position };
        return pins.get(position)!.map((pin): [string, Message] => {
          return [nameOf({ position, pin }), this.make(event, sealed[i]!, pin, keys)];
        });
      });
    } catch (error) {
      if (isUnavailable(error)) throw error;
      const each = stored.flatMap((event) => pins.get(event.position)!.map((pin) => ({ event, pin })));
      const made: [string, Message][] = [];
      if (each.length === 1) return made;
      for (const { event, pin } of each) made.push(...(await this.madeOf([event], new Map([[event.position, [pin]]]))));
      return made;
    }
  }

  /** Null where one of them is erased, or what the event said was redacted: what an answer says again is not to be kept then. */
  private peopleOf(sealed: SealedEvent, keyring: Keyring): DataKey[] | null {
    const place = placeOf(sealed.meta.stream, sealed.meta.seq);
    const people: DataKey[] = [];
    for (const id of this.ports.keyIdsOf(sealed)) {
      const person = keyring.get(id);
      if (person === undefined || person.key === null || person.withheld?.has(place) === true) return null;
      people.push(person);
    }
    return people;
  }
}

/** The bodies of a process's own database, by a session of the service's that sees all workspaces. */
export function bodiesOn(
  { writing, feed, history }: Pick<ServicePorts, 'writing' | 'feed'> & { history: Pick<StreamHistory, 'open'> },
  connection: BodiesPorts['connection'],
): Bodies {
  const { codec, keys } = writing;
  return new Bodies({
    keys,
    connection,
    keyIdsOf: (event) => codec.keyIdsOf(event),
    feed,
    decode: ({ fingerprint, payload }) => codec.decode(fingerprint, payload),
    open: (events) => history.open(events),
    now,
  });
}

function renderedBody(event: PlacedEvent, pin: string): Buffer {
  const shown = pin === '' ? event : { ...event, data: Pins.parse(pin).dataOf(event) as typeof event.data };
  return Buffer.from(webhookBody(shown));
}

export function nameOf({ position, pin }: BodyName): string {
  return `${position} ${pin}`;
}
