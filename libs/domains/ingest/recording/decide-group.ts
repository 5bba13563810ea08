import { type Deciding, decideBatch, waitsForAnother } from './decide-batch.js';
import type { GroupWork } from './group-work.js';
import type { PendingBatch } from './pending-batch.js';

/** Where the data of a group has cost this much to check, about 0.2 s, other batches wait for the next one. */
const GROUP_CHECKING_STEPS = 2_000_000;
/** Where a group has so many bytes of events, about 0.2 s for the store, other batches wait for the next one. */
const GROUP_BYTES = 8 * 1024 * 1024;

/** Decides batches into one group's work; returns those that wait for the next one. */
export function decideGroup(batches: readonly PendingBatch[], group: GroupWork, deciding: Deciding): PendingBatch[] {
  const later: PendingBatch[] = [];
  let first = 0;
  for (const batch of batches) {
    const isFull = group.checkingSteps > GROUP_CHECKING_STEPS || group.bytes > GROUP_BYTES;
    if (isFull || waitsForAnother(batch, first, group, deciding)) later.push(batch);
    else decideBatch(batch, first, group, deciding);
    first += batch.items.length;
  }
  return later;
}
