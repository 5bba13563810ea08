import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JsonOverHttp } from '../json-over-http.js';
import { REPOSITORY_ROOT } from '../repository-root.js';

const REAL = join(REPOSITORY_ROOT, '..', 'shared', 'data', 'customer-care.ndjson');

export interface DataSet {
  /** What it is, for whoever reads the report. */
  name: string;
  lines: string[];
}

/** The real conversations where they are, and else as many made ones of the same form and size. */
export function dataSet(): DataSet {
  if (existsSync(REAL)) return { name: 'the real data set', lines: readFileSync(REAL, 'utf8').trim().split('\n') };
  return { name: 'a made data set, for there is no ../shared/data', lines: madeLines() };
}

const CONVERSATIONS = 525;
/** Of an import whose server is away for so many half seconds. */
const MOST_TRIES = 120;
const TEXT = 'The parcel was to come on Tuesday, and it is not here – wo ist es? 📦\nThe number is on the slip. ';

function madeLines(): string[] {
  return Array.from({ length: CONVERSATIONS }, (_, n) => {
    const messages = Array.from({ length: 2 + (n % 2) }, (_, m) => ({
      id: `${n}-${m}`,
      at: new Date(Date.UTC(2020, 3, 1) + (n * 60 + m) * 60_000).toISOString(),
      author: m % 2 === 0 ? { type: 'customer', id: `c${n}` } : { type: 'agent', id: `a${n % 24}` },
      text: TEXT.repeat(1 + (n % 3)),
    }));
    const last = messages.at(-1)!;
    const resolving = { ...last, resolves: true, article: `article-${n % 50}` };
    return JSON.stringify({
      organization: `o${n % 24}`,
      conversation: `${n}`,
      channel: 'twitter',
      customer: `c${n}`,
      messages: [...messages.slice(0, -1), resolving],
    });
  });
}

/** Imports lines into the workspace of a key, again from the first where the connection breaks: what is there is skipped. */
export async function importLines(url: string, key: string, lines: readonly string[]): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await fetch(`${url}/v1/import`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
        body: `${lines.join('\n')}\n`,
      });
      const text = await answer.text();
      const last = JSON.parse(text.trim().split('\n').at(-1)!) as { read?: number; refused?: number };
      if (answer.status !== 200 || last.read !== lines.length) throw new Error(`${answer.status} ${text.slice(-300)}`);
      return;
    } catch (error) {
      if (tries === MOST_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

export interface ReadersWorkspace {
  id: string;
  key: string;
}

export async function emptyWorkspace(port: number, rootKey: string): Promise<ReadersWorkspace> {
  const root = new JsonOverHttp(port, rootKey);
  const name = `readers-${crypto.randomUUID()}`;
  const { id } = await root.must<{ id: string }>('POST', '/v1/workspaces', { name });
  const { key } = await root.must<{ key: string }>('POST', '/v1/api_keys', { workspace_id: id, name, scopes: ['*'] });
  root.close();
  return { id, key };
}
