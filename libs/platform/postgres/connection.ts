import type { Socket } from 'node:net';
import pg, { type QueryResult, type QueryResultRow } from 'pg';
import { Problem } from '../kernel/problem.js';
import { newClient } from './client.js';
import { rfc3339 } from './rfc3339.js';

/** One statement. With a `name` it is prepared once a connection. Buffers go as binary parameters. */
export interface SqlStatement {
  name?: string;
  text: string;
  values?: unknown[];
}

export interface ConnectionOptions {
  url: string;
  /** What the session is called in `pg_stat_activity`. */
  applicationName: string;
  /** The role that the session takes on at once. */
  role?: string;
  /** Further run-time parameters of the session. */
  parameters?: Record<string, string>;
  /** A statement that has no answer for this long ends the connection; ms. */
  answerWithin?: number;
  /** Runs on every new connection before it is used. */
  onConnect?: (client: pg.Client) => Promise<void>;
}

const RECONNECT_EVERY_MS = 100;

// bigint as a number: positions and counts stay far below 2^53.
pg.types.setTypeParser(20, (text) => Number(text));
// timestamptz as the API shows it.
pg.types.setTypeParser(1184, rfc3339);

/** True for an error that says nothing about the statement, but that the server is not there for it now. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof Problem) return error.code === 'unavailable';
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return /Connection terminated|connection error|not queryable/i.test(String(error));
  // 08 connection, 53 resources (disk full, too many connections), 57P0x shutdown and crash, 58 system error,
  // 55P03 lock timeout, 57014 statement timeout, 25P03 idle in transaction timeout; else Node's own (ECONNRESET).
  return /^(08|53|57|58|55P03|25P0[34])/.test(code) || /^E[A-Z]+$/.test(code);
}

export function unavailable(): Problem {
  return new Problem(
    'unavailable',
    'The store cannot be reached now. Try again with the same idempotency key; without one the request may be done twice.',
    { retryAfter: 1 },
  );
}

/**
 * One pipelined session that comes back by itself: statements are sent without waiting for the ones before, and are
 * answered in order. While the server is away every call fails at once as `unavailable`; none is queued.
 */
export class Connection {
  private client: pg.Client | null = null;
  private connecting: Promise<void> | null = null;
  private closed = false;
  private triedAndFailed = false;
  private workspace = '';
  private outstanding = 0;
  private lastAnswer = 0;
  private readonly watch: NodeJS.Timeout;
  private readonly answerWithin: number;

  constructor(private readonly options: ConnectionOptions) {
    this.answerWithin = options.answerWithin ?? 5000;
    this.watch = setInterval(() => this.endIfSilent(), Math.min(1000, this.answerWithin / 2));
    this.watch.unref();
  }

  /** Connects; resolves when the first statement can be sent. */
  async ready(): Promise<void> {
    if (this.client !== null) return;
    if (this.connecting === null && (this.triedAndFailed || this.closed)) throw unavailable();
    this.connecting ??= this.connect();
    await this.connecting;
  }

  get isUp(): boolean {
    return this.client !== null;
  }

  /** How many statements wait for their answer. */
  get busy(): number {
    return this.outstanding;
  }

  query<Row extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<Row>> {
    if (this.client === null) return this.queryWhenReady(statement);
    return this.send(this.client, statement);
  }

  /**
   * Sends BEGIN, the statements and COMMIT in one round trip; all or none take effect. Rejects with the error of the
   * first statement that failed. When it rejects as unavailable after COMMIT was sent, it may have taken effect.
   */
  async transaction(statements: readonly SqlStatement[]): Promise<QueryResult[]> {
    if (this.client === null) await this.ready();
    const client = this.client;
    if (client === null) throw unavailable();
    const { stream } = insideOf(client);
    // One system call for all of them.
    stream.cork();
    const answers = [
      this.send(client, { text: 'begin' }),
      ...statements.map((statement) => this.send(client, statement)),
      this.send(client, { text: 'commit' }),
    ];
    stream.uncork();
    const settled = await Promise.allSettled(answers);
    const failed = settled.find((answer) => answer.status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    return settled.slice(1, -1).map((answer) => (answer as PromiseFulfilledResult<QueryResult>).value);
  }

  /**
   * A conversation with one session, statement by statement; nothing else may use this connection meanwhile. If the
   * work throws, its open transaction is rolled back. A session that is lost stays lost for the work.
   */
  async exclusively<Result>(
    work: (query: (statement: SqlStatement) => Promise<QueryResult>) => Promise<Result>,
  ): Promise<Result> {
    if (this.client === null) await this.ready();
    const client = this.client;
    if (client === null) throw unavailable();
    try {
      return await work((statement) => this.send(client, statement));
    } catch (error) {
      await this.send(client, { text: 'rollback' }).catch(() => undefined);
      throw error;
    }
  }

  /** Runs a read as the session's role with row-level security set to one workspace (its uuid). */
  async queryAs<Row extends QueryResultRow = QueryResultRow>(
    workspace: string,
    statement: SqlStatement,
  ): Promise<QueryResult<Row>> {
    if (this.client === null) await this.ready();
    const client = this.client;
    if (client === null) throw unavailable();
    if (this.workspace !== workspace) {
      // Sent before the read on the same pipeline, so no other read can fall between the two.
      this.workspace = workspace;
      this.send(client, {
        name: 'workspace',
        text: `select set_config('heddle.workspace', $1, false)`,
        values: [workspace],
      }).catch(() => this.drop(client));
    }
    return this.send<Row>(client, statement);
  }

  onNotification(listener: (channel: string, payload: string) => void): void {
    this.notify = listener;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.watch);
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private notify: ((channel: string, payload: string) => void) | null = null;

  private async queryWhenReady<Row extends QueryResultRow>(statement: SqlStatement): Promise<QueryResult<Row>> {
    await this.ready();
    if (this.client === null) throw unavailable();
    return this.send<Row>(this.client, statement);
  }

  private send<Row extends QueryResultRow>(client: pg.Client, statement: SqlStatement): Promise<QueryResult<Row>> {
    if (this.outstanding++ === 0) this.lastAnswer = performance.now();
    const answer = client.query<Row>(onItsOwn(client, statement));
    const answered = () => {
      this.outstanding--;
      this.lastAnswer = performance.now();
    };
    answer.then(answered, answered);
    return answer;
  }

  private async connect(): Promise<void> {
    try {
      await this.connectOnce();
    } catch (error) {
      this.triedAndFailed = true;
      this.reconnectSoon();
      throw isUnavailable(error) ? unavailable() : error;
    } finally {
      this.connecting = null;
    }
  }

  private async connectOnce(): Promise<void> {
    const { url, applicationName, role, parameters = {} } = this.options;
    const settings = { TimeZone: 'UTC', ...(role === undefined ? {} : { role }), ...parameters };
    const client = newClient({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 3000,
      keepAlive: true,
      pipeline: true,
      options: Object.entries(settings)
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
    });
    client.on('error', () => this.drop(client));
    client.on('end', () => this.drop(client));
    client.on('notification', (message) => this.notify?.(message.channel, message.payload ?? ''));
    try {
      await client.connect();
      await this.options.onConnect?.(client);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    if (this.closed) {
      await client.end();
      throw unavailable();
    }
    this.workspace = '';
    this.triedAndFailed = false;
    this.client = client;
  }

  private drop(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = null;
    this.triedAndFailed = true;
    client.end().catch(() => undefined);
    this.reconnectSoon();
  }

  private reconnectSoon(): void {
    if (this.closed) return;
    setTimeout(() => {
      if (this.closed || this.client !== null || this.connecting !== null) return;
      this.connecting = this.connectOnce()
        .catch(() => this.reconnectSoon())
        .finally(() => {
          this.connecting = null;
        });
    }, RECONNECT_EVERY_MS).unref();
  }

  /** A server that is stopped, not dead, answers nothing and closes nothing. */
  private endIfSilent(): void {
    if (this.client === null || this.outstanding === 0 || performance.now() - this.lastAnswer < this.answerWithin)
      return;
    const { client } = this;
    insideOf(client).stream.destroy(new Error('Connection terminated: no answer in time'));
    this.drop(client);
  }
}

/** What `pg` does not show of a client. */
function insideOf(client: pg.Client): { stream: Socket; submittedNamedStatements: Record<string, string> } {
  return (client as pg.Client & { connection: ReturnType<typeof insideOf> }).connection;
}

/**
 * The statement, without its name while another one on the pipeline is still to prepare it: where that one fails, as
 * all do in a transaction that has failed, nothing is prepared, and this one must not rely on it.
 */
function onItsOwn(client: pg.Client, statement: SqlStatement): SqlStatement {
  const { name, text, values = [] } = statement;
  if (name === undefined || insideOf(client).submittedNamedStatements[name] === undefined) return statement;
  return { text, values };
}
