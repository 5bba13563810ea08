import type { EventCodec } from '../event-codec/event-codec.js';
import { appendStatement, type Conflict, conflictOf, type EventRow, type Group } from '../event-store/append.js';
import { encodeCursor } from '../event-store/cursor.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import { isRefusal, type Refusal, refuse } from '../kernel/decider.js';
import type { EventMeta } from '../kernel/event.js';
import { type IdPrefix, idToBytes, newId, toId } from '../kernel/id.js';
import { Problem } from '../kernel/problem.js';
import type { DataKey } from '../keys/data-key.js';
import { PersonErasedError } from '../keys/key-errors.js';
import type { KeyStore } from '../keys/key-store.js';
import { claimHash } from '../keys/workspace-key.js';
import type { Reply } from '../operations/reply.js';
import { type Connection, isUnavailable, type SqlStatement, unavailable } from '../postgres/connection.js';
import type { ProjectedEvent, Projection } from '../projections/projection.js';
import type { Claim, CommandRequest } from './command.js';
import { HeadCache } from './head-cache.js';
import { isOfItsKind, openHead, readHeads } from './heads.js';
import { keyed } from './idempotency.js';
import { answerToKeep, isKeptSealed, keptAnswer } from './kept-answer.js';
import type { AnyRequest, Pending } from './pending.js';
import { isSealedState, sealState } from './sealed-state.js';
import { StreamWork } from './stream-work.js';

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
  /** What a transaction holds at most, by `weightOf`; GROUP_WEIGHT unless told. */
  groupWeight?: number;
  /** Groups that may be under way at the same time; 2 unless told. */
  groupsUnderWay?: number;
  /** Test only: runs between the decisions and the append. */
  beforeAppend?: () => Promise<void>;
}

/** What the shell counted since it was made. */
export interface WriteShellCounts {
  groups: number;
  commands: number;
  events: number;
  conflicts: number;
}

/** About so many events in one transaction, or one command: everybody waits while it runs. */
const GROUP_WEIGHT = 256;
const OTHERS_WITHIN_MS = 250;
/** Under whose key the names of workspaces are claimed. */
const INSTALLATION = `wsp_${'0'.repeat(32)}`;
const REPEATS_WAIT_MS = 5000;
const MOST_WAITING = 20_000;
/** After so many lost races a command decides while it holds the store's lock, and cannot lose. */
const LOSSES_BEFORE_LOCK = 2;

interface GroupUnderWay {
  streams: ReadonlySet<string>;
  weight: number;
}

interface NextGroup {
  commands: readonly Pending[];
  weight: number;
}

const NO_GROUP: NextGroup = { commands: [], weight: 0 };

/**
 * The write shell, in five steps: load the state, decide, append (events, idempotency record and inline projection in
 * one transaction), answer, signal the readers.
 *
 * Commands that arrive while a transaction is in flight are decided together and appended together, those of its
 * streams once it has ended. Each stream's
 * base version is compared once, inside the append; a group that meets a stale base, a key that was used or a claim
 * that was taken is refused whole, goes again without the streams concerned, and those are decided again from what
 * is true. No answer leaves before the commit that makes it true, refusals included.
 */
export class WriteShell {
  readonly counts: WriteShellCounts = { groups: 0, commands: 0, events: 0, conflicts: 0 };
  private readonly heads = new HeadCache(10_000);
  private readonly inFlight = new Map<string, { fingerprint: string; done: Promise<unknown> }>();
  private ready: Pending[] = [];
  private contended: Pending[] = [];
  private waiting = 0;
  private readonly underWay = new Set<GroupUnderWay>();
  private scheduled = false;
  private underLock = false;
  private groupsTurn = false;
  /** Looking for a second group again is of no use before so many commands are ready. */
  private secondFrom = 0;
  /** When the last command came that is not of a bulk; ms. */
  private lastOfOthers = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: WriteShellOptions) {}

  /**
   * Carries out a command once. Throws `Problem`: `not_found` for an unknown stream, `unknown_reference`,
   * `idempotency_key_reused`, `request_in_flight`, `unavailable`. Refusals of the domain are replies.
   */
  execute<Command, State extends object, Event extends { type: string; data: unknown }>(
    request: CommandRequest<Command, State, Event>,
  ): Promise<Reply> {
    const key = request.caller.idempotency;
    if (key === null) return this.submit(request);
    const running = this.inFlight.get(key.key);
    if (running !== undefined) return this.executeAfter(running, request);
    const done = this.submit(request);
    this.inFlight.set(key.key, { fingerprint: key.fingerprint, done });
    const forget = () => this.inFlight.delete(key.key);
    done.then(forget, forget);
    return done;
  }

  /** A request with a key that another one holds: once that has ended, the store has its answer. */
  private async executeAfter(
    first: { fingerprint: string; done: Promise<unknown> },
    request: AnyRequest,
  ): Promise<Reply> {
    if (first.fingerprint !== request.caller.idempotency!.fingerprint) throw keyReused();
    await this.waitForFirst(first.done);
    return this.execute(request);
  }

  /** The stream that a claim leads to, as an id of this prefix; null where the name is free. */
  async resolve(workspace: string, prefix: IdPrefix, { kind, scope = '', value }: Claim): Promise<string | null> {
    const key = await this.options.keys.workspaceKey(this.options.reads, workspace);
    const [found] = await this.claimed([claimHash(key, kind, scope, value)]);
    return found === undefined ? null : toId(prefix, found);
  }

  /** Whether a command that is not of a bulk came within the last quarter of a second. */
  get servesOthers(): boolean {
    return performance.now() - this.lastOfOthers < OTHERS_WITHIN_MS;
  }

  /** The store is another one, or lives another life: nothing that was read of it holds. */
  forget(): void {
    this.heads.clear();
  }

  private async waitForFirst(done: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Problem('request_in_flight', 'The first request with this key has not ended yet. Try again later.', {
              retryAfter: 1,
            }),
          ),
        REPEATS_WAIT_MS,
      );
    });
    try {
      await Promise.race([done.catch(() => undefined), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  private submit(request: AnyRequest): Promise<Reply> {
    if (this.waiting >= MOST_WAITING) return Promise.reject(unavailable());
    this.waiting++;
    if (request.caller.bulk !== true) this.lastOfOthers = performance.now();
    return new Promise<Reply>((resolve, reject) => {
      const pending: Pending = {
        request,
        resolve: (reply) => {
          this.waiting--;
          resolve(reply);
        },
        reject: (error) => {
          this.waiting--;
          reject(error as Error);
        },
        lost: 0,
        workspace: request.workspace ?? '',
        idempotency: keyed(this.options.secret(), request.caller.idempotency),
        stream: '',
        command: undefined,
        head: null,
        taken: NONE_TAKEN,
        claims: [],
        dataKey: null,
        workspaceKey: null,
      };
      this.admit(pending);
    });
  }

  private admit(pending: Pending): void {
    if (this.prepareFromMemory(pending)) this.enqueue(pending);
    else {
      this.prepare(pending).then(
        () => this.enqueue(pending),
        (error) => pending.reject(isUnavailable(error) ? unavailable() : erased(error)),
      );
    }
  }

  private enqueue(pending: Pending): void {
    if (pending.lost >= LOSSES_BEFORE_LOCK) this.contended.push(pending);
    else this.ready.push(pending);
    if (this.scheduled) return;
    this.scheduled = true;
    // Commands that arrived in the same turn of the loop belong to the same group.
    setImmediate(() => {
      this.scheduled = false;
      this.dispatch();
    });
  }

  // ---- Step 1: load the state -----------------------------------------------------------------------------------

  /** True where nothing has to be read: the common case of a command on a busy stream. */
  private prepareFromMemory(pending: Pending): boolean {
    const { request } = pending;
    if (typeof request.stream !== 'string' || request.claims !== undefined || typeof request.command === 'function') {
      return false;
    }
    if (isKeptSealed(request)) return false;
    const head = this.heads.get(request.stream);
    if (head === undefined || head.workspace !== pending.workspace || isSealedState(head.state)) return false;
    for (const reference of request.references ?? []) {
      if (this.heads.get(reference)?.workspace !== pending.workspace) return false;
    }
    const subject = request.aggregate.subjectOf(head.state, request.stream);
    if (subject !== null) {
      const dataKey = this.options.keys.cached(this.options.reads, pending.workspace, subject);
      if (dataKey === undefined) return false;
      pending.dataKey = dataKey;
    }
    pending.stream = request.stream;
    pending.command = request.command;
    pending.head = head;
    return true;
  }

  private async prepare(pending: Pending): Promise<void> {
    const { request } = pending;
    const { keys, reads } = this.options;
    const workspaceKey = await keys.workspaceKey(reads, request.workspace ?? INSTALLATION);
    pending.workspaceKey = workspaceKey;
    pending.claims = [];
    pending.taken = new Map();

    const wanted = (request.claims ?? []).map((c) => claimHash(workspaceKey, c.kind, c.scope ?? '', c.value));
    let route: Buffer | null = null;
    if (typeof request.stream !== 'string') {
      const { kind, scope, value } = request.stream.claim;
      route = claimHash(workspaceKey, kind, scope ?? '', value);
    }
    if (route !== null || wanted.length > 0) {
      const found = await this.claimed(route === null ? wanted : [...wanted, route]);
      wanted.forEach((hash, i) => {
        const owner = found[i];
        if (owner === undefined) pending.claims.push(hash);
        else pending.taken.set(i, owner);
      });
      if (route !== null) {
        const owner = found[wanted.length];
        if (owner === undefined) pending.claims.push(route);
        const { orNew } = request.stream as { orNew: string };
        pending.stream = owner === undefined ? orNew : toId(request.aggregate.prefix, owner);
      }
    }
    if (typeof request.stream === 'string') pending.stream = request.stream;
    if (request.workspace === null) pending.workspace = pending.stream;

    pending.command =
      typeof request.command === 'function'
        ? request.command({ stream: pending.stream, taken: pending.taken })
        : request.command;
    await this.loadHeads(pending);
    await this.loadKey(pending);
  }

  /** The uuids, in hex, of the streams that have these claims; undefined at the places of free ones. */
  private async claimed(claims: readonly Buffer[]): Promise<(string | undefined)[]> {
    const { rows } = await this.options.reads.query<{ claim: string; stream: string }>({
      name: 'claims',
      text: 'select claim, stream from log.claims where claim = any ($1::uuid[])',
      values: [claims.map((claim) => claim.toString('hex'))],
    });
    const owners = new Map(rows.map((row) => [row.claim.replaceAll('-', ''), row.stream.replaceAll('-', '')]));
    return claims.map((claim) => owners.get(claim.toString('hex')));
  }

  private async loadHeads(pending: Pending): Promise<void> {
    const { request } = pending;
    const wanted = [pending.stream, ...(request.references ?? [])];
    const missing = [...new Set(wanted.filter((id) => this.heads.get(id) === undefined))];
    if (missing.length > 0) {
      for (const head of await readHeads(this.options.reads, missing)) {
        if (isOfItsKind(head)) this.heads.set(head);
        else if (head.stream === pending.stream) throw notFound(pending.stream);
      }
    }
    for (const reference of request.references ?? []) {
      if (this.heads.get(reference)?.workspace !== pending.workspace) {
        throw new Problem('unknown_reference', `There is no ${reference} in this workspace. Make it first.`);
      }
    }
    const head = this.heads.get(pending.stream);
    if (head !== undefined && head.workspace !== pending.workspace) throw notFound(pending.stream);
    pending.head = head ?? null;
  }

  private async loadKey(pending: Pending): Promise<void> {
    const { request, head } = pending;
    const { keys, reads } = this.options;
    const { aggregate } = request;
    pending.dataKey = null;
    let subject: string | null;
    if (head !== null) {
      subject = aggregate.subjectOf(head.state as never, pending.stream);
    } else {
      subject = aggregate.personalState ? pending.stream : (request.subject ?? null);
    }
    if (subject === null) return;
    const [dataKey] = await keys.loadForSubjects(reads, [{ workspace: pending.workspace, subject }]);
    pending.dataKey = dataKey ?? null;
    if (head !== null && isSealedState(head.state)) {
      pending.head = openHead(head, pending.dataKey);
      this.heads.set(pending.head);
    }
  }

  // ---- Step 2: decide ---------------------------------------------------------------------------------------------

  private decide(pending: Pending, works: Map<string, StreamWork>): void {
    const { request } = pending;
    let work = works.get(pending.stream);
    if (work === undefined) {
      // What was known when the command came may be older than what this process has appended since. A head that is
      // being read again, for another command, is no state until it is opened.
      const newest = this.heads.get(pending.stream);
      const head = newest === undefined || isSealedState(newest.state) ? pending.head : newest;
      work = new StreamWork(
        pending.stream,
        idToBytes(pending.stream),
        pending.workspace,
        idToBytes(pending.workspace),
        request.aggregate.type,
        head?.version ?? 0,
        head?.state ?? null,
      );
      works.set(pending.stream, work);
    }
    const refusal = this.tryDecide(pending, work);
    if (refusal !== null) this.recordRefusal(pending, work, refusal);
  }

  private tryDecide(pending: Pending, work: StreamWork): Refusal | null {
    const { request } = pending;
    const { aggregate, caller } = request;
    if (pending.taken.size > 0 && request.toleratesTaken !== true) return externalIdTaken(pending);
    if (caller.ifMatch !== null && caller.ifMatch !== work.version)
      return versionMismatch(pending.stream, work.version);
    if (pending.dataKey !== null && pending.dataKey.key === null) {
      return refuse('person_erased', `${pending.dataKey.subject} was erased: nothing more can be kept of them.`);
    }
    const decision = aggregate.decider.decide(pending.command, work.state);
    if (isRefusal(decision)) return decision;

    const created = work.version === 0 && decision.length > 0;
    const key = this.keyFor(pending, work, created);
    const now = Date.now();
    for (const event of decision) {
      const meta: EventMeta = {
        id: newId('evt'),
        workspace: pending.workspace,
        stream: pending.stream,
        seq: ++work.version,
        type: event.type,
        occurred_at: event.occurredAt ?? caller.occurredAt ?? now,
        recorded_at: now,
        actor: caller.actor,
        correlation_id: caller.requestId,
        causation_id: null,
        traceparent: caller.traceparent,
        ext: {},
      };
      const { fingerprint, payload } = this.options.codec.encode(event.type, meta, event.data as never, key);
      work.add(
        {
          workspace: work.workspaceUuid,
          stream: work.uuid,
          seq: meta.seq,
          type: event.type,
          recordedAt: now,
          fingerprint,
          payload,
        },
        meta,
        event,
      );
      work.state = aggregate.decider.evolve(work.state as never, event);
    }
    if (decision.length > 0) {
      work.stateText =
        aggregate.personalState && key !== null
          ? sealState(key, pending.workspace, work.state!)
          : JSON.stringify(work.state);
      for (const claim of pending.claims) {
        work.claims.push({ claim, workspace: work.workspaceUuid, stream: work.uuid });
      }
    }
    const { status, body } = request.respond({
      stream: pending.stream,
      seq: work.version,
      state: work.state,
      created,
      events: decision.length,
    });
    this.record(pending, work, status, JSON.stringify(body), decision.length > 0, undefined);
    return null;
  }

  /** The key that seals this command's events; made with the person's own stream. */
  private keyFor(pending: Pending, work: StreamWork, created: boolean): DataKey | null {
    if (created && pending.request.aggregate.personalState && pending.dataKey === null) {
      work.madeKey = this.options.keys.makeUnder(pending.workspaceKey!, pending.stream);
    }
    return work.madeKey?.dataKey ?? pending.dataKey;
  }

  private recordRefusal(pending: Pending, work: StreamWork, { refused, detail }: Refusal): void {
    const problem = new Problem(refused, detail);
    const body = JSON.stringify(problem.toBody());
    this.record(pending, work, problem.status, body, false, 'application/problem+json');
  }

  private record(
    pending: Pending,
    work: StreamWork,
    status: number,
    body: string,
    appended: boolean,
    contentType: string | undefined,
  ): void {
    const etag = work.version > 0 ? work.version : null;
    const lastEvent = appended ? work.events.length - 1 : null;
    work.decided.push({ pending, status, body, etag, lastEvent, contentType });
    const key = pending.idempotency;
    // What does not exist may exist when the request is sent again.
    if (key === null || status === 404) return;
    work.idempotency.push({
      key: Buffer.from(key.key, 'hex'),
      fingerprint: Buffer.from(key.fingerprint, 'hex'),
      status,
      response: answerToKeep(pending, body),
      event: lastEvent,
      etag,
    });
  }

  // ---- Steps 3 to 5: append, answer, signal -----------------------------------------------------------------------

  /**
   * Starts what can be: two groups at most, of different streams, the second one once it has half of the first one's
   * commands: Postgres begins with it at once, while the first one's answers go out. Whoever needs the store's lock is
   * alone, and takes turns with the groups.
   */
  private dispatch(): void {
    if (this.underLock) return;
    if (this.contended.length > 0 && !(this.groupsTurn && this.ready.length > 0)) {
      if (this.underWay.size > 0) return;
      this.underLock = true;
      this.groupsTurn = true;
      this.runUnderLock(this.contended.shift()!).finally(() => {
        this.underLock = false;
        this.dispatch();
      });
      return;
    }
    if (this.underWay.size === 0) this.start(this.take());
    if (this.underWay.size === 1 && this.contended.length === 0) this.startSecond();
  }

  private startSecond(): void {
    if (this.options.groupsUnderWay === 1 || this.ready.length < this.secondFrom) return;
    const [first] = this.underWay;
    const enough = Math.ceil(first!.streams.size / 2);
    const group = this.ready.length >= enough ? this.take(enough) : NO_GROUP;
    if (group.commands.length === 0) this.secondFrom = this.ready.length + enough;
    this.start(group);
  }

  private start({ commands, weight }: NextGroup): void {
    if (commands.length === 0) return;
    const group = { streams: new Set(commands.map(({ stream }) => stream)), weight };
    this.underWay.add(group);
    this.groupsTurn = false;
    this.runGroup(commands)
      .catch((error) => {
        this.options.log.error({ error: describe(error) }, 'a group failed outside of its commands');
        for (const pending of commands) pending.reject(error);
      })
      .finally(() => {
        this.underWay.delete(group);
        this.secondFrom = 0;
        this.dispatch();
      });
  }

  /**
   * The next group, out of `ready`: none of a stream that is under way, nothing where there are not `least`, and no
   * more than is left beside what is under way: whoever comes next waits for all of it.
   */
  private take(least = 1): NextGroup {
    const [first] = this.underWay;
    const most = (this.options.groupWeight ?? GROUP_WEIGHT) - (first?.weight ?? 0);
    const looked = Math.min(this.ready.length, 2 * GROUP_WEIGHT);
    const commands: Pending[] = [];
    const left: Pending[] = [];
    let total = 0;
    let full = false;
    for (let i = 0; i < looked; i++) {
      const pending = this.ready[i]!;
      if (!full && first?.streams.has(pending.stream) !== true) {
        const weight = weightOf(pending);
        full = total + weight > most && !(first === undefined && commands.length === 0);
        if (!full) {
          total += weight;
          commands.push(pending);
          continue;
        }
      }
      left.push(pending);
    }
    if (commands.length < least && !full) return NO_GROUP;
    this.ready.splice(0, looked, ...left);
    return { commands, weight: total };
  }

  private async runGroup(pendings: readonly Pending[]): Promise<void> {
    let works: StreamWork[];
    let postponed: Pending[];
    try {
      ({ works, postponed } = this.decideAll(pendings));
      await this.options.beforeAppend?.();
    } catch (error) {
      return this.oneByOne(pendings, error);
    }
    // Not before all are decided: where one of them throws, each goes alone, these too.
    this.ready.unshift(...postponed);
    while (works.length > 0) {
      let group: Group;
      let before: number;
      try {
        const made = this.statementsOf(works);
        group = made.group;
        const results = await this.options.append.transaction(made.statements);
        before = Number(results[0]!.rows[0]!.before);
      } catch (error) {
        const conflict = conflictOf(error) ?? keyConflictOf(error, works);
        if (conflict === null) {
          return this.oneByOne(
            works.flatMap((work) => work.decided.map((d) => d.pending)),
            error,
          );
        }
        this.counts.conflicts++;
        works = await this.withoutConflicts(works, conflict);
        continue;
      }
      // Outside of the try: what fails after the commit must not be done again.
      return this.settle(works, group, before);
    }
  }

  private decideAll(pendings: readonly Pending[]): { works: StreamWork[]; postponed: Pending[] } {
    const works = new Map<string, StreamWork>();
    const postponed: Pending[] = [];
    const claimants = new Map<string, string>();
    for (const pending of pendings) {
      if (this.isClaimedInGroup(pending, claimants)) postponed.push(pending);
      else this.decide(pending, works);
    }
    return { works: [...works.values()], postponed };
  }

  /** Whether another stream of the group takes one of the command's names: it is decided again after that. */
  private isClaimedInGroup({ claims, stream }: Pending, claimants: Map<string, string>): boolean {
    const names = claims.map((claim) => claim.toString('hex'));
    if (names.some((name) => (claimants.get(name) ?? stream) !== stream)) return true;
    for (const name of names) claimants.set(name, stream);
    return false;
  }

  private statementsOf(works: readonly StreamWork[]): { statements: SqlStatement[]; group: Group } {
    const epoch = this.options.store().epochs.at(-1)?.epoch ?? null;
    const group: Group = { streams: [], events: [], idempotency: [], claims: [], epoch };
    const projected: ProjectedEvent[] = [];
    for (const work of works) {
      const first = group.events.length;
      group.streams.push({
        stream: work.uuid,
        workspace: work.workspaceUuid,
        type: work.type,
        base: work.base,
        version: work.version,
        state: work.stateText,
      });
      for (const event of work.events) group.events.push(event);
      for (const event of work.projected) projected.push(event);
      for (const row of work.idempotency) {
        group.idempotency.push(row.event === null ? row : { ...row, event: first + row.event });
      }
      for (const claim of work.claims) group.claims.push(claim);
    }
    const statements: SqlStatement[] = [appendStatement(group)];
    const made = works.flatMap((work) => (work.madeKey === null ? [] : [work.madeKey.row]));
    if (made.length > 0) statements.push(this.options.keys.insertRows(made));
    if (projected.length > 0) {
      for (const projection of this.options.inline) {
        const wanted = projected.filter((event) => projection.types.includes(event.type));
        if (wanted.length === 0) continue;
        statements.push(...projection.project(wanted, (name) => `${this.options.service}.${name}`));
      }
    }
    return { statements, group };
  }

  private settle(works: readonly StreamWork[], group: Group, before: number): void {
    const store = this.options.store();
    let first = before + 1;
    for (const work of works) {
      if (work.version > 0 && work.state !== null) {
        this.heads.set({
          stream: work.stream,
          workspace: work.workspace,
          type: work.type,
          version: work.version,
          state: work.state,
        });
      }
      if (work.madeKey !== null) this.options.keys.keep(work.madeKey);
      for (const { pending, status, body, etag, lastEvent, contentType } of work.decided) {
        const reply: Reply = { status, body };
        if (etag !== null) reply.etag = etag;
        if (lastEvent !== null) reply.position = encodeCursor(store, { position: first + lastEvent });
        if (contentType !== undefined) reply.contentType = contentType;
        pending.resolve(reply);
        this.counts.commands++;
      }
      first += work.events.length;
    }
    this.counts.groups++;
    this.counts.events += group.events.length;
    if (group.events.length === 0) return;
    try {
      this.options.appended(before, group.events);
    } catch (error) {
      this.options.log.error({ error: describe(error) }, 'a reader could not be told of an append');
    }
  }

  /** Answers the commands whose keys were used, sends the others that are concerned back, and returns the rest. */
  private async withoutConflicts(works: readonly StreamWork[], conflict: Conflict): Promise<StreamWork[]> {
    const concerned = (work: StreamWork) =>
      conflict.streams.has(work.uuid.toString('hex')) ||
      work.idempotency.some((row) => conflict.keys.has(row.key.toString('hex'))) ||
      work.claims.some((row) => conflict.claims.has(row.claim.toString('hex')));
    if (conflict.epoch) await this.options.reidentify().catch(() => undefined);
    const used: Pending[] = [];
    const again: Pending[] = [];
    for (const work of works.filter(concerned)) {
      this.heads.drop(work.stream);
      for (const { pending } of work.decided) {
        const key = pending.idempotency;
        if (key !== null && conflict.keys.has(key.key)) used.push(pending);
        else again.push(pending);
      }
    }
    for (const pending of again) {
      pending.lost++;
      this.admit(pending);
    }
    await this.answerAgain(used);
    return works.filter((work) => !concerned(work));
  }

  /** Gives the stored answers of requests whose keys were used before. */
  private async answerAgain(pendings: readonly Pending[]): Promise<void> {
    if (pendings.length === 0) return;
    const store = this.options.store();
    let answers: Map<string, StoredAnswer>;
    try {
      const { rows } = await this.options.reads.query<StoredAnswer>({
        name: 'stored_answers',
        text: 'select key, fingerprint, status, response, position, etag from log.idempotency where key = any ($1::uuid[])',
        values: [pendings.map((pending) => pending.idempotency!.key)],
      });
      answers = new Map(rows.map((row) => [row.key.replaceAll('-', ''), row]));
    } catch (error) {
      for (const pending of pendings) pending.reject(isUnavailable(error) ? unavailable() : error);
      return;
    }
    for (const pending of pendings) {
      const { key, fingerprint } = pending.idempotency!;
      const answer = answers.get(key);
      if (answer === undefined) {
        this.admit(pending);
      } else if (answer.fingerprint.replaceAll('-', '') !== fingerprint) {
        pending.reject(keyReused());
      } else {
        try {
          pending.resolve(this.storedReply(pending, answer, store));
        } catch (error) {
          pending.reject(error);
        }
      }
    }
  }

  private storedReply(pending: Pending, answer: StoredAnswer, store: StoreIdentity): Reply {
    const reply: Reply = { status: answer.status, body: keptAnswer(pending, answer.response), replayed: true };
    if (answer.etag !== null) reply.etag = answer.etag;
    if (answer.position !== null) reply.position = encodeCursor(store, { position: Number(answer.position) });
    if (answer.status >= 400) reply.contentType = 'application/problem+json';
    return reply;
  }

  /** After an error that says nothing of a conflict: everyone hears that the store is away, or each goes alone. */
  private async oneByOne(pendings: readonly Pending[], error: unknown): Promise<void> {
    for (const pending of pendings) this.heads.drop(pending.stream);
    if (isUnavailable(error)) {
      for (const pending of pendings) pending.reject(unavailable());
    } else if (pendings.length === 1) {
      this.options.log.error({ error: describe(error), stream: pendings[0]!.stream }, 'a command failed');
      pendings[0]!.reject(erased(error));
    } else {
      for (const pending of pendings) {
        try {
          await this.prepare(pending);
        } catch (cause) {
          pending.reject(isUnavailable(cause) ? unavailable() : erased(cause));
          continue;
        }
        await this.runGroup([pending]);
      }
    }
  }

  /** One command that kept losing: it reads its stream and decides while it holds the store's lock. */
  private async runUnderLock(pending: Pending): Promise<void> {
    let decided: { works: StreamWork[]; group: Group; before: number };
    let works: StreamWork[] = [];
    try {
      decided = await this.options.append.exclusively(async (query) => {
        await query({ text: 'begin' });
        const locked = query({ text: 'select pg_advisory_xact_lock(4851, 1)' });
        const [head] = await readHeads({ query }, [pending.stream]);
        await locked;
        this.heads.drop(pending.stream);
        pending.head = head === undefined ? null : openHead(head, pending.dataKey);
        works = this.decideAll([pending]).works;
        const { statements, group } = this.statementsOf(works);
        const [appended] = await Promise.all(statements.map((statement) => query(statement)));
        await query({ text: 'commit' });
        return { works, group, before: Number((appended!.rows[0] as { before: number }).before) };
      });
    } catch (error) {
      this.heads.drop(pending.stream);
      const conflict = conflictOf(error) ?? keyConflictOf(error, works);
      if (conflict?.epoch === true) await this.options.reidentify().catch(() => undefined);
      if (conflict === null) {
        pending.reject(isUnavailable(error) ? unavailable() : erased(error));
      } else if (pending.idempotency !== null && conflict.keys.size > 0) {
        await this.answerAgain([pending]);
      } else {
        // A claim that was taken meanwhile may lead to another stream.
        this.admit(pending);
      }
      return;
    }
    this.settle(decided.works, decided.group, decided.before);
  }
}

/**
 * About how many events a command comes to, or KiB of text where those are more. A command that brings many things in
 * takes a name for each.
 */
function weightOf({ claims, command }: Pending): number {
  return Math.max(1, claims.length, charactersIn(command) / 1024);
}

function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let characters = 0;
  // A quarter of what Object.values takes, a command: 90 ns for a message.
  for (const key in value) characters += charactersIn(value[key as never]);
  return characters;
}

interface StoredAnswer {
  key: string;
  fingerprint: string;
  status: number;
  response: Buffer;
  position: number | null;
  etag: number | null;
}

const NONE_TAKEN: Map<number, string> = new Map();

/** A person's key that another process made at the same moment: their stream's commands are decided again. */
function keyConflictOf(error: unknown, works: readonly StreamWork[]): Conflict | null {
  const { code, constraint } = error as { code?: string; constraint?: string };
  if (code !== '23505' || constraint !== 'data_keys_one_per_subject') return null;
  const streams = new Set(works.filter((w) => w.madeKey !== null).map((w) => w.uuid.toString('hex')));
  return { streams, keys: new Set(), claims: new Set(), epoch: false };
}

function keyReused(): Problem {
  return new Problem(
    'idempotency_key_reused',
    'This idempotency key was sent with another request before. Use a new key for a new request.',
  );
}

function notFound(stream: string): Problem {
  return new Problem('not_found', `There is no ${stream} in this workspace.`);
}

function versionMismatch(stream: string, version: number): Refusal {
  return refuse(
    'version_mismatch',
    `${stream} is at version ${version}. Read it again, and send If-Match with the ETag that you get.`,
  );
}

function externalIdTaken(pending: Pending): Refusal {
  const owner = [...pending.taken.values()][0]!;
  return refuse(
    'external_id_taken',
    `The external id is taken by ${toId(pending.request.aggregate.prefix, owner)}. Use that one, or choose another id.`,
  );
}

function erased(error: unknown): unknown {
  if (!(error instanceof PersonErasedError)) return error;
  return new Problem('person_erased', `${error.subject} was erased: nothing more can be kept of them.`);
}

function describe(error: unknown): { name: string; code: string | undefined; stack: string | undefined } {
  const { name, code, stack } = error as { name: string; code?: string; stack?: string };
  return { name, code, stack: stack?.split('\n').slice(1, 6).join('\n') };
}
