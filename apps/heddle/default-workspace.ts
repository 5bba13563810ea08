import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writePrivateFile } from '../../libs/platform/postgres/data-directory.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';

const EXTERNAL_ID = 'default';
/** How long a store that takes no changes yet is waited for, s: one that was put back awaits Kafka first. */
const PATIENCE_S = 15;

/**
 * Sees to it that the workspace `default` exists and that `<data dir>/default-key` opens it: made through the API, as
 * anybody would, at the first start, and again where the key is not one of this store.
 */
export async function ensureDefaultWorkspace(url: string, rootKey: string, dataDir: string): Promise<void> {
  const file = join(dataDir, 'default-key');
  const existing = await readFile(file, 'utf8').catch(() => null);
  if (existing !== null && (await opens(url, existing.trim()))) return;
  const workspace = await post<{ id: string }>(url, rootKey, '/v1/workspaces', {
    name: 'Default',
    external_id: EXTERNAL_ID,
  });
  const { key } = await post<{ key: string }>(url, rootKey, '/v1/api_keys', {
    workspace_id: workspace.id,
    name: 'default-key of the data directory',
    scopes: ['*'],
  });
  await writePrivateFile(file, `${key}\n`);
}

async function opens(url: string, key: string): Promise<boolean> {
  const response = await fetch(`${url}/v1/customers?limit=1`, { headers: { authorization: `Bearer ${key}` } });
  return response.status !== 401;
}

async function post<Answer>(url: string, key: string, path: string, body: object): Promise<Answer> {
  const idempotencyKey = randomUUID();
  for (let tries = 0; ; tries++) {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    });
    if (response.ok) return (await response.json()) as Answer;
    const said = await response.text();
    if (response.status !== 503 || tries === PATIENCE_S) {
      throw new StartupError(`The workspace "default" could not be made: ${said}`);
    }
    await sleep(1000);
  }
}
