import type { EventCodec } from '../event-codec/event-codec.js';
import { isRefusal, type Refusal } from '../kernel/decider.js';
import type { DomainEvent, EventMeta } from '../kernel/event.js';
import { idToBytes, newId } from '../kernel/id.js';
import { NOT_KEPT, Problem } from '../kernel/problem.js';
import type { DataKey } from '../keys/data-key.js';
import type { KeyStore } from '../keys/key-store.js';
import { claimHash } from '../keys/workspace-key.js';
import type { Claim } from './command.js';
import { externalIdTaken, personErased, versionMismatch } from './command-problems.js';
import type { HeadCache } from './head-cache.js';
import { answerToKeep } from './kept-answer.js';
import type { Pending } from './pending.js';
import { isSealedState, sealState } from './sealed-state.js';
import { StreamWork } from './stream-work.js';

/** What decisions are made with. Of the heads they read alone: nothing is true before the commit. */
export interface DecisionPorts {
  heads: HeadCache;
  codec: EventCodec;
  keys: KeyStore;
}

export interface GroupDecision {
  works: StreamWork[];
  /** Commands that want a name which another stream of the group takes: they are decided after that. */
  postponed: Pending[];
}

/**
 * Step 2 of the write shell, decide: each command on the state that the ones before it left, to the rows and the answer
 * that the append makes true. Does no I/O and owns nothing but the works that it returns. What a decider or the codec
 * throws leaves the commands as they were.
 */
export function decideGroup(pendings: readonly Pending[], ports: DecisionPorts): GroupDecision {
  const works = new Map<string, StreamWork>();
  const postponed: Pending[] = [];
  const claimants = new Map<string, string>();
  for (const pending of pendings) {
    if (isClaimedInGroup(pending, claimants)) {
      postponed.push(pending);
      continue;
    }
    let work = works.get(pending.stream);
    if (work === undefined) {
      work = beginWork(pending, ports.heads);
      works.set(pending.stream, work);
    }
    const refusal = decide(pending, work, ports);
    if (refusal !== null) recordRefusal(pending, work, refusal);
  }
  return { works: [...works.values()], postponed };
}

/** Whether another stream of the group takes one of the command's names. */
function isClaimedInGroup({ claims, stream }: Pending, claimants: Map<string, string>): boolean {
  const names = claims.map((claim) => claim.toString('hex'));
  if (names.some((name) => (claimants.get(name) ?? stream) !== stream)) return true;
  for (const name of names) claimants.set(name, stream);
  return false;
}

function beginWork(pending: Pending, heads: HeadCache): StreamWork {
  // What was known when the command came may be older than what this process has appended since. A head that is being
  // read again, for another command, is no state until it is opened.
  const newest = heads.get(pending.stream);
  const head = newest === undefined || isSealedState(newest.state) ? pending.head : newest;
  return new StreamWork(
    pending.stream,
    idToBytes(pending.stream),
    pending.workspace,
    idToBytes(pending.workspace),
    pending.request.aggregate.type,
    head?.version ?? 0,
    head?.state ?? null,
  );
}

function decide(pending: Pending, work: StreamWork, ports: DecisionPorts): Refusal | null {
  const { request } = pending;
  const { aggregate } = request;
  const refusal = refusedUnheard(pending, work);
  if (refusal !== null) return refusal;
  const decision = aggregate.decider.decide(pending.command, work.state);
  if (isRefusal(decision)) return decision;

  const created = work.version === 0 && decision.length > 0;
  const key = keyFor(pending, work, created, ports.keys);
  const now = Date.now();
  for (const event of decision) addEvent(pending, work, event, key, now, ports.codec);
  if (decision.length > 0) {
    work.stateText =
      aggregate.personalState && key !== null
        ? sealState(key, pending.workspace, work.state!)
        : JSON.stringify(work.state);
    if (aggregate.releasesOf === undefined) for (const claim of pending.claims) takeName(work, claim);
    else moveNames(pending, work, decision);
  }
  const { status, body } = request.respond({
    stream: pending.stream,
    seq: work.version,
    state: work.state,
    created,
    events: decision.length,
  });
  record(pending, work, { status, body: JSON.stringify(body), appended: decision.length > 0, isKept: status !== 404 });
  return null;
}

function takeName(work: StreamWork, claim: Buffer): void {
  work.claims.push({ claim, workspace: work.workspaceUuid, stream: work.uuid });
}

/**
 * What the events take and give up, in their order. A name that was the stream's own when it was looked up may have been
 * given up since, so that it is taken again, or kept: the append finds out which.
 */
function moveNames(
  { request: { aggregate }, owners, stream, workspaceKey }: Pending,
  work: StreamWork,
  events: readonly DomainEvent[],
): void {
  const hashOf = ({ kind, scope = '', value }: Claim) => claimHash(workspaceKey!, kind, scope, value);
  for (const event of events) {
    for (const claim of aggregate.releasesOf!(event, stream).map(hashOf)) {
      const name = claim.toString('hex');
      work.moves.set(name, { claim, held: work.moves.get(name)?.held ?? false, released: true });
    }
    for (const claim of (aggregate.claimsOf?.(event, stream) ?? []).map(hashOf)) {
      const name = claim.toString('hex');
      const owner = owners.get(name);
      if (!owners.has(name)) throw new Error(`${event.type} takes a name that its command did not look up.`);
      if (owner === undefined) {
        takeName(work, claim);
        const before = work.moves.get(name);
        if (before !== undefined) before.released = false;
      } else if (owner === work.uuid.toString('hex')) work.moves.set(name, { claim, held: true, released: false });
      else throw new Error(`${event.type} takes a name of another stream, which its decider has to refuse.`);
    }
  }
}

/** What is refused whatever the decider would say. */
function refusedUnheard({ request, taken, stream, dataKey }: Pending, { version }: StreamWork): Refusal | null {
  const { ifMatch } = request.caller;
  if (taken.size > 0 && request.toleratesTaken !== true) return externalIdTaken(request.aggregate.prefix, taken);
  if (ifMatch !== null && ifMatch !== version) return versionMismatch(stream, version);
  if (dataKey !== null && dataKey.key === null) return personErased(dataKey.subject);
  return null;
}

/** The key that seals this command's events; made with the person's own stream. */
function keyFor(pending: Pending, work: StreamWork, created: boolean, keys: KeyStore): DataKey | null {
  if (created && pending.request.aggregate.personalState && pending.dataKey === null) {
    work.madeKey = keys.makeUnder(pending.workspaceKey!, pending.stream);
  }
  return work.madeKey?.dataKey ?? pending.dataKey;
}

function addEvent(
  pending: Pending,
  work: StreamWork,
  event: DomainEvent,
  key: DataKey | null,
  now: number,
  codec: EventCodec,
): void {
  const { span, request } = pending;
  const { aggregate, caller } = request;
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
    traceparent: span === null ? caller.traceparent : span.traceparent,
    ext: {},
  };
  const { fingerprint, payload } = codec.encode(event.type, meta, event.data as never, key);
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
  for (const seq of aggregate.withholds?.(event) ?? []) {
    if (key === null)
      throw new Error(`${event.type} withholds events of ${pending.stream}, which has no person's key.`);
    work.withheld.push({ stream: pending.stream, seq, workspace: pending.workspace, key: key.id });
  }
  work.state = aggregate.decider.evolve(work.state as never, event);
}

function recordRefusal(pending: Pending, work: StreamWork, { refused, detail }: Refusal): void {
  const problem = new Problem(refused, detail);
  const body = JSON.stringify(problem.toBody());
  // What does not exist may exist when the request is sent again.
  const isKept = problem.status !== 404 && !NOT_KEPT.has(refused);
  record(pending, work, {
    status: problem.status,
    body,
    appended: false,
    isKept,
    contentType: 'application/problem+json',
  });
}

interface Answer {
  status: number;
  body: string;
  appended: boolean;
  /** Whether a request with the same key gets it again. */
  isKept: boolean;
  contentType?: string;
}

/** Writes down what the command is answered after the commit, and what is kept of that for retries. */
function record(pending: Pending, work: StreamWork, { status, body, appended, isKept, contentType }: Answer): void {
  const etag = work.version > 0 ? work.version : null;
  const lastEvent = appended ? work.events.length - 1 : null;
  work.decided.push({ pending, status, body, etag, lastEvent, contentType, isKept });
  const key = pending.idempotency;
  if (key === null || !isKept) return;
  work.idempotency.push({
    key: Buffer.from(key.key, 'hex'),
    fingerprint: Buffer.from(key.fingerprint, 'hex'),
    status,
    response: answerToKeep(pending, body),
    event: lastEvent,
    etag,
  });
}
