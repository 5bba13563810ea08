import pg from 'pg';
import { DeadLetters } from '../../libs/domains/ingest/dead-letters/dead-letters.js';
import { Problem } from '../../libs/platform/kernel/problem.js';
import { KeyStore } from '../../libs/platform/keys/key-store.js';
import type { ServicePorts } from '../../libs/platform/runtime/service-ports.js';

let offset = 0;

/** A record that was not taken, written as the service does, for only Kafka brings one; returns its id. */
export async function aDeadLetter(databaseUrl: string, workspace: string, partition = 0): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('set role heddle_ingest');
    const installation = { query: (statement: pg.QueryConfig) => client.query(statement) };
    const ports = { installation, writing: { keys: new KeyStore() } } as unknown as ServicePorts;
    const record = {
      topic: `heddle.in.${workspace}`,
      partition,
      offset: String(offset++),
      timestamp: Date.now(),
      value: Buffer.from(
        JSON.stringify({ type: 'invoice.paid', subject: { customer: { external_id: 'shop-1815' } }, data: {} }),
      ),
      headers: {},
    };
    const problem = new Problem('event_data_invalid', 'The data does not fit version 1 of invoice.paid.');
    await new DeadLetters(ports).add(workspace, [{ record, problem }]);
    const { rows } = await client.query<{ id: string }>(
      'select id from ingest.raw_dead_letters where workspace = $1 order by id desc limit 1',
      [workspace.slice(4)],
    );
    return `dlt_${rows[0]!.id.replaceAll('-', '')}`;
  } finally {
    await client.end();
  }
}
