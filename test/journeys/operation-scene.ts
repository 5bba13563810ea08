import { AppModule } from '../../apps/heddle/app.module.js';
import { newId } from '../../libs/platform/kernel/id.js';
import { operationsOf } from '../../libs/platform/operations/handles.js';
import { jsonSchemaOf } from '../../libs/platform/operations/openapi-schemas.js';
import type { Operation } from '../../libs/platform/operations/operation.js';
import { until } from '../../libs/platform/testing/until.js';
import { aDeadLetter } from './a-dead-letter.js';
import { anAttempt } from './an-attempt.js';
import { type Answer, ApiClient, type Journey, ROOT_KEY } from './journey.js';
import { aParkedLane, aWebhookDeadLetter } from './rows-of-webhooks.js';

export const OPERATIONS: readonly Operation[] = operationsOf(AppModule);

/** Another operation that is done first: its example, or with a body of its own and a name for what it makes. */
type Preparation = string | { operation: string; body: () => unknown; named?: string };

/** A job of so many conversations, none of which is there, that it can be cancelled before it has ended. */
const LONG_JOB: Preparation = {
  operation: 'conversations.bulk',
  named: 'job_0198f2c0a1b27c3d8e4f5a6b7c8d9e0b',
  body: () => ({ ids: Array.from({ length: 1000 }, () => newId('conv')), patch: {} }),
};

/** A replay to a receiver that nobody has: it waits for it for days. */
const LONG_REPLAY: Preparation = {
  operation: 'webhook_replays.start',
  named: 'rpl_0198f2c0a1b27c3d8e4f5a6b7c8d9e0e',
  body: () => ({ endpoint_id: ENDPOINT, types: ['*'] }),
};

const declared = (object: string, key: string, kind = 'string'): Preparation => ({
  operation: 'custom_fields.upsert',
  body: () => ({ object, key, kind, name: key }),
});
const YARN = declared('conversation', 'yarn');
const MOOD = declared('message', 'mood');
const LOOM = declared('customer', 'loom');
const organized = (object: string) => [declared(object, 'tier'), declared(object, 'since')];

/**
 * What must have been done first, with the same things, so that an operation's example can be. What an example merely
 * names by id is made without being told here.
 */
const BEFORE: Readonly<Record<string, readonly Preparation[]>> = {
  'companies.replace_fields': organized('company'),
  'companies.update_fields': organized('company'),
  'conversation_links.remove': ['conversation_links.add'],
  'conversations.diff': ['messages.post'],
  'conversations.reopen': ['conversations.close'],
  'conversations.replace_fields': [YARN],
  'conversations.unlabel': ['conversations.label'],
  'conversations.unlock': ['conversations.lock'],
  'conversations.update_fields': [
    YARN,
    declared('conversation', 'deposit', 'currency'),
    declared('conversation', 'due', 'date'),
  ],
  'customers.look_up': ['customers.upsert'],
  'customers.leave_company': ['customers.join_company'],
  'customers.leave_tenant': ['customers.join_tenant'],
  'customers.replace_fields': [LOOM],
  'customers.unmerge': ['customers.merge'],
  'customers.unverify_identity': ['customers.verify_identity'],
  'customers.update_fields': [LOOM, declared('customer', 'since')],
  'event_types.check': ['event_types.upsert'],
  'event_types.get': ['event_types.upsert'],
  'event_types.update': ['event_types.upsert'],
  'event_types.versions': ['event_types.upsert'],
  'jobs.cancel': [LONG_JOB],
  'messages.replace_fields': [MOOD],
  'messages.unreact': ['messages.react'],
  'messages.update_fields': [MOOD],
  'teams.remove_member': ['teams.add_member'],
  'tenants.replace_fields': organized('tenant'),
  'tenants.update_fields': organized('tenant'),
  'webhook_replays.cancel': ['labels.upsert', LONG_REPLAY],
};

/** Those that are about a lane which waits for somebody. */
const OF_PARKED_LANES: ReadonlySet<string> = new Set(['webhook_lanes.resume', 'webhook_lanes.skip']);

export interface ExampleRequest {
  operation: Operation;
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
}

/** The endpoint of all examples. */
const ENDPOINT = 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01';

/** The ids of examples begin alike. */
const INVENTED = /^([a-z]+)_0198f2c0a1b27c3d8e4f5a6b7c8d9e[0-9a-f]{2}$/;
const byName = new Map(OPERATIONS.map((operation) => [operation.name, operation]));

/** The prefix of the ids that a good answer's `id` has; null where it has none. */
function prefixAnswered({ responses }: Operation): string | null {
  for (const { schema } of Object.values(responses)) {
    const json = jsonSchemaOf(schema, 'output');
    const { properties } = json.$ref === undefined ? json : json.$defs![json.$ref.slice('#/$defs/'.length)]!;
    const prefix = /^\^([a-z]+)_/.exec(properties?.id?.pattern ?? '')?.[1];
    if (prefix !== undefined) return prefix;
  }
  return null;
}

function namesInPath({ params }: Operation): string[] {
  return Object.values(jsonSchemaOf(params, 'input').properties ?? {}).flatMap(
    ({ pattern }) => /^\^([a-z]+)_/.exec(pattern ?? '')?.[1] ?? [],
  );
}

/** The operation that makes things of a prefix: it answers with an id that its path does not name. */
function makerOf(prefix: string): Operation {
  const makers = OPERATIONS.filter(
    (operation) =>
      operation.changes && prefixAnswered(operation) === prefix && !namesInPath(operation).includes(prefix),
  );
  const [maker] = makers.sort((a, b) => a.path.length - b.path.length);
  if (maker === undefined) throw new Error(`No operation makes a ${prefix}_…: an example cannot name one.`);
  return maker;
}

/**
 * A workspace in which the examples of operations are made true: each invented id stands for a thing of its own, made
 * by the example of the operation that makes such things, when it is first named.
 */
export class Scene {
  private readonly known = new Map<string, string>();
  private readonly made = new Map<string, number>();
  private position: string | null = null;

  private constructor(
    private readonly url: string,
    private readonly databaseUrl: string,
    readonly workspace: string,
    readonly key: string,
  ) {}

  static async begin(journey: Pick<Journey, 'url' | 'database'>): Promise<Scene> {
    const root = new ApiClient(journey.url, ROOT_KEY);
    const workspace = good(await root.post('/v1/workspaces', { name: 'Examples' })).body.id as string;
    const scopes = ['*', 'keys:read'];
    const { key } = good(await root.post('/v1/api_keys', { workspace_id: workspace, name: 'examples', scopes })).body;
    return new Scene(journey.url, journey.database.url, workspace, key);
  }

  /** The operation's example, with what it needs made and done. Throws a sentence where it has none. */
  async requestOf(name: string): Promise<ExampleRequest> {
    for (const preparation of BEFORE[name] ?? []) await this.prepare(preparation);
    const request = await this.exampleOf(byName.get(name)!);
    if (OF_PARKED_LANES.has(name)) {
      const { stream } = request.body as { stream: string };
      await aParkedLane(this.databaseUrl, this.workspace, request.params.id!, stream);
      // Its message was not brought by the feed, which may be behind it: nothing can be said of the lane until then.
      const lanes = `/v1/webhook_endpoints/${request.params.id}/lanes`;
      await until(async () => (await new ApiClient(this.url, this.key).get(lanes)).status === 200);
    }
    return request;
  }

  async send(
    { operation, params, query, body }: ExampleRequest,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const path = operation.path.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => encodeURIComponent(params[name]!));
    const search = new URLSearchParams(query).toString();
    const { consumes } = operation;
    const streamed = consumes === 'application/x-ndjson';
    const answer = await this.clientFor(operation).send(
      operation.method,
      search === '' ? path : `${path}?${search}`,
      streamed ? undefined : (body as object | undefined),
      {
        ...(streamed ? { raw: `${JSON.stringify(body)}\n` } : {}),
        headers: { ...(consumes === undefined || body === undefined ? {} : { 'content-type': consumes }), ...headers },
      },
    );
    this.position = answer.headers.get('heddle-position') ?? this.position;
    return answer;
  }

  keyFor({ access }: Operation): string {
    return access === 'workspace' ? this.key : ROOT_KEY;
  }

  private async prepare(preparation: Preparation): Promise<void> {
    if (typeof preparation === 'string') {
      good(await this.send(await this.exampleOf(byName.get(preparation)!)));
      return;
    }
    const { operation, body, named } = preparation;
    const { params } = await this.exampleOf(byName.get(operation)!);
    const made = { operation: byName.get(operation)!, params, query: {}, body: await this.real(body()) };
    const { id } = good(await this.send(made)).body;
    if (named !== undefined) this.known.set(named, id);
  }

  private clientFor(operation: Operation): ApiClient {
    return new ApiClient(this.url, this.keyFor(operation));
  }

  private async exampleOf(operation: Operation): Promise<ExampleRequest> {
    const { example, name } = operation;
    if (example === undefined) {
      throw new Error(`${name} has no example: declare one beside its schemas, with invented ids.`);
    }
    const params = (await this.real(example.params ?? {})) as Record<string, string>;
    const query = (await this.real(example.query ?? {})) as Record<string, string>;
    const body = await this.real(example.body);
    // An invented place in the log stands for the last that something was written at.
    if (query.wait_for !== undefined && this.position !== null) query.wait_for = this.position;
    return { operation, params, query, body };
  }

  private async real(value: unknown): Promise<unknown> {
    if (typeof value === 'string') return INVENTED.test(value) ? this.idFor(value) : value;
    if (Array.isArray(value)) {
      const items = [];
      for (const item of value) items.push(await this.real(item));
      return items;
    }
    if (value === null || typeof value !== 'object') return value;
    const fields: [string, unknown][] = [];
    for (const [name, field] of Object.entries(value)) fields.push([name, await this.real(field)]);
    return Object.fromEntries(fields);
  }

  private async idFor(invented: string): Promise<string> {
    const known = this.known.get(invented);
    if (known !== undefined) return known;
    const prefix = INVENTED.exec(invented)![1]!;
    const real = prefix === 'wsp' ? this.workspace : await this.make(prefix);
    this.known.set(invented, real);
    return real;
  }

  private async make(prefix: string): Promise<string> {
    // Only Kafka brings one.
    if (prefix === 'dlt') return aDeadLetter(this.databaseUrl, this.workspace);
    // Only delivery makes one.
    if (prefix === 'att') return anAttempt(this.databaseUrl, await this.idFor(ENDPOINT));
    // Only a receiver that takes nothing brings one.
    if (prefix === 'wdl') {
      return aWebhookDeadLetter(this.databaseUrl, this.workspace, await this.idFor(ENDPOINT));
    }
    const request = await this.exampleOf(makerOf(prefix));
    const before = this.made.get(prefix) ?? 0;
    this.made.set(prefix, before + 1);
    const body = before === 0 ? request.body : another(request.body as Record<string, unknown>, before + 1);
    return good(await this.send({ ...request, body })).body.id;
  }
}

/** The same under another name. */
function another(body: Record<string, unknown>, number: number): Record<string, unknown> {
  const renamed = ['external_id', 'name', 'key'].filter((field) => typeof body[field] === 'string');
  // An identity is one customer's.
  const { identities: _, ...rest } = body;
  return { ...rest, ...Object.fromEntries(renamed.map((field) => [field, `${body[field]}-${number}`])) };
}

function good(answer: Answer): Answer {
  if (answer.status < 300) return answer;
  throw new Error(`Expected a good answer and not ${answer.status}: ${JSON.stringify(answer.body)}`);
}
