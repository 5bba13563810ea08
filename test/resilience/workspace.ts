import { JsonOverHttp } from './json-over-http.js';

/** A workspace of its own with what a load needs: made over the API, with the root key. */
export interface Workspace {
  key: string;
  customer: string;
  users: string[];
  conversations: string[];
}

interface Made {
  id: string;
}

export async function makeWorkspace(
  port: number,
  rootKey: string,
  conversations: number,
  keyMade: (key: string) => Promise<void> = async () => undefined,
): Promise<Workspace> {
  const name = `load-${crypto.randomUUID()}`;
  const root = new JsonOverHttp(port, rootKey);
  const { id } = await root.must<Made>('POST', '/v1/workspaces', { name });
  const { key } = await root.must<{ key: string }>('POST', '/v1/api_keys', { workspace_id: id, name, scopes: ['*'] });
  root.close();
  await keyMade(key);
  const client = new JsonOverHttp(port, key);
  const customer = await client.must<Made>('POST', '/v1/customers', { external_id: 'c-1', name: 'Ada Example' });
  const users: string[] = [];
  for (const n of [1, 2, 3]) {
    users.push((await client.must<Made>('POST', '/v1/users', { external_id: `u-${n}`, name: `User ${n}` })).id);
  }
  const opened: string[] = [];
  while (opened.length < conversations) {
    const body = { customer_id: customer.id, channel: 'web' };
    const batch = Array.from({ length: Math.min(32, conversations - opened.length) }, () =>
      client.must<Made>('POST', '/v1/conversations', body, { 'idempotency-key': crypto.randomUUID() }),
    );
    opened.push(...(await Promise.all(batch)).map((made) => made.id));
  }
  client.close();
  return { key, customer: customer.id, users, conversations: opened };
}
