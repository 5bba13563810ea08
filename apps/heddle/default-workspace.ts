import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../../libs/platform/postgres/data-directory.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';

const EXTERNAL_ID = 'default';

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
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new StartupError(`The workspace "default" could not be made: ${await response.text()}`);
  return (await response.json()) as Answer;
}
