import { FINDING_KINDS, type Finding } from '../checker.js';
import type { Heard } from './event-reader.js';

/** A row of the log, as an outside query has it; `stream` is its UUID's 32 digits. */
export interface LogRow {
  stream: string;
  seq: number;
  type: string;
}

/** What a reader was given against what the log has: nothing where both are the same, in order within each stream. */
export function differences(
  heard: readonly Pick<Heard, 'stream' | 'seq' | 'type'>[],
  log: readonly LogRow[],
): Finding[] {
  const found: Finding[] = [];
  const times = new Map<string, number>();
  const lastSeq = new Map<string, number>();
  const types = new Map(log.map(({ stream, seq, type }) => [`event ${seq} of ${stream}`, type]));
  for (const { stream: id, seq, type } of heard) {
    const stream = id.slice(id.indexOf('_') + 1);
    const event = `event ${seq} of ${stream}`;
    times.set(event, (times.get(event) ?? 0) + 1);
    const logged = types.get(event);
    if (logged === undefined) found.push({ kind: 'impossible', what: `${event} is not on the log` });
    else if (logged !== type) found.push({ kind: 'altered', what: `${event} is ${logged} and came as ${type}` });
    const before = lastSeq.get(stream) ?? 0;
    if (seq <= before) found.push({ kind: 'swapped', what: `${event} came after ${before}` });
    lastSeq.set(stream, seq);
  }
  for (const [event, count] of times)
    if (count > 1) found.push({ kind: 'twice', what: `${event} came ${count} times` });
  for (const event of types.keys()) if (!times.has(event)) found.push({ kind: 'lost', what: `${event} did not come` });
  return found;
}

/** How many there are of each kind, those that there are. */
export function tally(findings: readonly Finding[]): string {
  const counts = FINDING_KINDS.map((kind) => [kind, findings.filter((one) => one.kind === kind).length] as const);
  return counts.flatMap(([kind, count]) => (count === 0 ? [] : [`${kind} ${count}`])).join(', ');
}
