import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../checker.js';
import { type Arrival, isTaken, type SinkReport } from './arrival.js';
import type { LoggedEvent } from './webhook-log.js';

/** An endpoint as it was asked for. */
export interface JudgedEndpoint {
  id: string;
  path: string;
  /** `*`, `<noun>.*`, or types. */
  types: readonly string[];
  /** Conversations that are assigned to somebody, and no others. */
  assignedOnly: boolean;
  ordered: boolean;
  /** Seconds before each further attempt, of an endpoint whose waits are to be judged. */
  waitsS: readonly number[] | null;
}

/** A time in which answers were lost with the process that was to hear them, on the wall clock, ms. */
export interface Deafness {
  from: number;
  to: number;
}

export interface JudgedRun {
  endpoints: readonly JudgedEndpoint[];
  log: readonly LoggedEvent[];
  report: SinkReport;
  deafness: readonly Deafness[];
  /** How far the sender's clock may be from the sink's, s. */
  clockS: number;
}

/** What the sink has to show for it, beside the findings. */
export interface DeliveryFigures {
  due: number;
  arrivals: number;
  /** Came again after an answer that was lost with a process, by a connection that broke, or after one that was no 2xx. */
  afterDeafness: number;
  afterLostAnswer: number;
  afterRefusal: number;
  /** The longest that an answer was out before the process was deaf, and came again all the same, ms. */
  longestUnheardMs: number;
  /** How far the sender's clock was from the sink's at most, s. */
  furthestS: number;
}

/** An answer is heard and written within this time, on a busy machine. */
const HEARD_WITHIN_MS = 1000;
/** A wait is lengthened by a fifth at most, and somebody else may have the processor. */
const WAIT_LENGTHENED = 1.2;
const WAIT_SLACK_MS = 4000;
const CLOCKS_TICK_S = 0.01;

/** What came to the sink against what the log says was to come. Pure: neither network nor clock. */
export function judgeDeliveries(run: JudgedRun): { findings: Finding[]; figures: DeliveryFigures } {
  const findings: Finding[] = [];
  const figures: DeliveryFigures = {
    due: 0,
    arrivals: run.report.arrivals.length,
    afterDeafness: 0,
    afterLostAnswer: 0,
    afterRefusal: 0,
    longestUnheardMs: 0,
    furthestS: run.report.arrivals.reduce((most, { aheadS }) => Math.max(most, Math.abs(aheadS)), 0),
  };
  const byPath = Map.groupBy(run.report.arrivals, ({ path }) => path);
  const events = new Map(run.log.map((event) => [event.id, event]));
  for (const endpoint of run.endpoints) {
    const arrivals = byPath.get(endpoint.path) ?? [];
    byPath.delete(endpoint.path);
    const due = dueOf(endpoint, run.log);
    figures.due += due.size;
    findings.push(
      ...whatCame(endpoint, due, arrivals),
      ...repetitions(endpoint, arrivals, run.deafness, figures),
      ...contents(endpoint, arrivals, run, events),
    );
    if (endpoint.ordered) findings.push(...order(endpoint, arrivals));
    if (endpoint.waitsS !== null) findings.push(...waits(endpoint, arrivals, endpoint.waitsS));
  }
  for (const [path, arrivals] of byPath) {
    findings.push({ kind: 'impossible', what: `${arrivals.length} requests came to ${path}, which nobody asked for` });
  }
  return { findings, figures };
}

/** The ids of the events that an endpoint is to have: after the one that made it, none of itself. */
export function dueOf(endpoint: JudgedEndpoint, log: readonly LoggedEvent[]): Set<string> {
  const due = new Set<string>();
  const assigned = new Set<string>();
  let isMade = false;
  for (const event of log) {
    if (event.type === 'conversation.assigned') assigned.add(event.stream);
    if (event.type === 'conversation.unassigned') assigned.delete(event.stream);
    if (isMade && wants(endpoint, event) && (!endpoint.assignedOnly || assigned.has(event.stream))) due.add(event.id);
    if (event.stream === endpoint.id && event.type === 'webhook_endpoint.created') isMade = true;
  }
  return due;
}

function wants({ id, types }: JudgedEndpoint, { type, stream, data }: LoggedEvent): boolean {
  if (stream === id || data.endpoint_id === id) return false;
  if (type.startsWith('webhook_') && String(data.event_type ?? '').startsWith('webhook_')) return false;
  return types.some(
    (word) => word === '*' || word === type || (word.endsWith('.*') && type.startsWith(word.slice(0, -1))),
  );
}

function whatCame({ path }: JudgedEndpoint, due: ReadonlySet<string>, arrivals: readonly Arrival[]): Finding[] {
  const findings: Finding[] = [];
  const taken = new Set(arrivals.filter(isTaken).map(({ id }) => id));
  for (const id of due) if (!taken.has(id)) findings.push({ kind: 'lost', what: `${path} never took ${id}` });
  for (const id of new Set(arrivals.map((arrival) => arrival.id))) {
    if (!due.has(id)) findings.push({ kind: 'impossible', what: `${path} was sent ${id}, which was not for it` });
  }
  return findings;
}

/** A message comes again where the answer before was no 2xx, or nobody can have heard it. */
function repetitions(
  { path }: JudgedEndpoint,
  arrivals: readonly Arrival[],
  deafness: readonly Deafness[],
  figures: DeliveryFigures,
): Finding[] {
  const findings: Finding[] = [];
  for (const [id, its] of Map.groupBy(arrivals, (arrival) => arrival.id)) {
    const bytes = new Set(its.map(({ sha256 }) => sha256));
    if (bytes.size > 1) findings.push({ kind: 'altered', what: `${path} was sent ${id} as ${bytes.size} bodies` });
    for (const [i, again] of its.entries()) {
      const before = its[i - 1];
      if (before === undefined) continue;
      if (before.status === null || !before.isWritten) figures.afterLostAnswer++;
      else if (!isTaken(before)) figures.afterRefusal++;
      else {
        const end = before.endedAt ?? before.at;
        const deaf = deafness.find(
          ({ from, to }) => before.at <= to && end >= from - HEARD_WITHIN_MS && again.at >= from,
        );
        if (deaf === undefined) {
          findings.push({
            kind: 'twice',
            what: `${path} was sent ${id} (sequence ${again.sequence} of ${again.stream}) again at ${timeOf(again.at)} as attempt ${again.attempt}, though it took attempt ${before.attempt} at ${timeOf(end)}`,
          });
        } else {
          figures.afterDeafness++;
          figures.longestUnheardMs = Math.max(figures.longestUnheardMs, deaf.from - end);
        }
      }
    }
  }
  return findings;
}

function contents(
  { id: endpointId, path }: JudgedEndpoint,
  arrivals: readonly Arrival[],
  { report, clockS }: JudgedRun,
  events: ReadonlyMap<string, LoggedEvent>,
): Finding[] {
  const findings: Finding[] = [];
  const altered = (what: string) => findings.push({ kind: 'altered', what: `${path}: ${what}` });
  const seen = new Set<string>();
  for (const { id, sha256, isSigned, aheadS, endpoint } of arrivals) {
    if (!isSigned) altered(`${id} came with no signature that is good`);
    if (endpoint !== endpointId) altered(`${id} came for endpoint ${endpoint}`);
    // The header is in whole seconds, cut.
    if (aheadS > clockS + CLOCKS_TICK_S || aheadS < -clockS - 1) {
      altered(`${id} was signed ${aheadS.toFixed(1)} s off the sink's clock`);
    }
    const event = events.get(id);
    if (event === undefined || seen.has(`${id} ${sha256}`)) continue;
    seen.add(`${id} ${sha256}`);
    const difference = differenceOf(report.bodies.get(sha256) ?? '', event);
    if (difference !== null) altered(`${id} came with another ${difference} than the log has`);
  }
  return findings;
}

/** The first field in which a body is not what the log says; null where there is none. */
function differenceOf(text: string, event: LoggedEvent): string | null {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return 'form';
  }
  const wanted: Record<string, unknown> = {
    type: event.type,
    id: event.id,
    stream: event.stream,
    sequence: event.seq,
    position: event.position,
    occurred_at: event.occurred_at,
    actor: event.actor,
    idempotency_key: event.id,
    data: event.data,
  };
  return Object.keys(wanted).find((name) => !isDeepStrictEqual(body[name], wanted[name])) ?? null;
}

/**
 * Of a stream nothing comes after what is later in it, nor while what is earlier is under way. Of one that came again only the last
 * attempt counts: of those before, the connection may stand at the sink for longer than anybody hears of it.
 */
function order({ path }: JudgedEndpoint, arrivals: readonly Arrival[]): Finding[] {
  const findings: Finding[] = [];
  const reached = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const last = reached.get(arrival.stream);
    const swapped = (than: string) =>
      findings.push({
        kind: 'swapped',
        what: `${path} was sent ${arrival.sequence} of ${arrival.stream} at ${timeOf(arrival.at)}, ${than}`,
      });
    if (last !== undefined && arrival.sequence < last.sequence) {
      swapped(`after ${last.sequence} at ${timeOf(last.at)}`);
      continue;
    }
    if (last !== undefined && arrival.sequence > last.sequence && isUnderWay(last, arrival.at)) {
      swapped(`while ${last.sequence} of ${timeOf(last.at)} was under way`);
    }
    reached.set(arrival.stream, arrival);
  }
  return findings;
}

function isUnderWay({ endedAt }: Arrival, at: number): boolean {
  return endedAt === null || endedAt > at;
}

function waits({ path }: JudgedEndpoint, arrivals: readonly Arrival[], waitsS: readonly number[]): Finding[] {
  const findings: Finding[] = [];
  for (const [id, its] of Map.groupBy(arrivals, (arrival) => arrival.id)) {
    for (const [i, again] of its.entries()) {
      const before = its[i - 1];
      if (before === undefined) continue;
      const waitS = waitsS[i - 1];
      if (waitS === undefined) {
        findings.push({
          kind: 'impossible',
          what: `${path}: ${id} came for the ${i + 1}th time, and has ${waitsS.length + 1} attempts`,
        });
        continue;
      }
      if (before.status === null) continue;
      const wantedMs = waitS * 1000;
      const waited = again.at - (before.endedAt ?? before.at);
      // The sink's own two times may lie a moment apart from the sender's.
      if (waited < wantedMs - 50) {
        findings.push({ kind: 'impossible', what: `${path}: ${id} waited ${waited} ms in place of ${wantedMs}` });
      } else if (waited > wantedMs * WAIT_LENGTHENED + WAIT_SLACK_MS) {
        findings.push({
          kind: 'lost',
          what: `${path}: ${id} waited ${waited} ms in place of ${wantedMs}: it was stuck`,
        });
      }
    }
  }
  return findings;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
