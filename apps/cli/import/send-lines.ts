import type { ApiClient } from '../api-client.js';
import { Failure } from '../failure.js';
import { problemText } from '../problem-text.js';
import type { ImportCounts } from './import-progress.js';

export interface Refusal {
  line: number;
  code: string;
  detail: string;
}

/** What became of lines that were sent. */
export interface LinesOutcome {
  counts: ImportCounts;
  refusals: Refusal[];
}

/** `workspace` is left out for the key's own. */
export function importPath(workspace?: string): string {
  return workspace === undefined ? '/v1/import' : `/v1/import?${new URLSearchParams({ workspace_id: workspace })}`;
}

function hasCounts(text: string): boolean {
  try {
    return typeof (JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as ImportCounts).read === 'number';
  } catch {
    return false;
  }
}

/**
 * Imports lines in one request, which is sent again where its answer was cut off: what was brought in by then counts as
 * skipped. Refusals have the numbers of the lines in `bytes`, from 1. Throws Failure where the request is not taken.
 */
export async function sendLines(client: ApiClient, path: string, url: string, bytes: Buffer): Promise<LinesOutcome> {
  const request = { method: 'POST', path, body: bytes, contentType: 'application/x-ndjson', isWhole: hasCounts };
  const answer = await client.send(request);
  if (answer.status !== 200) throw new Failure(problemText(answer.status, answer.text, url));
  const lines = answer.text.trimEnd().split('\n');
  const counts = JSON.parse(lines.pop()!) as ImportCounts;
  return { counts, refusals: lines.map((text) => JSON.parse(text) as Refusal) };
}
