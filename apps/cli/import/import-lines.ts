import type { ApiClient } from '../api-client.js';
import { Failure } from '../failure.js';
import { problemText } from '../problem-text.js';
import type { ImportCounts } from './import-progress.js';
import type { LineBatch } from './line-batches.js';

export interface Refusal {
  line: number;
  code: string;
  detail: string;
}

export interface ImportListener {
  onRefused(refusal: Refusal): void;
  /** `endsAt`: bytes of the source that are done with. */
  onBatch(counts: ImportCounts, endsAt: number): void;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

function hasCounts(text: string): boolean {
  try {
    return typeof (JSON.parse(lastLine(text)) as ImportCounts).read === 'number';
  } catch {
    return false;
  }
}

/**
 * Sends batches one after the other and adds up what became of them. A batch whose answer was cut off is sent again:
 * what was brought in by then counts as skipped. Throws Failure, saying after which line, when a batch is not taken.
 */
export async function importLines(
  client: ApiClient,
  path: string,
  url: string,
  batches: AsyncIterable<LineBatch>,
  { onRefused, onBatch }: ImportListener,
): Promise<ImportCounts> {
  const counts: ImportCounts = { read: 0, created: 0, skipped: 0, refused: 0, messages: 0 };
  for await (const { firstLine, bytes, endsAt } of batches) {
    const request = { method: 'POST', path, body: bytes, contentType: 'application/x-ndjson', isWhole: hasCounts };
    const answer = await client.send(request).catch((error: Error) => {
      throw new Failure(`${error.message}\n${resume(firstLine)}`);
    });
    if (answer.status !== 200) {
      throw new Failure(`${problemText(answer.status, answer.text, url)}\n${resume(firstLine)}`);
    }
    const lines = answer.text.trimEnd().split('\n');
    const summary = JSON.parse(lines.pop()!) as ImportCounts;
    for (const text of lines) {
      const refusal = JSON.parse(text) as Refusal;
      onRefused({ ...refusal, line: firstLine - 1 + refusal.line });
    }
    for (const name of Object.keys(counts) as (keyof ImportCounts)[]) counts[name] += summary[name];
    onBatch(counts, endsAt);
  }
  return counts;
}

function resume(firstLine: number): string {
  return `The import stopped at line ${firstLine}. Run it again: what is in already is skipped.`;
}
