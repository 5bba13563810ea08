import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { EventCodec } from '../event-codec/event-codec.js';
import { appendStatement } from '../event-store/append.js';
import { identifyStore } from '../event-store/epoch.js';
import { idToBytes, newId } from '../kernel/id.js';
import { KeyStore } from '../keys/key-store.js';
import { migrate } from '../postgres/migrate.js';

/** For specs: a store with customers whose names are sealed, written as the write side writes. */
export class SampleStore {
  readonly codec = new EventCodec(EVENT_SCHEMAS);
  readonly keys = new KeyStore({ freshFor: 0 });
  readonly workspace = newId('wsp');
  private readonly client: pg.Client;

  private constructor(url: string) {
    this.client = new pg.Client({ connectionString: url });
  }

  static async prepare(url: string): Promise<void> {
    await migrate(
      url,
      [],
      [
        { schema: 'log', folder: 'libs/platform/event-store/migrations' },
        { schema: 'keys', folder: 'libs/platform/keys/migrations' },
        { schema: 'registry', folder: 'libs/platform/registry/migrations' },
      ],
    );
  }

  static async start(url: string): Promise<SampleStore> {
    await SampleStore.prepare(url);
    const store = new SampleStore(url);
    await store.client.connect();
    await identifyStore(store.client);
    return store;
  }

  query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<pg.QueryResult<Row>> {
    return this.client.query<Row>(text, values);
  }

  /** Appends `customer.created` with its key, idempotency record and claim in one transaction; returns the customer. */
  async addCustomer(name: string): Promise<string> {
    const customer = newId('cus');
    const now = Date.now();
    const made = await this.keys.make(this.client, this.workspace, customer);
    const type = 'customer.created';
    const meta = {
      ...{ id: newId('evt'), workspace: this.workspace, stream: customer, seq: 1, type },
      ...{ occurred_at: now, recorded_at: now, actor: { type: 'system', id: 'spec', on_behalf_of: null } },
      ...{ correlation_id: null, causation_id: null, traceparent: null, ext: {} },
    };
    const { fingerprint, payload } = this.codec.encode(type, meta, { external_id: name, name }, made.dataKey);
    const stream = idToBytes(customer);
    const workspace = idToBytes(this.workspace);
    await this.client.query('begin');
    await this.client.query(this.keys.insertRows([made.row]));
    await this.client.query(
      appendStatement({
        streams: [{ stream, workspace, type: 'customer', base: 0, version: 1, state: '{"tab":"\\t","nl":"\\n"}' }],
        events: [{ workspace, stream, seq: 1, type, recordedAt: now, fingerprint, payload }],
        idempotency: [
          {
            key: randomBytes(16),
            fingerprint: randomBytes(16),
            status: 201,
            response: randomBytes(40),
            event: 0,
            etag: 1,
          },
        ],
        claims: [{ claim: randomBytes(16), workspace, stream }],
        epoch: null,
      }),
    );
    await this.client.query('commit');
    return customer;
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
