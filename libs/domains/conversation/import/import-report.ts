import type { Readable } from 'node:stream';
import { Problem } from '../../../platform/kernel/problem.js';
import type { ConversationImporter } from './conversation-importer.js';
import { LINE_LIMIT, type NumberedLine, ndjsonLines } from './ndjson-lines.js';

/** Takes every line, and yields one line of JSON for each that was refused, and the counts at last. */
export async function* importReport(stream: Readable, importer: ConversationImporter): AsyncGenerator<string> {
  const counts = { read: 0, created: 0, skipped: 0, refused: 0, messages: 0 };
  const refusals: string[] = [];
  const underWay = new Set<Promise<void>>();
  let failure: unknown = null;

  const take = async ({ number, bytes }: NumberedLine): Promise<void> => {
    try {
      const { outcome, messages } = await importer.take(bytes);
      counts[outcome]++;
      counts.messages += messages;
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) {
        failure = error;
        return;
      }
      counts.refused++;
      refusals.push(`${JSON.stringify({ line: number, code: error.code, detail: error.detail })}\n`);
    }
  };

  try {
    for await (const line of ndjsonLines(stream, LINE_LIMIT)) {
      counts.read++;
      const taken = take(line).finally(() => underWay.delete(taken));
      underWay.add(taken);
      while (underWay.size >= importer.linesAtOnce) await Promise.race(underWay);
      if (failure !== null) break;
      while (refusals.length > 0) yield refusals.shift()!;
    }
    await Promise.all(underWay);
  } finally {
    importer.stop();
    await Promise.all(underWay);
  }
  // The answer breaks off without its last line: who sent the lines sends them again.
  if (failure !== null) throw failure;
  yield* refusals;
  yield `${JSON.stringify(counts)}\n`;
}
