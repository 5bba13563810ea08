import { setTimeout as sleep } from 'node:timers/promises';
import { JsonOverHttp } from './json-over-http.js';
import type { Entry, Ledger, WriteKind } from './ledger.js';
import type { Workspace } from './workspace.js';

export interface LoadOptions {
  /** Every request goes to one of them, at random; a retry too. */
  ports: number[];
  workspace: Workspace;
  ledger: Ledger;
  random: () => number;
  clients: number;
  /** A client's pause between two writes, in ms. */
  pauseMs: number;
}

/** Of the writes, the share that … */
const SHARES = {
  /** … changes a state instead of posting a message. */
  change: 0.08,
  /** … is given up at the first broken connection, and may stand or not. */
  abandoned: 0.05,
  /** … is sent twice at the same time under one key. */
  doubled: 0.03,
  /** … is sent again after it was acknowledged, and must be answered the same. */
  repeated: 0.03,
};
const GIVE_UP_MS = 60_000;

/** Clients that write without a break and retry under the same key until they have an answer. */
export class Load {
  readonly #options: LoadOptions;
  readonly #targets: JsonOverHttp[];
  readonly #run = crypto.randomUUID().slice(0, 8);
  #stopped = false;
  #made = 0;
  #clients: Promise<void>[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#targets = options.ports.map((port) => new JsonOverHttp(port, options.workspace.key));
  }

  start(): void {
    this.#clients = Array.from({ length: this.#options.clients }, () => this.#client());
  }

  /** Lets every write under way come to its answer, 60 s at most. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    for (const target of this.#targets) target.close();
  }

  async #client(): Promise<void> {
    const { random, pauseMs } = this.#options;
    while (!this.#stopped) {
      const write = this.#write();
      const abandoned = random() < SHARES.abandoned;
      if (random() < SHARES.doubled) await Promise.all([this.#send(write, abandoned), this.#send(write, abandoned)]);
      else await this.#send(write, abandoned);
      if (write.entry.ack !== null && random() < SHARES.repeated) await this.#send(write, true);
      await sleep(pauseMs * (0.5 + random()));
    }
  }

  #write(): { entry: Entry; path: string; body: unknown } {
    const { random, workspace, ledger } = this.#options;
    const pick = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)]!;
    const stream = pick(workspace.conversations);
    const n = ++this.#made;
    const kind: WriteKind = random() < SHARES.change ? pick(['close', 'reopen', 'assign'] as const) : 'message';
    const text =
      kind === 'message' ? `${this.#run}-${n} ${'lorem ipsum '.repeat(Math.floor(random() * 20))}`.trim() : null;
    const entry = ledger.add({ key: `${this.#run}-${n}`, kind, stream, text });
    const user = { type: 'user', id: pick(workspace.users) };
    const author = random() < 0.5 ? user : { type: 'customer', id: workspace.customer };
    const bodies: Record<WriteKind, unknown> = {
      message: { author, type: 'text', text },
      assign: { assignee: user },
      close: {},
      reopen: {},
    };
    return { entry, path: `/v1/conversations/${stream}/${kind === 'message' ? 'messages' : kind}`, body: bodies[kind] };
  }

  /** Sends until there is an answer; with `once`, a broken connection or a 503 is the end of it. */
  async #send({ entry, path, body }: { entry: Entry; path: string; body: unknown }, once: boolean): Promise<void> {
    const { ledger, random } = this.#options;
    const deadline = performance.now() + GIVE_UP_MS;
    for (let tries = 0; performance.now() < deadline; tries++) {
      if (tries > 0) ledger.retries++;
      entry.sends++;
      const target = this.#targets[Math.floor(random() * this.#targets.length)]!;
      const sentAt = performance.now();
      try {
        const answer = await target.send('POST', path, body, { 'idempotency-key': entry.key });
        if (answer.status === 200 || answer.status === 201) {
          const { id, seq } = answer.body as { id?: string; seq?: number };
          ledger.acknowledge(entry, { id: id ?? null, seq: seq ?? null }, sentAt);
          return;
        }
        if (answer.status === 422) {
          ledger.refuse(entry, 422);
          return;
        }
        const { code } = (answer.body ?? {}) as { code?: string };
        if (answer.status === 503) {
          ledger.unavailable++;
          if (answer.headers['retry-after'] === undefined) ledger.wrong('503 without Retry-After');
        } else if (!(answer.status === 409 && code === 'request_in_flight')) {
          ledger.wrong(`${answer.status} ${code ?? ''} to a ${entry.kind}`);
        }
      } catch {
        // No answer: it may stand or not. The same key makes trying again safe.
      }
      if (once) return;
      await sleep(20 + 80 * random());
    }
    ledger.wrong(`no answer within ${GIVE_UP_MS / 1000} s`);
  }
}
