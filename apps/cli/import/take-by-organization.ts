import type { ApiClient } from '../api-client.js';
import { requireGood } from '../problem-text.js';
import { NOTHING, sumOf } from './import-lines.js';
import { linesByOrganization } from './lines-by-organization.js';
import { importPath, type LinesOutcome, sendLines } from './send-lines.js';

/**
 * Brings lines in by a request for each organization's workspace, which is found by its external id or made: by the API
 * alone, since the service that imports may be another process than the one that makes workspaces.
 */
export function takeByOrganization(client: ApiClient, url: string): (bytes: Buffer) => Promise<LinesOutcome> {
  const workspaces = new Map<string, string>();

  async function workspaceOf(organization: string): Promise<string> {
    const known = workspaces.get(organization) ?? (await find(organization)) ?? (await make(organization));
    workspaces.set(organization, known);
    return known;
  }

  async function find(organization: string): Promise<string | undefined> {
    const query = new URLSearchParams({ external_id: organization, limit: '1' });
    const answer = await client.send({ method: 'GET', path: `/v1/workspaces?${query}` });
    requireGood(answer, url);
    return (JSON.parse(answer.text) as { data: { id: string }[] }).data[0]?.id;
  }

  async function make(organization: string): Promise<string> {
    const body = JSON.stringify({ name: organization, external_id: organization });
    const answer = await client.send({ method: 'POST', path: '/v1/workspaces', body, contentType: 'application/json' });
    requireGood(answer, url);
    return (JSON.parse(answer.text) as { id: string }).id;
  }

  return async (bytes) => {
    const { parts, refusals } = await linesByOrganization(bytes);
    let counts = { ...NOTHING, read: refusals.length, refused: refusals.length };
    for (const part of parts) {
      const path = importPath(await workspaceOf(part.organization));
      const outcome = await sendLines(client, path, url, part.bytes);
      counts = sumOf(counts, outcome.counts);
      refusals.push(...outcome.refusals.map((refusal) => ({ ...refusal, line: part.numbers[refusal.line - 1]! })));
    }
    return { counts, refusals: refusals.sort((one, other) => one.line - other.line) };
  };
}
