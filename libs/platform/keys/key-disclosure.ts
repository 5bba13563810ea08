import type { KeyDatabase } from './key-database.js';
import { BrokenKeyError } from './key-errors.js';
import { workspaceKeyFrom } from './workspace-key.js';
import { unwrap } from './wrapped-key.js';

/** What one who reads the log elsewhere is told of a data key. `id` in 32 hex digits. */
export type DisclosedKey =
  | { id: string; state: 'available'; subject: string; key: Buffer; withheld: readonly string[] }
  | { id: string; state: 'destroyed'; subject: string }
  | { id: string; state: 'unknown' };

interface StoredKey {
  id: string;
  subject: string;
  wrapped: Buffer | null;
  workspace_key: Buffer | null;
  /** As `placeOf` names events. */
  withheld: string[];
}

/**
 * The keys of one workspace by their ids, with what each may not open any more, each at the place of its id; another workspace's is `unknown`, as one that
 * never was. Read from the tables each time: what was destroyed anywhere a moment ago is `destroyed`, which no cache
 * could promise. `workspace` and `ids` in 32 hex digits. Throws `BrokenKeyError`.
 */
export async function discloseKeys(
  db: KeyDatabase,
  workspace: string,
  ids: readonly string[],
): Promise<DisclosedKey[]> {
  const { rows } = await db.query({
    name: 'keys.disclose',
    text: `select d.id, d.subject, d.wrapped, w.key as workspace_key,
                  array(select h.stream || '/' || h.seq from keys.withheld h where h.key = d.id order by 1) as withheld
             from keys.data_keys d left join keys.workspace_keys w on w.workspace = d.workspace
            where d.workspace = $1::uuid and d.id = any ($2::uuid[])`,
    values: [workspace, [...new Set(ids)]],
  });
  const stored = new Map((rows as unknown as StoredKey[]).map((row) => [row.id.replaceAll('-', ''), row]));
  const secret = rows.find((row) => row.workspace_key !== null)?.workspace_key as Buffer | undefined;
  const workspaceKey = secret === undefined ? null : workspaceKeyFrom(workspace, secret);
  return ids.map((id) => {
    const row = stored.get(id);
    if (row === undefined) return { id, state: 'unknown' };
    const { subject, wrapped, withheld } = row;
    if (wrapped === null || workspaceKey === null) return { id, state: 'destroyed', subject };
    const key = unwrap(workspaceKey, Buffer.from(id, 'hex'), subject, wrapped);
    if (key === null) throw new BrokenKeyError(id);
    return { id, state: 'available', subject, key, withheld };
  });
}
