import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import type { Reply } from '../../platform/operations/reply.js';
import { createTestDatabase, type TestDatabase } from '../../platform/testing/test-database.js';
import { DeliveryProcess } from './delivery-process.fixture.js';
import { labelAggregate } from './label.fixture.js';
import { Receiver } from './receiver.fixture.js';

export const bodyOf = ({ body }: Reply) =>
  typeof body === 'string' ? JSON.parse(body) : JSON.parse(JSON.stringify(body));

/** A workspace with endpoints on a receiver that can be sick. */
export class Scene {
  readonly workspace = newId('wsp');
  isSick = true;
  readonly receiver = new Receiver(() => (this.isSick ? 500 : 204));

  private constructor(
    private readonly database: TestDatabase,
    public process: DeliveryProcess,
    private readonly url: string,
  ) {}

  static async begin(): Promise<Scene> {
    const database = await createTestDatabase();
    const scene = new Scene(database, await DeliveryProcess.start(database.url), '');
    return Object.assign(scene, { url: await scene.receiver.listen() });
  }

  async end(): Promise<void> {
    await this.process.close();
    await this.receiver.close();
    await this.database.drop();
  }

  /** As after a crash: another process has all to find out. */
  async startAgain(): Promise<void> {
    await this.process.close();
    this.process = await DeliveryProcess.start(this.database.url);
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  get ports() {
    return this.process.webhooks;
  }

  caller(key: string | null = null, fingerprint = ''): Caller {
    return {
      workspace: this.workspace,
      actor: { type: 'api_key', id: newId('key') },
      scopes: new Set(),
      idempotency: key === null ? null : { key, fingerprint },
      ifMatch: null,
      requestId: 'spec',
      traceparent: null,
    };
  }

  async endpoint(settings: object = {}): Promise<string> {
    const body = { url: this.url, types: ['label.*'], retry_schedule: [1], ...settings };
    return bodyOf(await this.process.endpoints.create({ params: {}, query: {}, body } as never, this.caller())).id;
  }

  /** An event of a label: its making, or that it has another name. */
  async label(stream = newId('lbl')): Promise<string> {
    await this.ports.shell.execute({
      aggregate: labelAggregate,
      caller: this.caller(),
      workspace: this.workspace,
      stream,
      command: { name: newId('lbl') },
      respond: () => ({ status: 201, body: {} }),
    });
    return stream;
  }

  async rows(table: string, endpoint: string): Promise<number> {
    const { rows } = await this.ports.installation.query<{ count: number }>({
      text: `select count(*)::integer as count from webhooks.${table} where endpoint = $1::uuid`,
      values: [endpoint.slice(4)],
    });
    return rows[0]!.count;
  }

  /** The types of the events on a stream. */
  async eventsOn(stream: string): Promise<string[]> {
    const { rows } = await this.ports.installation.query<{ type: string }>({
      text: 'select type from log.events where stream = $1::uuid order by seq',
      values: [stream.slice(stream.indexOf('_') + 1)],
    });
    return rows.map(({ type }) => type);
  }
}
