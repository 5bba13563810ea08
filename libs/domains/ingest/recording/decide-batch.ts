import { personErased, unknownReference } from '../../../platform/commands/command-problems.js';
import { isRefusal } from '../../../platform/kernel/decider.js';
import type { EventMeta } from '../../../platform/kernel/event.js';
import { idToBytes, newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { DataKey } from '../../../platform/keys/data-key.js';
import type { Timing } from '../activities/activity.commands.js';
import { activityDecider } from '../activities/activity.decider.js';
import { activityStreamOf } from '../activities/activity-stream.js';
import type { ActivityInput, ActivityOutcome } from '../activity-input.js';
import { nameOfType } from '../event-types/event-types.js';
import type { Allowance } from '../event-types/work-budget.js';
import { type GroupState, ownerOf } from './group-state.js';
import type { DecidingPorts, GroupWork } from './group-work.js';
import { keptOutcomes } from './kept-outcomes.js';
import { type ActivityHead, type Known, nameOf } from './known.js';
import type { PendingBatch } from './pending-batch.js';

/** Of an activity's data, bytes: it goes into one record of Kafka with all else. */
const MOST_DATA = 256 * 1024;
/** What the data of one batch may cost to check, about half a second: nothing else is done meanwhile. */
const MOST_STEPS = 5_000_000;

export interface Deciding extends DecidingPorts {
  known: Known;
  state: GroupState;
  now: number;
}

/** Whether one of a batch's ids is being recorded by a group that has not ended: nobody knows yet what to answer. */
export function waitsForAnother(batch: PendingBatch, first: number, group: GroupWork, { known, state }: Deciding) {
  return batch.items.some((_, i) => {
    const id = state.ids[first + i];
    const taken = id == null ? undefined : known.ids.get(id);
    return taken !== undefined && taken.group !== group;
  });
}

/**
 * Decides a batch, row by row, into the group's work: one row that is refused leaves the others as they are. What is in
 * `known` afterwards is what will be so once the group has committed. `first` is the place of its first row in the state.
 */
export function decideBatch(batch: PendingBatch, first: number, group: GroupWork, deciding: Deciding): void {
  const before = group.events.length;
  const allowance = { steps: MOST_STEPS };
  const outcomes = batch.items.map((item, i) => decideItem(batch, item, first + i, group, deciding, allowance));
  group.checkingSteps += MOST_STEPS - allowance.steps;
  const lastEvent = group.events.length === before ? null : group.events.length - 1;
  group.decided.push({ batch, outcomes, lastEvent });
  const { idempotency } = batch;
  // Where nothing was recorded, a repeat finds the same, or what has become possible since.
  if (idempotency === null || lastEvent === null) return;
  group.idempotency.push({
    key: Buffer.from(idempotency.key, 'hex'),
    fingerprint: Buffer.from(idempotency.fingerprint, 'hex'),
    status: 200,
    response: keptOutcomes(outcomes, deciding.state.workspaceKeys.get(batch.workspace)!, idempotency.key),
    event: lastEvent,
    etag: null,
  });
}

function decideItem(
  batch: PendingBatch,
  item: ActivityInput,
  place: number,
  group: GroupWork,
  deciding: Deciding,
  allowance: Allowance,
): ActivityOutcome {
  const { known, state, now } = deciding;
  const id = state.ids[place]!;
  if (id !== null) {
    const event = known.ids.get(id)?.event ?? state.recorded.get(id);
    if (event !== undefined) return { status: 'duplicate', event };
  }
  const { subject } = item;
  const found = headOf(batch, item, place, deciding);
  const isNew = found === null && 'externalId' in subject && subject.type === 'customer';
  if (!isNew && found?.workspace !== batch.workspace) return refused(unknownSubject(item));

  const data = jsonOf(item.data);
  if (data === null) {
    return refused(
      new Problem('invalid_value', `data is more than ${MOST_DATA / 1024} KiB of JSON, or nested too deeply.`),
    );
  }
  const validator = state.validators.get(nameOfType(batch.workspace, item.type));
  const wrong = validator?.refusalOf(item.data, allowance) ?? null;
  if (wrong !== null) return refused(wrong);
  const head = found ?? newCustomer(batch.workspace);
  const decision = activityDecider.decide(
    {
      type: 'record',
      activityType: item.type,
      typeVersion: validator?.version ?? null,
      source: item.source,
      deduplicationKey: id,
      externalId: item.id ?? null,
      subjectType: subject.type,
      subjectId: head.subject,
      customerId: head.customer,
      unknownCustomer: isNew ? subject.externalId : null,
      occurredAt: item.occurredAt ?? null,
      now,
      data: JSON.stringify(item.data),
    },
    null,
  );
  if (isRefusal(decision)) return refused(new Problem(decision.refused, decision.detail));
  const dataKey = keyOf(head, group, deciding);
  if (dataKey.key === null) {
    const { refused: code, detail } = personErased(dataKey.subject);
    return refused(new Problem(code, detail));
  }

  const [event] = decision as [(typeof decision)[number]];
  if (!group.touched.has(head.subject)) {
    group.touched.set(head.subject, { head, base: head.version });
    if (isNew) known.heads.set(head.subject, head);
  }
  const meta: EventMeta = {
    id: newId('evt'),
    workspace: batch.workspace,
    stream: head.stream,
    seq: ++head.version,
    type: event.type,
    occurred_at: event.occurredAt!,
    recorded_at: now,
    actor: batch.caller.actor,
    correlation_id: batch.caller.requestId,
    causation_id: null,
    traceparent: batch.caller.traceparent,
    ext: {},
  };
  const { fingerprint, payload } = deciding.codec.encode(event.type, meta, event.data, dataKey);
  group.events.push({
    workspace: batch.uuid,
    stream: head.uuid,
    seq: meta.seq,
    type: event.type,
    recordedAt: now,
    fingerprint,
    payload,
  });
  group.bytes += payload.length;
  group.projected.push({ ...event, meta });
  if (id !== null) {
    known.ids.set(id, { event: meta.id, group });
    group.ids.push(id);
  }
  if (isNew) {
    const name = nameOf(batch.workspace, subject);
    const claim = state.freeNames.get(name)!;
    known.names.set(name, head.subject);
    group.claims.push({ claim, workspace: batch.uuid, stream: idToBytes(head.subject), name });
  }
  return {
    status: 'recorded',
    event: meta.id,
    stream: head.stream,
    seq: meta.seq,
    subject: head.subject,
    timing: event.data.timing as Timing,
  };
}

/** Null for what is too long, or more deeply nested than a program's stack. */
function jsonOf(data: unknown): string | null {
  try {
    const text = JSON.stringify(data) ?? 'null';
    return text.length <= MOST_DATA / 3 || Buffer.byteLength(text) <= MOST_DATA ? text : null;
  } catch {
    return null;
  }
}

/** What was read; or what a group has made of it since, or of the name. */
function headOf(
  { workspace }: PendingBatch,
  { subject }: ActivityInput,
  place: number,
  { known, state }: Deciding,
): ActivityHead | null {
  const read = state.heads[place]!;
  if (read !== null) return read.isStale ? (known.heads.get(read.subject) ?? read) : read;
  const named = 'externalId' in subject ? known.names.get(nameOf(workspace, subject)) : undefined;
  return named === undefined ? null : (known.heads.get(named) ?? null);
}

function newCustomer(workspace: string): ActivityHead {
  const subject = newId('cus');
  const stream = activityStreamOf(subject);
  return { subject, workspace, stream, uuid: idToBytes(stream), version: 0, customer: subject, isStale: false };
}

/** The key that seals what is said on a stream: whoever has none yet gets one with their first event. */
function keyOf(head: ActivityHead, group: GroupWork, { known, state, keys }: Deciding): DataKey {
  const owner = ownerOf(head);
  const dataKey = state.dataKeys.get(owner) ?? known.madeKeys.get(owner);
  if (dataKey !== undefined) return dataKey;
  const made = keys.makeUnder(state.workspaceKeys.get(head.workspace)!, owner);
  known.madeKeys.set(owner, made.dataKey);
  group.madeKeys.set(owner, made);
  return made.dataKey;
}

function refused(problem: Problem): ActivityOutcome {
  return { status: 'refused', problem };
}

/** An external id may name a person: it is not said again. */
function unknownSubject({ subject }: ActivityInput): Problem {
  if ('id' in subject) return unknownReference(subject.id);
  return new Problem('unknown_reference', `There is no ${subject.type} with this external id. Make it first.`);
}
