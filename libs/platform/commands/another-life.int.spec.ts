import { idToBytes, newId } from '../kernel/id.js';
import { openStore, type Store } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

/** Puts one stream back to its first event, as a restore or a failover with loss does, and begins a new epoch. */
async function putBack(stream: string): Promise<void> {
  const uuid = idToBytes(stream).toString('hex');
  await store.admin.query(`delete from log.events where stream = '${uuid}' and seq > 1`);
  await store.admin.query(`delete from conversation.spoken where stream = '${uuid}' and seq > 1`);
  await store.admin.query(
    `update log.streams set version = 1, state = first_state from first_states where stream = '${uuid}'`,
  );
  await store.admin.query(
    `insert into log.epochs (epoch, fork_position, system_identifier, timeline)
     select max(epoch) + 1, (select max(position) from log.events), max(system_identifier), max(timeline) from log.epochs`,
  );
}

// Caught when: log.append does not compare the epoch. Then both histories have a version 2,
// and the third event is decided on the one that was undone.
it('decides on what the store holds in its new life, not on what it held in the old one', async () => {
  const stream = newId('aia');
  const [survivor, other] = [store.openShell(), store.openShell()];
  await survivor.add({ stream, word: 'one' });
  await store.admin.query(
    `create temp table first_states as select state as first_state from log.streams where stream = '${idToBytes(stream).toString('hex')}'`,
  );
  await survivor.add({ stream, word: 'undone' });

  await putBack(stream);
  expect((await other.add({ stream, word: 'two' })).etag).toBe(2);
  expect((await survivor.add({ stream, word: 'three' })).etag).toBe(3);

  const { rows } = await store.admin.query<{ state: string }>(
    `select state from log.streams where stream = '${idToBytes(stream).toString('hex')}'`,
  );
  expect(rows[0]!.state).toContain('three');
  expect(rows[0]!.state).not.toContain('undone');
  expect(await store.wordsOf(stream)).toEqual(['one', 'two', 'three']);
});

// Caught when: the shell asks only when a command comes, and not for the life that its append is compared with.
it('appends nothing in a life that awaits Kafka, whatever was known of the one before', async () => {
  const stream = newId('aia');
  const shell = store.openShell();
  await shell.add({ stream, word: 'one' });
  await store.admin.query(`create temp table if not exists first_states (first_state text)`);
  await store.admin.query(`update log.home set kind = 'kafka'`);
  await putBack(stream);
  await expect(shell.add({ stream, word: 'two' })).rejects.toThrow(/heddle log reconcile/);
  await expect(shell.add({ stream: newId('aia'), word: 'new' })).rejects.toThrow(/heddle log reconcile/);
  const later = store.openShell();
  // As a process does before its first request.
  await later.append.ready();
  await expect(later.add({ stream, word: 'two' })).rejects.toMatchObject({ code: 'unavailable' });
  expect(await store.wordsOf(stream)).toEqual(['one']);
});
