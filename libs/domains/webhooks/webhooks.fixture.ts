import pg from 'pg';
import { pino } from 'pino';
import { newId } from '../../platform/kernel/id.js';
import type { DataKey } from '../../platform/keys/data-key.js';
import type { Caller } from '../../platform/operations/caller.js';
import type { Reply } from '../../platform/operations/reply.js';
import { Runtime } from '../../platform/runtime/runtime.js';
import type { ServicePorts } from '../../platform/runtime/service-ports.js';
import { createTestDatabase, type TestDatabase } from '../../platform/testing/test-database.js';
import { bodiesOn } from './bodies/bodies.js';
import { customerAggregate } from './customer.fixture.js';
import type { Attempt } from './delivery/delivery-store.js';
import type { Due } from './delivery/due.js';
import { type Destination, signedPost } from './delivery/signed-post.js';
import { EndpointController } from './endpoints/endpoint.controller.js';
import { createEndpoint } from './endpoints/endpoint.operations.js';
import { FanOut, type FanOutPorts } from './fan-out/fan-out.js';
import { Routes } from './fan-out/routes.js';
import { FactLookup } from './filter/fact-lookup.js';
import { attemptRows, type KeptAnswer } from './queue/attempt-rows.js';
import { AddressGuard } from './sending/address-guard.js';
import { type Answer, noAnswer } from './sending/exchange.js';
import { WebhooksModule } from './webhooks.module.js';

const NETWORKS = { http: true, networks: ['127.0.0.0/8'] };

/** What was tried: what is left out is as it is for most. */
export interface MadeAttempt {
  endpoint: string;
  position?: number;
  event?: string;
  type?: string;
  stream?: string;
  run?: number;
  number?: number;
  body?: string;
  people?: readonly DataKey[];
  answer?: Partial<Answer>;
}

/** The service on a database of its own, without the process that delivers. */
export class WebhooksOnTheirOwn {
  readonly controller: EndpointController;
  workspace = newId('wsp');

  private constructor(
    private readonly database: TestDatabase,
    readonly admin: pg.Client,
    readonly runtime: Runtime,
    readonly ports: ServicePorts,
    readonly guard: AddressGuard,
  ) {
    this.controller = new EndpointController(ports, guard);
  }

  static async begin(): Promise<WebhooksOnTheirOwn> {
    const database = await createTestDatabase();
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    const runtime = await Runtime.start({
      databaseUrl: database.url,
      module: WebhooksModule,
      log: pino({ level: 'silent' }),
      kafka: null,
      traces: null,
      webhooks: NETWORKS,
    });
    const ports = runtime.services.get('webhooks')!;
    return new WebhooksOnTheirOwn(database, admin, runtime, ports, new AddressGuard(NETWORKS));
  }

  get databaseUrl(): string {
    return this.database.url;
  }

  async end(): Promise<void> {
    await this.runtime.close();
    await this.admin.end();
    await this.database.drop();
  }

  caller(): Caller {
    return {
      workspace: this.workspace,
      actor: { type: 'api_key', id: newId('key') },
      scopes: new Set(),
      idempotency: null,
      ifMatch: null,
      requestId: 'req_test',
      traceparent: null,
    };
  }

  /** Puts what is on the log into the queue; returns what did. */
  async fanOut(ports: Partial<FanOutPorts> = {}): Promise<FanOut> {
    const { writing, feedLog, history, installation } = this.ports;
    const { codec } = writing;
    const fanOut = new FanOut({
      routes: new Routes(),
      bodies: bodiesOn(this.ports, installation),
      decode: ({ fingerprint, payload }) => codec.decode(fingerprint, payload),
      open: (events) => history.open(events),
      facts: new FactLookup(installation),
      factsReached: async () => undefined,
      room: async () => undefined,
      began: async () => undefined,
      hasOthers: () => false,
      adopted: () => 0,
      ...ports,
    });
    const { events } = await feedLog.read(0, { limit: 500 });
    await installation.transaction(await fanOut.statements(events));
    return fanOut;
  }

  /** Makes a customer, or gives it another name. */
  async customer(id: string, name: string): Promise<void> {
    await this.ports.shell.execute({
      aggregate: customerAggregate,
      caller: this.caller(),
      workspace: this.workspace,
      stream: id,
      command: { name },
      respond: () => ({ status: 200, body: {} }),
    });
  }

  async endpoint(more: object = {}): Promise<string> {
    const body = createEndpoint.body!.parse({ url: 'http://127.0.0.1:9/', types: ['*'], ...more });
    const reply = await this.controller.create({ params: {}, query: {}, body } as never, this.caller());
    return bodyOf(reply).id;
  }

  /** As delivery keeps it; returns its id. */
  async attempt(made: MadeAttempt): Promise<string> {
    const { endpoint, position = 1, run = 0, number = 1, people = [], body = '{}', answer = {} } = made;
    const { event: id = newId('evt'), type = 'message.created', stream = newId('conv') } = made;
    const { workspace } = this;
    const target = { endpoint, url: '', connections: 1, clientCertificate: null };
    const keys = () => ({ secret: [], ed25519: [] });
    const destination: Destination = { endpoint, workspace, target, keys, bodySignature: null, headers: [] };
    const message = { id, type, stream, body: Buffer.from(body), people, isKept: false, readAt: 0 };
    const due = { run, position, lane: stream.slice(stream.indexOf('_') + 1), pin: '', attempts: number } as Due;
    const none = { ...noAnswer('timeout', 'no answer'), error: null, detail: null, status: 200, durationMs: 7 };
    const sent = await signedPost({ post: async () => ({ ...none, ...answer }) }, destination, due, message);
    const lease = { endpoint, token: 0 };
    const attempt: Attempt<KeptAnswer> = { endpoint, lease, due, message, number, answer: sent.answer };
    await this.ports.installation.transaction([attemptRows([attempt], () => workspace)]);
    return `att_${sent.answer.id}`;
  }
}

export function bodyOf({ body }: Reply) {
  return typeof body === 'string' ? JSON.parse(body) : JSON.parse(JSON.stringify(body));
}
