import { idToBytes, newId } from '../kernel/id.js';
import type { KeyStore } from '../keys/key-store.js';
import type { Connection } from '../postgres/connection.js';
import { HeadCache } from './head-cache.js';
import type { Pending } from './pending.js';
import { Preparation } from './preparation.js';

const uuid = (id: string) => idToBytes(id).toString('hex');

// Caught when: the head is looked up in the cache again after the read. The command would be decided as if its stream
// had no events, and answered 404, or without the key that its events need.
it('keeps a head that the cache loses while a reference is read', async () => {
  const [workspace, stream, reference] = [newId('wsp'), newId('conv'), newId('usr')];
  const heads = new HeadCache(10);
  heads.set({ stream, workspace, type: 'conversation', version: 7, state: {} });
  const reads = {
    query: async () => {
      heads.drop(stream);
      return { rows: [{ stream: uuid(reference), workspace: uuid(workspace), type: 'user', version: 1, state: '{}' }] };
    },
  } as unknown as Connection;
  const keys = { workspaceKey: async () => ({}), loadForSubjects: async () => [] } as unknown as KeyStore;
  const request = { workspace, stream, references: [reference], command: {}, aggregate: { subjectOf: () => null } };
  const pending = { request, workspace } as unknown as Pending;
  await new Preparation(heads, { keys, reads }).load(pending);
  expect(pending.head).toMatchObject({ stream, version: 7 });
});
