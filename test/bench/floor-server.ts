import Fastify from 'fastify';
import pg from 'pg';
import { FLOOR_SCHEMA } from './floor-schema.js';

/**
 * The floor: posting and reading messages as a careful team would write them by hand, on bare Fastify and `pg`, in a
 * process of its own. Run as `node floor-server.js` with FLOOR_PORT, FLOOR_DATABASE_URL, FLOOR_POOL (the number of
 * connections) and FLOOR_STYLE (`transaction` or `statement`). It validates and answers by compiled JSON schemas,
 * logs nothing, and keeps an event, an idempotency record with the stored answer, and the conversation's current row.
 */
const port = Number(process.env.FLOOR_PORT);
const pool = new pg.Pool({ connectionString: process.env.FLOOR_DATABASE_URL, max: Number(process.env.FLOOR_POOL) });
const inOneStatement = process.env.FLOOR_STYLE === 'statement';
const app = Fastify({ logger: false });

interface PostBody {
  author: { type: string; id: string };
  type: 'text';
  text: string;
}

interface Posted {
  id: string;
  conversation_id: string;
  seq: number;
}

const party = {
  type: 'object',
  required: ['type', 'id'],
  additionalProperties: false,
  properties: { type: { enum: ['customer', 'user', 'ai_agent', 'system'] }, id: { type: 'string', maxLength: 200 } },
} as const;

class Refused extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

app.post<{ Params: { id: string }; Body: PostBody; Headers: { 'idempotency-key': string } }>(
  '/v1/conversations/:id/messages',
  {
    schema: {
      headers: { type: 'object', required: ['idempotency-key'], properties: { 'idempotency-key': { type: 'string' } } },
      body: {
        type: 'object',
        required: ['author', 'type', 'text'],
        additionalProperties: false,
        properties: { author: party, type: { const: 'text' }, text: { type: 'string', maxLength: 100_000 } },
      },
      response: {
        201: {
          type: 'object',
          properties: { id: { type: 'string' }, conversation_id: { type: 'string' }, seq: { type: 'integer' } },
        },
      },
    },
  },
  async (request, reply) => {
    const conversation = request.params.id;
    const key = `POST ${request.url} ${request.headers['idempotency-key']}`;
    const { author, text } = request.body;
    const id = crypto.randomUUID();
    const now = new Date();
    const event = JSON.stringify({ author, type: 'text', text });
    const seq = await (inOneStatement ? oneStatement : oneTransaction)({ conversation, key, id, now, event });
    if (seq === 'repeated') {
      const before = await pool.query<{ response: string }>({
        name: 'stored',
        text: 'select response from floor.idempotency where key = $1',
        values: [key],
      });
      return reply.code(201).send(JSON.parse(before.rows[0]!.response));
    }
    return reply.code(201).send({ id, conversation_id: conversation, seq } satisfies Posted);
  },
);

interface Write {
  conversation: string;
  key: string;
  id: string;
  now: Date;
  event: string;
}

/** The contract's floor: a transaction of three named statements, for the current row, the key and the event. */
async function oneTransaction({ conversation, key, id, now, event }: Write): Promise<number | 'repeated'> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const current = await client.query<{ version: number }>({
      name: 'current',
      text: `update floor.conversations set version = version + 1, messages = messages + 1, last_message_at = $2
              where id = $1 returning version`,
      values: [conversation, now],
    });
    if (current.rowCount === 0) throw new Refused(404, 'no such conversation');
    const seq = current.rows[0]!.version;
    const first = await client.query({
      name: 'key',
      text: 'insert into floor.idempotency (key, status, response) values ($1, 201, $2) on conflict do nothing',
      values: [key, JSON.stringify({ id, conversation_id: conversation, seq } satisfies Posted)],
    });
    if (first.rowCount === 0) {
      await client.query('rollback');
      return 'repeated';
    }
    await client.query({
      name: 'event',
      text: `insert into floor.events (id, conversation_id, seq, type, recorded_at, payload)
             values ($1, $2, $3, 'message.created', $4, $5)`,
      values: [id, conversation, seq, now, event],
    });
    await client.query('commit');
    return seq;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** A harder floor, shown beside it: the same rows by one statement, one round trip; an expert's refinement. */
async function oneStatement({ conversation, key, id, now, event }: Write): Promise<number | 'repeated'> {
  try {
    const written = await pool.query<{ version: number }>({
      name: 'whole',
      text: `with current as (
               update floor.conversations set version = version + 1, messages = messages + 1, last_message_at = $2
                where id = $1 returning version),
             event as (
               insert into floor.events (id, conversation_id, seq, type, recorded_at, payload)
               select $3::uuid, $1, version, 'message.created', $2, $4 from current),
             key as (
               insert into floor.idempotency (key, status, response)
               select $5, 201, json_build_object('id', $3::text, 'conversation_id', $1::text, 'seq', version)::text
                 from current)
             select version from current`,
      values: [conversation, now, id, event, key],
    });
    if (written.rowCount === 0) throw new Refused(404, 'no such conversation');
    return written.rows[0]!.version;
  } catch (error) {
    const { code, table } = error as { code?: string; table?: string };
    if (code === '23505' && table === 'idempotency') return 'repeated';
    throw error;
  }
}

app.get<{ Params: { id: string }; Querystring: { messages: number } }>(
  '/v1/conversations/:id',
  {
    schema: {
      querystring: { type: 'object', properties: { messages: { type: 'integer', minimum: 0, maximum: 1000 } } },
    },
  },
  async (request, reply) => {
    // Postgres writes the JSON and it goes out as it is: measured faster than rows that pass through JavaScript.
    const found = await pool.query<{ body: string }>({
      name: 'read',
      text: `select json_build_object('id', c.id, 'customer_id', c.customer_id, 'channel', c.channel,
                      'status', c.status, 'seq', c.version, 'created_at', c.created_at,
                      'last_message_at', c.last_message_at, 'messages', coalesce(m.list, '[]'::json))::text as body
               from floor.conversations c
               left join lateral (
                 select json_agg(json_build_object('id', l.id, 'conversation_id', l.conversation_id, 'seq', l.seq,
                          'message', l.payload::json, 'created_at', l.recorded_at) order by l.seq) as list
                   from (select * from floor.events where conversation_id = c.id and type = 'message.created'
                          order by seq desc limit $2) l
               ) m on true
              where c.id = $1`,
      values: [request.params.id, request.query.messages],
    });
    if (found.rowCount === 0) throw new Refused(404, 'no such conversation');
    return reply.type('application/json; charset=utf-8').send(found.rows[0]!.body);
  },
);

await pool.query(FLOOR_SCHEMA);
await app.listen({ port, host: '127.0.0.1' });
process.on('disconnect', () => process.exit(0));
process.send?.('listening');
