import type { Connection } from '../postgres/connection.js';

/** A row of the log as the relay needs it. */
export interface StoreRow {
  position: number;
  /** 32 hex digits. */
  stream: string;
  type: string;
  /** 32 hex digits. */
  fingerprint: string;
  payload: Buffer;
}

export interface StorePage {
  rows: StoreRow[];
  /** The last position that the store has, at least. */
  end: number;
}

/**
 * A page is one value, each event a frame of position (8 bytes), stream (16), fingerprint (16), lengths of type and
 * payload (4 each), type, payload: `pg` would make an object and five strings of every row.
 * A page ends before the event with which it would be too large; its first event is in it whatever its size.
 */
const READ_PAGE = `
select string_agg(int8send(e.position) || uuid_send(e.stream) || e.schema_fingerprint
                  || int4send(octet_length(e.type)) || int4send(octet_length(e.payload))
                  || convert_to(e.type, 'UTF8') || e.payload, ''::bytea order by e.position) as frames,
       (select coalesce(max(position), 0) from log.events) as "end"
  from (select p.*, sum(octet_length(payload)) over (order by position) as bytes,
               row_number() over (order by position) as n
          from (select position, stream, schema_fingerprint, type, payload
                  from log.events where position > $1 order by position limit $2) p) e
 where e.bytes <= $3 or e.n = 1`;
const HEAD = 48;

/** The events after a position, in order. */
export async function readStore(
  connection: Connection,
  after: number,
  most: { events: number; bytes: number },
): Promise<StorePage> {
  const { rows } = await connection.query<{ frames: Buffer | null; end: number }>({
    name: 'relay_read',
    text: READ_PAGE,
    values: [after, most.events, most.bytes],
  });
  return { rows: unpack(rows[0]!.frames), end: Number(rows[0]!.end) };
}

function unpack(frames: Buffer | null): StoreRow[] {
  const rows: StoreRow[] = [];
  for (let at = 0; frames !== null && at < frames.length; ) {
    const typeAt = at + HEAD;
    const payloadAt = typeAt + frames.readInt32BE(at + 40);
    const end = payloadAt + frames.readInt32BE(at + 44);
    rows.push({
      position: Number(frames.readBigInt64BE(at)),
      stream: frames.toString('hex', at + 8, at + 24),
      fingerprint: frames.toString('hex', at + 24, at + 40),
      type: frames.toString('utf8', typeAt, payloadAt),
      payload: frames.subarray(payloadAt, end),
    });
    at = end;
  }
  return rows;
}
