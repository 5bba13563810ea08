import type { SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import { Pins } from '../../../platform/event-schemas/pins.js';
import type { Feed, FeedEvent } from '../../../platform/feed/feed.js';
import { toId } from '../../../platform/kernel/id.js';
import { type Keyring, placeOf } from '../../../platform/keys/data-key.js';
import type { KeyDatabase } from '../../../platform/keys/key-database.js';
import type { KeyStore } from '../../../platform/keys/key-store.js';
import { byteaArray, idArray, int8Array, textArray } from '../../../platform/postgres/binary-array.js';
import { type Connection, isUnavailable, type SqlStatement } from '../../../platform/postgres/connection.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import type { Message } from '../delivery/due.js';
import { now } from '../delivery/real-clock.js';
import { keyIdsOfBody, openBody, sealBody } from './sealed-body.js';
import { headOf, webhookBody } from './webhook-body.js';

/** A body that is about to be kept. */
export interface MadeBody {
  workspace: string;
  position: number;
  pin: string;
  message: Message;
  kept: Buffer;
}

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
  feed: Pick<Feed, 'at' | 'openAll'>;
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
const KEEP = `
  insert into webhooks.bodies (position, pin, workspace, body)
  select * from unnest($1::bigint[], $2::text[], $3::uuid[], $4::bytea[]) order by 1, 2 on conflict do nothing`;

/**
 * The bytes that are sent, made once for each event and version and kept as they were made, so that every attempt has the same.
 * Whoever is erased, or whose message was redacted, is in none of them any more: then it is made again from the log, which
 * says so.
 */
export class Bodies {
  constructor(private readonly ports: BodiesPorts) {}

  now(): number {
    return this.ports.now();
  }

  /** Of an event with its personal fields open; `sealed` is the same as the log has it. Its keys were read before it was opened. */
  make(event: FeedEvent, sealed: SealedEvent, pin: string, { keyring, readAt }: KeysBefore): MadeBody {
    const { position, meta } = event;
    const body = renderedBody(event, pin);
    const people = this.ports.keyIdsOf(sealed).flatMap((id) => keyring.get(id) ?? []);
    const place = { workspace: meta.workspace, position, pin };
    const message = { id: meta.id, type: event.type, stream: meta.stream, body, people, readAt };
    return { ...place, message, kept: sealBody(people, place, body) };
  }

  keep(bodies: readonly MadeBody[]): SqlStatement {
    return {
      name: 'keep bodies',
      text: KEEP,
      values: [
        int8Array(bodies.map(({ position }) => position)),
        textArray(bodies.map(({ pin }) => pin)),
        idArray(bodies.map(({ workspace }) => workspace)),
        byteaArray(bodies.map(({ kept }) => kept)),
      ],
    };
  }

  /** The messages of the names that can be told now, by `nameOf`. Throws where the store is away. */
  async read(names: readonly BodyName[]): Promise<Map<string, Message>> {
    const messages = new Map<string, Message>();
    for (let left = names; left.length > 0; ) left = left.slice(await this.readSome(left, messages));
    return messages;
  }

  /** The same of as many of them, from the first on, as 16 MB hold. */
  async readFirst(names: readonly BodyName[]): Promise<Map<string, Message>> {
    const messages = new Map<string, Message>();
    await this.readSome(names, messages);
    return messages;
  }

  /** Adds the messages of the first names, and tells how many these are. */
  private async readSome(names: readonly BodyName[], messages: Map<string, Message>): Promise<number> {
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
    if (missing.length > 0) {
      for (const [name, message] of await this.makeAgain(missing)) messages.set(name, message);
    }
    return reached;
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
      const message: Message = { id, type, stream, body, people, readAt };
      return [{ name: nameOf(row), place: placeOf(stream, sequence), message }];
    });
    const personal = opened.filter(({ message }) => message.people?.length !== 0);
    const streams = [...new Set(personal.map(({ message }) => message.stream))];
    const withheld: ReadonlySet<string> = streams.length === 0 ? new Set() : await keys.withheldOn(connection, streams);
    return opened.filter(({ place }) => !withheld.has(place)).map(({ name, message }) => [name, message]);
  }

  /** From the log. What cannot be decoded, or is not there, is left out. */
  private async makeAgain(names: readonly BodyName[]): Promise<Map<string, Message>> {
    const { feed, now } = this.ports;
    const readAt = now();
    const positions = [...new Set(names.map(({ position }) => position))].sort((a, b) => a - b);
    const made = new Map<string, Message>();
    for (let from = 0; from < positions.length; ) {
      const stored: StoredEvent[] = await feed.at(positions.slice(from), MOST_BYTES_AT_ONCE);
      if (stored.length === 0) break;
      for (const event of await this.openFrom(stored)) {
        for (const { pin } of names.filter(({ position }) => position === event.position)) {
          const { type, meta } = event;
          const body = renderedBody(event, pin);
          const message = { id: meta.id, type, stream: meta.stream, body, people: null, readAt };
          made.set(nameOf({ position: event.position, pin }), message);
        }
      }
      from = positions.indexOf(stored.at(-1)!.position) + 1;
    }
    return made;
  }

  /** One that this version cannot decode, as a newer one wrote it, holds up no other. */
  private async openFrom(stored: readonly StoredEvent[]): Promise<FeedEvent[]> {
    try {
      return await this.ports.feed.openAll(stored);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      if (stored.length === 1) return [];
      const opened: FeedEvent[] = [];
      for (const event of stored) opened.push(...(await this.openFrom([event])));
      return opened;
    }
  }
}

/** The bodies of a process's own database, by a session of the service's that sees all workspaces. */
export function bodiesOn(
  { writing, feed }: Pick<ServicePorts, 'writing' | 'feed'>,
  connection: BodiesPorts['connection'],
): Bodies {
  const { codec, keys } = writing;
  return new Bodies({ keys, connection, keyIdsOf: (event) => codec.keyIdsOf(event), feed, now });
}

function renderedBody(event: FeedEvent, pin: string): Buffer {
  const shown = pin === '' ? event : { ...event, data: Pins.parse(pin).dataOf(event) as typeof event.data };
  return Buffer.from(webhookBody(shown));
}

export function nameOf({ position, pin }: BodyName): string {
  return `${position} ${pin}`;
}
