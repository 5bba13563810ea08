import { randomFillSync } from 'node:crypto';

/** Every prefix an id may carry; the text after the underscore is a UUIDv7 (RFC 9562) in 32 lower-case hex digits. */
export const ID_PREFIXES = [
  'wsp',
  'key',
  'cus',
  'idn',
  'com',
  'ten',
  'crl',
  'usr',
  'aia',
  'team',
  'conv',
  'msg',
  'lbl',
  'sdt',
  'fld',
  'vie',
  'job',
  'dra',
  'ref',
  'act',
  'ety',
  'dlt',
  'whe',
  'wdl',
  'rpl',
  'att',
  'evt',
] as const;
export type IdPrefix = (typeof ID_PREFIXES)[number];

/** The type of the streams that a prefix's ids lead to; what is not here has no stream of its own. */
export const STREAM_TYPES: Readonly<Partial<Record<string, string>>> = {
  wsp: 'workspace',
  key: 'api_key',
  cus: 'customer',
  com: 'company',
  ten: 'tenant',
  crl: 'customer_rules',
  usr: 'user',
  aia: 'ai_agent',
  team: 'team',
  conv: 'conversation',
  lbl: 'label',
  sdt: 'status_detail',
  fld: 'custom_field',
  vie: 'view',
  job: 'job',
  act: 'activity',
  ety: 'event_type',
  whe: 'webhook_endpoint',
  wdl: 'webhook_message',
  rpl: 'webhook_replay',
} satisfies Partial<Record<IdPrefix, string>>;

const pool = Buffer.allocUnsafe(10 * 1024);
let unread = pool.length;
let lastMs = 0;
let counter = 0;
const work = Buffer.allocUnsafe(16);

/**
 * Makes a UUIDv7 that is greater than every one this process made before (RFC 9562, section 6.2, method 1:
 * a 12-bit counter seeded at random in each millisecond; a full counter borrows the next millisecond).
 */
export function newUuid(): string {
  if (unread + 10 > pool.length) {
    randomFillSync(pool);
    unread = 0;
  }
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    counter = pool.readUInt16BE(unread) & 0x7ff;
  } else if (++counter > 0xfff) {
    lastMs++;
    counter = 0;
  }
  work.writeUIntBE(lastMs, 0, 6);
  work.writeUInt16BE(0x7000 | counter, 6);
  pool.copy(work, 8, unread + 2, unread + 10);
  work[8] = (work[8]! & 0x3f) | 0x80;
  unread += 10;
  return work.toString('hex');
}

/** A new id, such as `conv_0198f2…`. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${newUuid()}`;
}

/** The prefix of a well-formed id. */
export function prefixOf(id: string): string {
  return id.slice(0, id.indexOf('_'));
}

/** The 16 bytes behind an id, as Postgres's binary `uuid`. */
export function idToBytes(id: string): Buffer {
  return Buffer.from(id.slice(id.indexOf('_') + 1), 'hex');
}

/** The id of a prefix for 16 bytes, or for a uuid's text with or without dashes. */
export function toId(prefix: IdPrefix, uuid: Buffer | string): string {
  return `${prefix}_${typeof uuid === 'string' ? uuid.replaceAll('-', '') : uuid.toString('hex')}`;
}
