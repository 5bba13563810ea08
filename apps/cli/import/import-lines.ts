import { Failure } from '../failure.js';
import type { ImportCounts } from './import-progress.js';
import type { LineBatch } from './line-batches.js';
import type { LinesOutcome, Refusal } from './send-lines.js';

export interface ImportListener {
  onRefused(refusal: Refusal): void;
  /** `endsAt`: bytes of the source that are done with. */
  onBatch(counts: ImportCounts, endsAt: number): void;
}

export const NOTHING: Readonly<ImportCounts> = { read: 0, created: 0, skipped: 0, refused: 0, messages: 0 };

export function sumOf(one: ImportCounts, other: ImportCounts): ImportCounts {
  return {
    read: one.read + other.read,
    created: one.created + other.created,
    skipped: one.skipped + other.skipped,
    refused: one.refused + other.refused,
    messages: one.messages + other.messages,
  };
}

/**
 * Brings batches in one after the other by `take`, which numbers the lines of a batch from 1, and adds up what became
 * of them. Throws Failure, saying after which line, when a batch is not taken.
 */
export async function importLines(
  take: (bytes: Buffer) => Promise<LinesOutcome>,
  batches: AsyncIterable<LineBatch>,
  { onRefused, onBatch }: ImportListener,
): Promise<ImportCounts> {
  let counts: ImportCounts = NOTHING;
  for await (const { firstLine, bytes, endsAt } of batches) {
    const outcome = await take(bytes).catch((error: Error) => {
      throw new Failure(
        `${error.message}\nThe import stopped at line ${firstLine}. Run it again: what is in already is skipped.`,
      );
    });
    for (const { line, code, detail } of outcome.refusals) onRefused({ line: firstLine - 1 + line, code, detail });
    counts = sumOf(counts, outcome.counts);
    onBatch(counts, endsAt);
  }
  return counts;
}
