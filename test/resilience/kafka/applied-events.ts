import { setTimeout as sleep } from 'node:timers/promises';
import { uuidOf } from '../checker.js';
import type { Ledger } from '../ledger.js';
import type { Installation } from './installation.js';

const LOOK_EVERY_MS = 20;

/** The greatest seq that was promised of each stream, by the stream's 32 hex digits. */
function promisedBy(ledger: Ledger): Map<string, number> {
  const promised = new Map<string, number>();
  for (const { stream, ack } of ledger.entries) {
    if (ack === null || ack.seq === null) continue;
    const id = uuidOf(stream);
    promised.set(id, Math.max(promised.get(id) ?? 0, ack.seq));
  }
  return promised;
}

/**
 * Resolves, with the time, once analytics has applied a write that began at `since` or later, and every one that was
 * acknowledged before it, in whichever partition: the way from request to Kafka to read model is whole again.
 */
export async function appliedAgain(on: Installation, since: number, ledger: Ledger): Promise<number> {
  await ledger.firstAcknowledgementAfter(since);
  let missing = [...promisedBy(ledger)];
  for (;;) {
    const rows = await on.rows<{ stream: string; last_seq: number }>(
      `select replace(conversation::text, '-', '') as stream, last_seq from analytics.conversation_facts`,
    );
    const applied = new Map(rows.map(({ stream, last_seq }) => [stream, last_seq]));
    missing = missing.filter(([stream, seq]) => (applied.get(stream) ?? 0) < seq);
    if (missing.length === 0) return performance.now();
    await sleep(LOOK_EVERY_MS);
  }
}

/** Resolves once the store's every event is on Kafka, as the relay's checkpoint says. */
export async function untilRelayed(on: Installation, withinMs: number): Promise<void> {
  for (const deadline = performance.now() + withinMs; ; await sleep(50)) {
    const [row] = await on.rows<{ behind: string }>(
      `select (select coalesce(max(position), 0) from log.events) - coalesce((select position from log.relay), 0) as behind`,
    );
    if (Number(row!.behind) === 0) return;
    if (performance.now() > deadline) throw new Error(`the relay is ${row!.behind} events behind after ${withinMs} ms`);
  }
}
