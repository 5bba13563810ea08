import Fastify from 'fastify';
import pg from 'pg';

/** Run by `startDeskFloor`, with FLOOR_PORT and FLOOR_DATABASE_URL. Answers rows as JSON and checks nothing. */
const pool = new pg.Pool({ connectionString: process.env.FLOOR_DATABASE_URL, max: 8 });
const app = Fastify({ logger: false });

const { rows } = await pool.query<{ workspace: string }>('select workspace from floor.conversations limit 1');
const workspace = rows[0]!.workspace;

interface ListQuery {
  status: string;
  channel: string;
  priority: string;
  limit: number;
  before?: string;
}

const SEARCH = `select id, conversation, text, occurred_at, query, ts_rank(words, query, 1) as relevance
  from floor.messages, plainto_tsquery('simple', $2) query
 where workspace = $1 and words @@ query order by relevance desc limit $3`;

app.get<{ Querystring: ListQuery }>('/conversations', async ({ query }) => {
  const { status, channel, priority, limit, before = 'ffffffff-ffff-ffff-ffff-ffffffffffff' } = query;
  const found = await pool.query({
    name: 'list',
    text: `select * from floor.conversations
            where workspace = $1 and status = $2 and channel = $3 and priority = $4 and id < $5
            order by id desc limit $6`,
    values: [workspace, status, channel, priority, before, limit],
  });
  return { data: found.rows };
});

app.post<{ Body: { text: string; limit: number; highlights: number } }>('/search', async ({ body }) => {
  const found = await pool.query({
    name: body.highlights > 0 ? 'search_and_show' : 'search',
    text:
      body.highlights > 0 ? `select *, ts_headline('simple', text, query) as shown from (${SEARCH}) as found` : SEARCH,
    values: [workspace, body.text, body.limit],
  });
  return { data: found.rows };
});

await app.listen({ port: Number(process.env.FLOOR_PORT), host: '127.0.0.1' });
process.on('disconnect', () => process.exit(0));
process.send?.('listening');
