import type { Entry } from './ledger.js';
import type { Observation, ObservedEvent, StoredRow } from './observation.js';

/**
 * - `lost`: promised to a client, and not there
 * - `twice`: one write, or one place in a stream, that stands more than once
 * - `altered`: another text than was sent, a text nobody sent, or a second answer unlike the first
 * - `swapped`: another seq than was promised, or a stream whose seq order is not its position order
 * - `hole`: a seq or a position that is missing
 * - `impossible`: a change that no state of its conversation allowed, or that was refused and stands all the same
 * - `disagreeing`: two read models, or a read model and the store, that tell different stories
 */
export const FINDING_KINDS = ['lost', 'twice', 'altered', 'swapped', 'hole', 'impossible', 'disagreeing'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  kind: FindingKind;
  what: string;
}

export interface Verdict {
  tried: number;
  acknowledged: number;
  findings: Finding[];
  count: Record<FindingKind, number>;
}

/** Holds what was promised against what was read back. Pure: neither network nor clock. */
export function check(entries: readonly Entry[], seen: Observation): Verdict {
  const findings: Finding[] = [];
  const found = (kind: FindingKind, what: string) => {
    findings.push({ kind, what });
  };
  const eventsOf = groupBy(seen.events, (event) => event.stream);
  const entriesOf = groupBy(entries, (entry) => entry.stream);

  for (const stream of new Set([...eventsOf.keys(), ...entriesOf.keys()])) {
    const events = eventsOf.get(stream) ?? [];
    checkSequence(stream, events, found);
    checkTransitions(stream, events, found);
    checkPromises(stream, entriesOf.get(stream) ?? [], events, found);
  }
  checkMessageList(eventsOf, seen, found);
  checkFacts(eventsOf, seen, found);
  if (seen.rows !== null) checkRows(seen.rows, eventsOf, found);

  const acknowledged = entries.filter((entry) => entry.outcome === 'acknowledged').length;
  return { tried: entries.length, acknowledged, findings, count: countOf(findings) };
}

/** A verdict with what another judge found. */
export function withFindings(verdict: Verdict, more: readonly Finding[]): Verdict {
  const findings = [...verdict.findings, ...more];
  return { ...verdict, findings, count: countOf(findings) };
}

function countOf(findings: readonly Finding[]): Record<FindingKind, number> {
  return Object.fromEntries(
    FINDING_KINDS.map((kind) => [kind, findings.filter((finding) => finding.kind === kind).length]),
  ) as Record<FindingKind, number>;
}

type Found = (kind: FindingKind, what: string) => void;

/** Every seq from 1, once each, and positions that rise with it. */
function checkSequence(stream: string, events: readonly ObservedEvent[], found: Found): void {
  const bySeq = groupBy(events, (event) => event.seq);
  const highest = events.reduce((max, event) => Math.max(max, event.seq), 0);
  for (let seq = 1; seq <= highest; seq++) {
    const here = bySeq.get(seq)?.length ?? 0;
    if (here === 0) found('hole', `${stream} has no event ${seq} of ${highest}`);
    if (here > 1) found('twice', `${stream} has event ${seq} ${here} times`);
  }
  const ordered = events.filter((event) => event.position !== null).sort((a, b) => a.seq - b.seq);
  for (let i = 1; i < ordered.length; i++) {
    const [before, after] = [ordered[i - 1]!, ordered[i]!];
    if (after.seq > before.seq && after.position! <= before.position!) {
      found('swapped', `${stream} has seq ${after.seq} at position ${after.position}, before seq ${before.seq}`);
    }
  }
}

/** Created once and first; closed only when open, reopened only when closed; never assigned to whom it had already. */
function checkTransitions(stream: string, events: readonly ObservedEvent[], found: Found): void {
  let closed = false;
  for (const event of [...events].sort((a, b) => a.seq - b.seq)) {
    const at = `${stream} at seq ${event.seq}`;
    if ((event.type === 'conversation.created') !== (event.seq === 1)) found('impossible', `${at}: ${event.type}`);
    if (event.type === 'conversation.closed') {
      if (closed) found('impossible', `${at}: closed when it was closed`);
      closed = true;
    }
    if (event.type === 'conversation.reopened') {
      if (!closed) found('impossible', `${at}: reopened when it was open`);
      closed = false;
    }
  }
}

const EVENT_OF = {
  close: 'conversation.closed',
  reopen: 'conversation.reopened',
  assign: 'conversation.assigned',
} as const;

/** Each promise kept, each refusal kept, nothing written that was not asked for. */
function checkPromises(
  stream: string,
  entries: readonly Entry[],
  events: readonly ObservedEvent[],
  found: Found,
): void {
  const messages = events.filter((event) => event.type === 'message.created');
  const byText = groupBy(messages, (event) => event.text ?? '');
  const byId = new Map(messages.map((event) => [event.messageId, event]));
  const bySeq = new Map(events.map((event) => [event.seq, event]));
  const asked = new Set<string>();

  for (const entry of entries) {
    for (const contradiction of entry.contradictions) found('altered', `${stream}, key ${entry.key}: ${contradiction}`);
    if (entry.kind === 'message') {
      const text = entry.text ?? '';
      asked.add(text);
      const standing = byText.get(text) ?? [];
      if (standing.length > 1) {
        found('twice', `${stream} has "${brief(text)}" at seqs ${standing.map((event) => event.seq).join(', ')}`);
      }
      if (entry.outcome === 'refused' && standing.length > 0) {
        found('impossible', `${stream} has "${brief(text)}", which was refused`);
      }
      if (entry.ack === null) continue;
      const kept = byId.get(entry.ack.id);
      if (kept === undefined) {
        // Under another id it was still lost to the client that holds this one.
        found('lost', `${stream} has no message ${entry.ack.id}, promised at seq ${entry.ack.seq} ("${brief(text)}")`);
      } else {
        if (kept.text !== text) {
          found('altered', `${stream}, ${entry.ack.id}: sent "${brief(text)}", found "${brief(kept.text ?? '')}"`);
          asked.add(kept.text ?? '');
        }
        if (entry.ack.seq !== null && kept.seq !== entry.ack.seq) {
          found('swapped', `${stream}, ${entry.ack.id}: promised at seq ${entry.ack.seq}, found at ${kept.seq}`);
        }
      }
    } else if (entry.ack !== null && entry.ack.seq !== null) {
      const there = bySeq.get(entry.ack.seq);
      if (there === undefined)
        found('lost', `${stream}: the ${entry.kind} promised at seq ${entry.ack.seq} is not there`);
      else if (there.type !== EVENT_OF[entry.kind]) {
        found('swapped', `${stream}: a ${entry.kind} was promised at seq ${entry.ack.seq}, found ${there.type}`);
      }
    }
  }
  for (const [text, standing] of byText) {
    if (!asked.has(text))
      found('altered', `${stream} has "${brief(text)}" at seq ${standing[0]?.seq}, which nobody sent`);
  }
  for (const kind of ['close', 'reopen', 'assign'] as const) checkNumber(stream, kind, entries, events, found);
}

/** State changes made by hand carry no text to find them by: their number lies between those promised and those that may have gone in. */
function checkNumber(
  stream: string,
  kind: keyof typeof EVENT_OF,
  entries: readonly Entry[],
  events: readonly ObservedEvent[],
  found: Found,
): void {
  const there = events.filter((event) => event.type === EVENT_OF[kind] && event.messageId === null).length;
  const mine = entries.filter((entry) => entry.kind === kind);
  const promised = mine.filter((entry) => entry.outcome === 'acknowledged').length;
  const possible = promised + mine.filter((entry) => entry.outcome === 'unknown').length;
  const sentence = `${stream} has ${there} ${EVENT_OF[kind]}; ${promised} were promised, ${possible} are possible`;
  if (there < promised) found('lost', sentence);
  if (there > possible) found('twice', sentence);
}

/** The list of messages is the `message.created` events, one for one and in their order. */
function checkMessageList(eventsOf: Map<string, ObservedEvent[]>, seen: Observation, found: Found): void {
  const listOf = groupBy(seen.messages, (message) => message.stream);
  for (const stream of new Set([...eventsOf.keys(), ...listOf.keys()])) {
    const events = (eventsOf.get(stream) ?? []).filter((event) => event.type === 'message.created');
    const listed = listOf.get(stream) ?? [];
    const wanted = new Map(events.map((event) => [event.messageId, event]));
    const times = groupBy(listed, (message) => message.id);
    for (const [id, here] of times) {
      const event = wanted.get(id);
      if (here.length > 1) found('twice', `${stream} lists message ${id} ${here.length} times`);
      if (event === undefined) found('disagreeing', `${stream} lists message ${id}, which no event made`);
      else if (event.seq !== here[0]!.seq) {
        found('disagreeing', `${stream} lists message ${id} at seq ${here[0]!.seq}, its event is ${event.seq}`);
      } else if (event.text !== here[0]!.text) found('disagreeing', `${stream} lists message ${id} with another text`);
    }
    for (const id of wanted.keys()) {
      if (id !== null && !times.has(id))
        found('disagreeing', `${stream} does not list message ${id}, which has an event`);
    }
  }
}

function checkFacts(eventsOf: Map<string, ObservedEvent[]>, seen: Observation, found: Found): void {
  const types = {
    messages: 'message.created',
    closes: 'conversation.closed',
    reopens: 'conversation.reopened',
  } as const;
  for (const facts of seen.facts) {
    for (const [name, type] of Object.entries(types) as [keyof typeof types, string][]) {
      const counted = facts[name];
      if (counted === null) continue;
      const there = (eventsOf.get(facts.stream) ?? []).filter((event) => event.type === type).length;
      if (counted !== there) {
        found('disagreeing', `analytics counts ${counted} ${name} of ${facts.stream}, the events are ${there}`);
      }
    }
  }
}

/** The store itself: positions dense from 1, streams dense from 1, and the same story as the API tells. */
function checkRows(rows: readonly StoredRow[], eventsOf: Map<string, ObservedEvent[]>, found: Found): void {
  const ordered = [...rows].sort((a, b) => a.position - b.position);
  let expected = 1;
  for (const row of ordered) {
    if (row.position === expected - 1) found('twice', `position ${row.position} holds two events`);
    else if (row.position > expected) {
      found('hole', `the store has no positions ${expected} to ${row.position - 1}`);
    }
    expected = row.position + 1;
  }
  const rowsOf = groupBy(ordered, (row) => row.stream);
  for (const [stream, mine] of rowsOf) {
    const seqs = new Set<number>();
    let last = 0;
    for (const row of mine) {
      if (seqs.has(row.seq)) found('twice', `the store has stream ${stream}, seq ${row.seq} twice`);
      else if (row.seq < last) {
        found(
          'swapped',
          `the store has stream ${stream}, seq ${row.seq} at position ${row.position}, after seq ${last}`,
        );
      }
      seqs.add(row.seq);
      last = Math.max(last, row.seq);
    }
    for (let seq = 1; seq <= last; seq++) {
      if (!seqs.has(seq)) found('hole', `the store has no seq ${seq} of stream ${stream}, which goes to ${last}`);
    }
  }
  for (const [stream, events] of eventsOf) {
    const mine = new Map((rowsOf.get(uuidOf(stream)) ?? []).map((row) => [row.seq, row]));
    for (const event of events) {
      const row = mine.get(event.seq);
      if (row === undefined)
        found('disagreeing', `the API shows ${stream}, seq ${event.seq}; the store has no such row`);
      else if (row.type !== event.type || (event.position !== null && event.position !== row.position)) {
        found(
          'disagreeing',
          `the API shows ${stream}, seq ${event.seq} as ${event.type} at position ${event.position}; \
the store has ${row.type} at ${row.position}`,
        );
      }
    }
    if (mine.size > new Set(events.map((event) => event.seq)).size) {
      found('disagreeing', `the store has ${mine.size} events of ${stream}, the API shows ${events.length}`);
    }
  }
}

/** The 32 hex digits behind a prefixed id. */
export function uuidOf(id: string): string {
  return id.slice(id.indexOf('_') + 1).replaceAll('-', '');
}

function brief(text: string): string {
  return text.length <= 32 ? text : `${text.slice(0, 32)}…`;
}

function groupBy<T, K>(all: readonly T[], keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
