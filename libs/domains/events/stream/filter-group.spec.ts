import { EventEmitter } from 'node:events';
import { metaOf } from '../../../platform/event-codec/event-codec.fixture.js';
import { newId } from '../../../platform/kernel/id.js';
import { EVENT_LINES } from '../../../platform/live/event-lines.js';
import { LiveEvent } from '../../../platform/live/live-event.js';
import { LiveReader, type Sink } from '../../../platform/live/live-reader.js';
import type { LiveTail } from '../../../platform/live/live-tail.js';
import type { EventIndex } from '../entries/event-index.js';
import { parseFilter } from './event-filter.js';
import { FilterGroup } from './filter-group.js';

class Connection extends EventEmitter implements Sink {
  lines: string[] = [];
  writableLength = 0;
  destroyed = false;

  write(bytes: Buffer): boolean {
    this.lines.push(...bytes.toString().trim().split('\n'));
    return true;
  }

  end(): void {}

  destroy(): void {}
}

const [mine, other] = [newId('cus'), newId('cus')];
const [myTalk, otherTalk] = [newId('conv'), newId('conv')];

/** A group of a customer's readers, and the index that it asks. */
function made() {
  const tail = { decided: 0, beginnings: 1, join: async () => undefined, leave: () => undefined };
  const index = {
    merged: new Set<string>(),
    /** What happens while it is asked who is read as the customer. */
    meanwhile: [] as (() => void)[],
    mustReach: async () => undefined,
    readAs: async () => {
      const known = [mine, ...index.merged];
      index.meanwhile.shift()?.();
      return known;
    },
    /** What it is to wait for before it says whose conversations are whose, once. */
    late: null as Promise<void> | null,
    /** Of the customer, begun while nobody listened. */
    unheard: [] as string[],
    conversationsOf: async (_workspace: string, customers: readonly string[]) => {
      const { late } = index;
      index.late = null;
      await late;
      return [
        ...(customers.includes(mine) ? [myTalk, ...index.unheard] : []),
        ...(customers.includes(other) ? [otherTalk] : []),
      ];
    },
  };
  const filter = parseFilter({ customer: mine });
  const group = new FilterGroup('wsp_1', filter, tail as unknown as LiveTail, index as unknown as EventIndex);
  const give = (type: string, stream: string, data: object = {}) => {
    const position = ++tail.decided;
    const meta = { ...metaOf(type), stream, seq: position };
    group.take([new LiveEvent({ type, meta, position, data: data as Record<string, unknown> }, `c${position}`, 1)]);
  };
  const merge = () => {
    index.merged.add(other);
    give('customer.merged', other, { into_id: mine });
  };
  const unmerge = () => {
    index.merged.delete(other);
    give('customer.unmerged', other, { from_id: mine });
  };
  const opened = () => {
    const connection = new Connection();
    const behind: number[] = [];
    const reader = new LiveReader(connection, {
      encoding: EVENT_LINES,
      key: 'key_1',
      types: null,
      cursor: null,
      onBehind: (last) => behind.push(last!.position),
    });
    const join = async (begin = 0) => {
      do {
        reader.beginHistory();
        await group.join(reader, begin);
      } while (!reader.goLive());
    };
    const heard = () => connection.lines.map((line) => JSON.parse(line).stream);
    return { reader, join, heard, behind };
  };
  return { tail, index, group, give, merge, unmerge, opened };
}

it('hears of a merge that it is told of while it asks who its customer is', async () => {
  const { index, give, merge, opened } = made();
  const { join, heard } = opened();
  index.meanwhile.push(merge);
  await join();
  give('message.created', otherTalk);
  give('message.created', myTalk);
  expect(heard()).toEqual([otherTalk, myTalk]);
});

it('hears nothing of one who was taken apart again while an answer with them was on its way', async () => {
  const { index, give, merge, unmerge, opened } = made();
  const [first, second] = [opened(), opened()];
  merge();
  const { promise, resolve } = Promise.withResolvers<void>();
  index.late = promise;
  const joined = first.join();
  await new Promise(setImmediate);
  unmerge();
  const both = Promise.all([joined, second.join()]);
  await new Promise(setImmediate);
  resolve();
  await both;
  give('message.created', otherTalk);
  give('message.created', myTalk);
  expect([first.heard(), second.heard()]).toEqual([[myTalk], [myTalk]]);
});

it('gives a reader nothing up to where it begins, though the tail is not there yet', async () => {
  const { tail, give, merge, opened } = made();
  const { join, heard, behind } = opened();
  tail.decided = 4;
  await join(6);
  give('message.created', myTalk);
  merge();
  expect([heard(), behind]).toEqual([[], [6]]);
  await join(6);
  give('message.created', otherTalk);
  expect(heard()).toEqual([otherTalk]);
});

it('knows anew what is its customer’s when the tail begins anew, for it heard of nothing between', async () => {
  const { tail, index, give, opened } = made();
  const [first, second] = [opened(), opened()];
  await first.join();
  const newTalk = newId('conv');
  index.unheard.push(newTalk);
  index.merged.add(other);
  tail.beginnings++;
  await second.join();
  for (const talk of [newTalk, otherTalk, newId('conv')]) give('message.created', talk);
  expect(second.heard()).toEqual([newTalk, otherTalk]);
});

it('knows anew what is its customer’s where everybody had left', async () => {
  const { index, give, opened, group } = made();
  const [first, second] = [opened(), opened()];
  await first.join();
  group.leave(first.reader);
  const newTalk = newId('conv');
  index.unheard.push(newTalk);
  await second.join();
  give('message.created', newTalk);
  expect(second.heard()).toEqual([newTalk]);
});
