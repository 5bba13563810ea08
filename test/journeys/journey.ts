import { randomUUID } from 'node:crypto';
import type { ServiceName } from '../../apps/services.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { forgetTopics, type Installation, ROOT_KEY, type ShapeOptions, serve, sharedInstallation } from './shapes.js';

export { ROOT_KEY } from './shapes.js';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at from outside, where nothing is known of their types.
  body: any;
}

export interface Sending {
  headers?: Record<string, string>;
  /** Sent as it is, instead of JSON. */
  raw?: string | Buffer;
}

/** One who calls the API with a key, as anybody would: by fetch. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly key: string | null,
  ) {}

  get(path: string, sending?: Sending): Promise<Answer> {
    return this.send('GET', path, undefined, sending);
  }

  post(path: string, body: object = {}, sending?: Sending): Promise<Answer> {
    return this.send('POST', path, body, sending);
  }

  async send(method: string, path: string, body?: object, { headers = {}, raw }: Sending = {}): Promise<Answer> {
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.key === null ? {} : { authorization: `Bearer ${this.key}` }),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { body: payload as string }),
    });
    // A stream that goes on: its head is all that is waited for.
    if (response.headers.get('x-accel-buffering') === 'no') {
      await response.body?.cancel();
      return { status: response.status, headers: response.headers, body: '' };
    }
    const text = await response.text();
    const json = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  }
}

/** A workspace's own things to play with. */
export interface Cast {
  workspace: string;
  api: ApiClient;
  customer: string;
  user: string;
  aiAgent: string;
}

/** A whole installation on a database of its own, in the shape that the jest project asks for. */
export class Journey {
  readonly root: ApiClient;

  private constructor(
    readonly database: TestDatabase,
    private installation: Installation,
    private readonly options: ShapeOptions,
  ) {
    this.root = new ApiClient(installation.url, ROOT_KEY);
  }

  static async begin(options: ShapeOptions = {}): Promise<Journey> {
    const shared = Object.keys(options).length === 0 ? sharedInstallation() : null;
    if (shared !== null) return new Journey(shared.database, shared.installation, options);
    const database = await createTestDatabase();
    try {
      return new Journey(database, await serve(database, options, 0), options);
    } catch (error) {
      await database.drop();
      throw error;
    }
  }

  /** Ends it, and starts another one on the same address when what happens meanwhile has happened. */
  async restart(meanwhile: () => Promise<void>): Promise<void> {
    const port = Number(new URL(this.url).port);
    await this.installation.close();
    await meanwhile();
    this.installation = await serve(this.database, this.options, port);
  }

  get url(): string {
    return this.installation.url;
  }

  /** Of each process, or of each that runs a service: what is not passed on from the one in front is asked there. */
  processesOf(service: ServiceName | null = null): string[] {
    return this.installation.processes
      .filter((one) => service === null || one.service === null || one.service === service)
      .map(({ url }) => url);
  }

  /** What a further process of the installation is started with. */
  get environment(): Record<string, string> {
    return { ...this.installation.environment };
  }

  async end(): Promise<void> {
    await this.installation.close();
    await forgetTopics(this.database);
    await this.database.drop();
  }

  async workspace(name = 'Acme'): Promise<string> {
    return created(await this.root.post('/v1/workspaces', { name })).id;
  }

  async client(workspace: string, scopes: string[] = ['*']): Promise<ApiClient> {
    const made = created(await this.root.post('/v1/api_keys', { workspace_id: workspace, name: 'journey', scopes }));
    return new ApiClient(this.url, made.key);
  }

  /** A new workspace with somebody of every kind. */
  async cast(): Promise<Cast> {
    const workspace = await this.workspace();
    const api = await this.client(workspace);
    const one = async (path: string) =>
      created(await api.post(path, { external_id: randomUUID(), name: 'Somebody' })).id;
    return {
      workspace,
      api,
      customer: await one('/v1/customers'),
      user: await one('/v1/users'),
      aiAgent: await one('/v1/ai_agents'),
    };
  }
}

/** The body of a 201. */
// biome-ignore lint/suspicious/noExplicitAny: as in Answer.
export function created({ status, body }: Answer): any {
  if (status !== 201) throw new Error(`Expected 201 and not ${status}: ${JSON.stringify(body)}`);
  return body;
}

export function conversationWith({ api, customer }: Pick<Cast, 'api' | 'customer'>, more: object = {}) {
  return api.post('/v1/conversations', { customer_id: customer, channel: 'email', ...more });
}

export function messageTo(conversation: string, { api, customer }: Pick<Cast, 'api' | 'customer'>, text = 'Hello') {
  const author = { type: 'customer', id: customer };
  return api.post(`/v1/conversations/${conversation}/messages`, { author, type: 'text', text });
}

/** Status and code of a problem, after a look at its form (RFC 9457). */
export function problem({ status, headers, body }: Answer): { status: number; code: string } {
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(body).toMatchObject({
    type: `/docs/problems#${body.code}`,
    title: expect.any(String),
    status,
    detail: expect.stringMatching(/.{10,}/),
  });
  expect(body.instance).toBe(headers.get('x-request-id'));
  return { status, code: body.code };
}
