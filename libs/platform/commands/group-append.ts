import { type Conflict, conflictOf, type EventRow, type Group } from '../event-store/append.js';
import { TAKE_APPEND_LOCK } from '../event-store/append-lock.js';
import { encodeCursor } from '../event-store/cursor.js';
import { loggedError } from '../observability/logged-error.js';
import type { Reply } from '../operations/reply.js';
import { type Connection, isUnavailable } from '../postgres/connection.js';
import { problemOf } from './command-problems.js';
import { type DecisionPorts, decideGroup } from './decision.js';
import { type StatementPorts, statementsOf } from './group-statements.js';
import { openHead, readHeads } from './heads.js';
import type { Pending } from './pending.js';
import type { Preparation } from './preparation.js';
import { replyAgain } from './reply-again.js';
import { answerAgain } from './stored-answers.js';
import type { StreamWork } from './stream-work.js';

/** What the shell counted since it was made. */
export interface AppendCounts {
  groups: number;
  commands: number;
  events: number;
  conflicts: number;
}

export interface GroupAppendPorts extends DecisionPorts, StatementPorts {
  append: Connection;
  reads: Connection;
  preparation: Preparation;
  reidentify(): Promise<void>;
  appended(before: number, events: readonly EventRow[]): void;
  log: { error(detail: object, message: string): void };
  beforeAppend?: () => Promise<void>;
}

/** Where commands go that their group does not answer. */
export interface NextGroups {
  /** To be prepared again, for what was found for them is no longer so. */
  admit(pending: Pending): void;
  /** To the head of the queue, prepared as they are. */
  putFirst(pendings: readonly Pending[]): void;
}

/**
 * Steps 3 to 5 of the write shell, append, answer and signal: takes a group through its transaction, and every command
 * of it to an answer or back to the queue. Owns the counts, and alone appends; tells the cache of heads what a commit
 * made true and what an error made doubtful.
 *
 * Each stream's base version is compared once, inside the append. A group that meets a stale base, a key that was used
 * or a claim that was taken is refused whole, goes again without the streams concerned, and those are decided again.
 */
export class GroupAppend {
  readonly counts: AppendCounts = { groups: 0, commands: 0, events: 0, conflicts: 0 };

  constructor(
    private readonly ports: GroupAppendPorts,
    private readonly next: NextGroups,
  ) {}

  /** Resolves when each of the commands is answered or on its way to another group. */
  async run(pendings: readonly Pending[]): Promise<void> {
    let works: StreamWork[];
    let postponed: Pending[];
    try {
      ({ works, postponed } = decideGroup(pendings, this.ports));
      await this.ports.beforeAppend?.();
    } catch (error) {
      return this.oneByOne(pendings, error);
    }
    // Not before all are decided: where one of them throws, each goes alone, these too.
    this.next.putFirst(postponed);
    while (works.length > 0) {
      let group: Group;
      let before: number;
      try {
        const made = statementsOf(works, this.ports);
        group = made.group;
        const results = await this.ports.append.transaction(made.statements);
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

  /** One command that kept losing: it reads its stream and decides while it holds the store's lock. */
  async runUnderLock(pending: Pending): Promise<void> {
    let decided: { works: StreamWork[]; group: Group; before: number };
    let works: StreamWork[] = [];
    try {
      decided = await this.ports.append.exclusively(async (query) => {
        await query({ text: 'begin' });
        // The lock comes first: where it is not to be had, its error is the one that says why.
        const locked = query({ text: TAKE_APPEND_LOCK });
        const [[head]] = await Promise.all([readHeads({ query }, [pending.stream]), locked]);
        this.ports.heads.drop(pending.stream);
        pending.head = head === undefined ? null : openHead(head, pending.dataKey);
        works = decideGroup([pending], this.ports).works;
        const { statements, group } = statementsOf(works, this.ports);
        const [appended] = await Promise.all(statements.map((statement) => query(statement)));
        await query({ text: 'commit' });
        return { works, group, before: Number((appended!.rows[0] as { before: number }).before) };
      });
    } catch (error) {
      this.ports.heads.drop(pending.stream);
      const conflict = conflictOf(error) ?? keyConflictOf(error, works);
      if (conflict?.epoch === true) await this.ports.reidentify().catch(() => undefined);
      if (conflict === null) {
        pending.reject(problemOf(error));
      } else if (pending.idempotency !== null && conflict.keys.size > 0) {
        await this.answerOrAdmit([pending]);
      } else {
        // A claim that was taken meanwhile may lead to another stream.
        this.next.admit(pending);
      }
      return;
    }
    this.settle(decided.works, decided.group, decided.before);
  }

  /** After the commit: its heads and keys hold, its commands have their answers, and the readers hear of it. */
  private settle(works: readonly StreamWork[], group: Group, before: number): void {
    const store = this.ports.store();
    let first = before + 1;
    const commands = works.reduce((sum, { decided }) => sum + decided.length, 0);
    for (const work of works) {
      if (work.version > 0 && work.state !== null) {
        this.ports.heads.set({
          stream: work.stream,
          workspace: work.workspace,
          type: work.type,
          version: work.version,
          state: work.state,
        });
      }
      if (work.madeKey !== null) this.ports.keys.keep(work.madeKey);
      if (work.withheld.length > 0) this.ports.keys.withheld(work.withheld);
      for (const { pending, status, body, etag, lastEvent, contentType, isKept } of work.decided) {
        const reply: Reply = { status, body };
        if (etag !== null) reply.etag = etag;
        const { workspace: whose } = pending.request;
        if (lastEvent !== null) reply.position = encodeCursor(store, { position: first + lastEvent }, whose);
        if (contentType !== undefined) reply.contentType = contentType;
        pending.span?.appendedWith(commands, group.events.length);
        if (isKept || pending.idempotency === null) pending.resolve(reply);
        else void this.answerUnlessBefore(pending, reply);
      }
      first += work.events.length;
    }
    this.counts.groups++;
    this.counts.commands += commands;
    this.counts.events += group.events.length;
    if (group.events.length === 0) return;
    try {
      this.ports.appended(before, group.events);
    } catch (error) {
      this.ports.log.error({ error: loggedError(error) }, 'a reader could not be told of an append');
    }
  }

  /** A refusal that is not kept was compared with no key in the append: what was answered under the key before is answered. */
  private async answerUnlessBefore(pending: Pending, refusal: Reply): Promise<void> {
    const [unknown] = await this.answerAgain([pending]);
    unknown?.resolve(refusal);
  }

  /** Answers the commands whose keys were used, sends the others that are concerned back, and returns the rest. */
  private async withoutConflicts(works: readonly StreamWork[], conflict: Conflict): Promise<StreamWork[]> {
    const concerned = (work: StreamWork) =>
      conflict.streams.has(work.uuid.toString('hex')) ||
      work.idempotency.some((row) => conflict.keys.has(row.key.toString('hex'))) ||
      work.claims.some((row) => conflict.claims.has(row.claim.toString('hex'))) ||
      [...work.moves].some(([name, { held }]) => held && conflict.claims.has(name));
    if (conflict.epoch) await this.ports.reidentify().catch(() => undefined);
    const used: Pending[] = [];
    const again: Pending[] = [];
    for (const work of works.filter(concerned)) {
      this.ports.heads.drop(work.stream);
      for (const { pending } of work.decided) {
        const key = pending.idempotency;
        if (key !== null && conflict.keys.has(key.key)) used.push(pending);
        else again.push(pending);
      }
    }
    for (const pending of again) {
      pending.lost++;
      this.next.admit(pending);
    }
    await this.answerOrAdmit(used);
    return works.filter((work) => !concerned(work));
  }

  /** Of requests whose keys were used; what nothing is kept of goes on as if it came now. */
  private async answerOrAdmit(used: readonly Pending[]): Promise<void> {
    for (const pending of await this.answerAgain(used)) this.next.admit(pending);
  }

  private answerAgain(pendings: readonly Pending[]): Promise<Pending[]> {
    const store = this.ports.store();
    return answerAgain(pendings, this.ports.reads, (pending, stored) => replyAgain(pending, stored, store));
  }

  /** After an error that says nothing of a conflict: everyone hears that the store is away, or each goes alone. */
  private async oneByOne(pendings: readonly Pending[], error: unknown): Promise<void> {
    for (const pending of pendings) this.ports.heads.drop(pending.stream);
    if (isUnavailable(error)) {
      for (const pending of pendings) pending.reject(problemOf(error));
    } else if (pendings.length === 1) {
      this.ports.log.error({ error: loggedError(error), stream: pendings[0]!.stream }, 'a command failed');
      pendings[0]!.reject(problemOf(error));
    } else {
      for (const pending of pendings) {
        try {
          await this.ports.preparation.load(pending);
        } catch (cause) {
          pending.reject(problemOf(cause));
          continue;
        }
        await this.run([pending]);
      }
    }
  }
}

/** A person's key that another process made at the same moment: their stream's commands are decided again. */
function keyConflictOf(error: unknown, works: readonly StreamWork[]): Conflict | null {
  const { code, constraint } = error as { code?: string; constraint?: string };
  if (code !== '23505' || constraint !== 'data_keys_one_per_subject') return null;
  const streams = new Set(works.filter((w) => w.madeKey !== null).map((w) => w.uuid.toString('hex')));
  return { streams, keys: new Set(), claims: new Set(), epoch: false };
}
