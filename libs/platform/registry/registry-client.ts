import { Buffer } from 'node:buffer';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { Turns } from '../kernel/turns.js';
import type { CompatibilityLevel } from './compatibility.js';

export interface RegistryClientOptions {
  /** The base of a Confluent Schema Registry's API, such as http://127.0.0.1:4400/registry; may hold user:password@. */
  url: string;
  /** For HTTP Basic; goes before what the URL holds. */
  auth?: { username: string; password: string };
  /** Whom to trust about an https address: PEM. Where it is left out, the authorities that Node.js trusts. */
  ca?: string;
  /** Schemas that are known without asking, by their ids: with these it serves while the registry is away. */
  known?: ReadonlyMap<number, string>;
  /** How long an id that the registry does not know is not asked for again, ms. */
  unknownMs?: number;
  /** How long an answer may take, ms. */
  answerWithin?: number;
}

/** The registry's refusal, with Confluent's `error_code`, or its HTTP status where it sent none. */
export class RegistryRefusal extends Error {
  override name = 'RegistryRefusal';

  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** The schema is larger than any that is used: to ask again is of no use. */
export class SchemaTooLarge extends RegistryRefusal {
  override name = 'SchemaTooLarge';

  constructor(what: string) {
    super(TOO_LARGE, `The registry's answer to ${what} has more than ${MOST_BYTES} bytes.`);
  }
}

/** The registry cannot be reached, or failed: what was asked may be asked again. */
export class RegistryUnavailable extends Error {
  override name = 'RegistryUnavailable';
}

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';
const UNKNOWN_MS = 5000;
const ANSWER_MS = 5000;
const MOST_UNKNOWN = 10_000;
/** A schema of ours has some KiB. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_SAID = 500;
const TOO_LARGE = 413;
/** Requests for schemas under way: a batch of records may name five hundred. */
const MOST_AT_ONCE = 4;

/**
 * The registry as a producer or consumer needs it. It says nothing until it is asked. A schema that was found is kept
 * for ever, for an id never comes to mean another one; those who ask for the same one at the same time share a request.
 * Methods throw RegistryRefusal and RegistryUnavailable.
 */
export class RegistryClient {
  private readonly base: string;
  private readonly headers: Record<string, string>;
  private readonly known: Map<number, string>;
  private readonly unknown = new Map<number, { until: number; refusal: RegistryRefusal }>();
  private readonly underWay = new Map<number, Promise<string>>();
  private readonly turns = new Turns(MOST_AT_ONCE, MOST_AT_ONCE);

  constructor(private readonly options: RegistryClientOptions) {
    const url = new URL(options.url);
    const inUrl = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
    const { username, password } = options.auth ?? inUrl;
    url.username = '';
    url.password = '';
    this.base = url.href.replace(/\/+$/, '');
    const basic = Buffer.from(`${username}:${password}`).toString('base64');
    this.headers = {
      accept: `${MEDIA_TYPE}, application/json`,
      'content-type': MEDIA_TYPE,
      ...(username === '' && password === '' ? {} : { authorization: `Basic ${basic}` }),
    };
    this.known = new Map(options.known);
  }

  /** The schema's JSON as it was registered. An id that is not known is refused with 40403. */
  async schema(id: number): Promise<string> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const unknown = this.unknown.get(id);
    if (unknown !== undefined && unknown.until > performance.now()) throw unknown.refusal;
    let request = this.underWay.get(id);
    if (request === undefined) {
      request = this.fetchSchema(id).finally(() => this.underWay.delete(id));
      this.underWay.set(id, request);
    }
    return request;
  }

  /** Adds a schema to a subject, where it is not there yet; returns its id. An incompatible one is refused with 409. */
  async register(subject: string, schema: string): Promise<number> {
    const body = { schema, schemaType: 'AVRO' };
    const { id } = await this.ask<{ id: number }>('POST', `/subjects/${encodeURIComponent(subject)}/versions`, body);
    this.known.set(id, schema);
    this.unknown.delete(id);
    return id;
  }

  /** The level that a subject has of its own; null where it has none. */
  async level(subject: string): Promise<CompatibilityLevel | null> {
    try {
      const path = `/config/${encodeURIComponent(subject)}`;
      return (await this.ask<{ compatibilityLevel: CompatibilityLevel }>('GET', path)).compatibilityLevel;
    } catch (error) {
      if (error instanceof RegistryRefusal && String(error.code).startsWith('404')) return null;
      throw error;
    }
  }

  async setLevel(subject: string, level: CompatibilityLevel): Promise<void> {
    await this.ask('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: level });
  }

  private async fetchSchema(id: number): Promise<string> {
    const end = await this.turns.take('');
    try {
      const { schema } = await this.ask<{ schema: string }>('GET', `/schemas/ids/${id}`);
      if (typeof schema !== 'string') throw new RegistryUnavailable(`The registry gave no schema for the id ${id}.`);
      this.known.set(id, schema);
      this.unknown.delete(id);
      return schema;
    } catch (error) {
      if (error instanceof RegistryRefusal && /^404|^413$/.test(String(error.code))) {
        if (this.unknown.size >= MOST_UNKNOWN) this.unknown.clear();
        this.unknown.set(id, { until: performance.now() + (this.options.unknownMs ?? UNKNOWN_MS), refusal: error });
      }
      throw error;
    } finally {
      end();
    }
  }

  private async ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { status, text } = await this.send(method, path, body);
    const answer = parse(text) as { error_code?: number; message?: unknown } | undefined;
    if (status < 300 && answer !== undefined) return answer as Answer;
    const said = oneLine(String(answer?.message ?? text));
    const what = `The registry answered ${status} to ${method} ${path}: ${said}`;
    if (status >= 500 || status === 429 || status < 400) throw new RegistryUnavailable(what);
    throw new RegistryRefusal(answer?.error_code ?? status, what);
  }

  private async send(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const { ca, answerWithin = ANSWER_MS } = this.options;
    // Node.js's fetch takes no authority of one's own.
    const send = this.base.startsWith('https:') ? requestTls : requestPlain;
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
    const signal = AbortSignal.timeout(answerWithin);
    send(this.base + path, { method, headers: this.headers, signal, ...(ca === undefined ? {} : { ca }) })
      .on('error', reject)
      .on('response', (answer) => {
        bodyOf(answer, `${method} ${path}`).then((text) => resolve({ status: answer.statusCode!, text }), reject);
      })
      .end(body === undefined ? undefined : JSON.stringify(body));
    try {
      return await promise;
    } catch (error) {
      if (error instanceof SchemaTooLarge) throw error;
      const { message, code } = (signal.aborted ? signal.reason : error) as NodeJS.ErrnoException;
      throw new RegistryUnavailable(`The registry at ${this.base} cannot be reached: ${message || code}`);
    }
  }
}

async function bodyOf(answer: IncomingMessage, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > MOST_BYTES) {
      if (answer.statusCode === 200) throw new SchemaTooLarge(what);
      throw new Error(`its answer has more than ${MOST_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Null is no answer of a registry's. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

/** It goes to logs and terminals: without control characters, line ends and what turns the direction of a text. */
function oneLine(text: string): string {
  return text
    .slice(0, MOST_SAID)
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}
