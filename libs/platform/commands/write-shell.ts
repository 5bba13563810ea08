import type { EventCodec } from '../event-codec/event-codec.js';
import type { EventRow } from '../event-store/append.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import { type IdPrefix, toId } from '../kernel/id.js';
import type { KeyStore } from '../keys/key-store.js';
import { claimHash } from '../keys/workspace-key.js';
import type { Traces } from '../observability/traces.js';
import type { Reply } from '../operations/reply.js';
import { type Connection, unavailable } from '../postgres/connection.js';
import type { Projection } from '../projections/projection.js';
import { claimOwners } from './claim-owners.js';
import type { Claim, CommandRequest } from './command.js';
import { awaitsKafka, problemOf } from './command-problems.js';
import { type AppendCounts, GroupAppend } from './group-append.js';
import { GroupQueue } from './group-queue.js';
import { HeadCache } from './head-cache.js';
import { keyed } from './idempotency.js';
import type { AnyRequest, Pending } from './pending.js';
import { Preparation } from './preparation.js';
import { RequestsInFlight } from './requests-in-flight.js';

export interface WriteShellOptions {
  /** The service: its schema's tables are written by its inline projections. */
  service: string;
  /** The append's own session: nothing else uses it. */
  append: Connection;
  /** For what is read before a decision. */
  reads: Connection;
  codec: EventCodec;
  keys: KeyStore;
  inline: readonly Projection[];
  store(): StoreIdentity;
  /** Known to the store's processes, and in no backup of the log: under it stand the keys and fingerprints of requests. */
  secret(): string;
  /** Asks anew who the store is; whoever keeps something of it in memory is told where it is another. */
  reidentify(): Promise<void>;
  /** Called after a commit that appended something. */
  appended(before: number, events: readonly EventRow[]): void;
  log: { error(detail: object, message: string): void };
  /** Null: none are made. */
  traces?: Traces | null;
  /** What a transaction holds at most, by `weightOf`; 256 unless told. */
  groupWeight?: number;
  /** Groups that may be under way at the same time; 2 unless told. */
  groupsUnderWay?: number;
  /** Test only: runs between the decisions and the append. */
  beforeAppend?: () => Promise<void>;
}

const OTHERS_WITHIN_MS = 250;
const MOST_WAITING = 20_000;
const HEADS_IN_MEMORY = 10_000;
const NONE_TAKEN: Map<number, string> = new Map();
const NO_OWNERS: ReadonlyMap<string, string | undefined> = new Map();

/**
 * The write shell, in five steps: load the state (`Preparation`), decide (`decideGroup`), append (events, idempotency
 * record and inline projection in one transaction), answer, signal the readers (`GroupAppend`). Between the first two a
 * command waits in the `GroupQueue` for those that it is decided and appended with.
 *
 * This file is where commands come in, and where the steps are put together. It owns the commands that are not answered
 * yet: how many there are, and which idempotency keys they hold. No answer leaves before the commit that makes it true,
 * refusals included.
 */
export class WriteShell {
  private readonly heads = new HeadCache(HEADS_IN_MEMORY);
  private readonly preparation: Preparation;
  private readonly append: GroupAppend;
  private readonly queue: GroupQueue;
  private readonly inFlight = new RequestsInFlight<Reply>();
  private unanswered = 0;
  /** When the last command came that is not of a bulk; ms. */
  private lastOfOthers = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: WriteShellOptions) {
    const { heads } = this;
    this.preparation = new Preparation(heads, options);
    this.append = new GroupAppend(
      { ...options, heads, preparation: this.preparation },
      { admit: (pending) => this.admit(pending), putFirst: (pendings) => this.queue.putFirst(pendings) },
    );
    this.queue = new GroupQueue(this.append, options);
  }

  /**
   * Carries out a command once. Throws `Problem`: `not_found` for an unknown stream, `unknown_reference`,
   * `idempotency_key_reused`, `request_in_flight`, `unavailable`, also while the store awaits Kafka. Refusals of the domain are replies.
   */
  execute<Command, State extends object, Event extends { type: string; data: unknown }>(
    request: CommandRequest<Command, State, Event>,
  ): Promise<Reply> {
    return this.inFlight.once(request.caller.idempotency, () => this.submit(request));
  }

  /** The stream that a claim leads to, as an id of this prefix; null where the name is free. */
  async resolve(workspace: string, prefix: IdPrefix, { kind, scope = '', value }: Claim): Promise<string | null> {
    const key = await this.options.keys.workspaceKey(this.options.reads, workspace);
    const [found] = await claimOwners(this.options.reads, [claimHash(key, kind, scope, value)]);
    return found === undefined ? null : toId(prefix, found);
  }

  /** Whether a command that is not of a bulk came within the last quarter of a second. */
  get servesOthers(): boolean {
    return performance.now() - this.lastOfOthers < OTHERS_WITHIN_MS;
  }

  get counts(): Readonly<AppendCounts> {
    return this.append.counts;
  }

  /** Commands that are prepared and wait for their group to begin. */
  get waitingCommands(): number {
    return this.queue.length;
  }

  /** The store is another one, or lives another life: nothing that was read of it holds. */
  forget(): void {
    this.heads.clear();
  }

  private submit(request: AnyRequest): Promise<Reply> {
    if (this.unanswered >= MOST_WAITING) return Promise.reject(unavailable());
    this.unanswered++;
    const { caller, aggregate } = request;
    if (caller.bulk !== true) this.lastOfOthers = performance.now();
    // The lines of an import are one span, the request's: thousands would say no more.
    const traced = caller.trace !== undefined && caller.bulk !== true ? caller.trace : null;
    const span = traced === null ? null : (this.options.traces?.command(traced, aggregate.type) ?? null);
    return new Promise<Reply>((resolve, reject) => {
      const pending: Pending = {
        request,
        resolve: (reply) => {
          this.unanswered--;
          span?.end(reply.status);
          resolve(reply);
        },
        reject: (error) => {
          this.unanswered--;
          span?.fail(error);
          reject(error as Error);
        },
        span,
        lost: 0,
        workspace: request.workspace ?? '',
        idempotency: keyed(this.options.secret(), caller.idempotency),
        stream: '',
        command: undefined,
        head: null,
        taken: NONE_TAKEN,
        claims: [],
        owners: NO_OWNERS,
        dataKey: null,
        workspaceKey: null,
      };
      this.admit(pending);
    });
  }

  /** Prepares a command, anew where it has lost against another process, and puts it in the queue. */
  private admit(pending: Pending): void {
    // Before anything is looked up: what the store has lost must not be answered as unknown.
    if (this.options.store().awaitsKafka) pending.reject(awaitsKafka());
    else if (this.preparation.fromMemory(pending)) this.queue.enqueue(pending);
    else {
      this.preparation.load(pending).then(
        () => this.queue.enqueue(pending),
        (error) => pending.reject(problemOf(error)),
      );
    }
  }
}
