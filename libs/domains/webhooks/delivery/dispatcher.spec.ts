import { LeaseLost } from './delivery-store.js';
import { Dispatcher, type DispatcherPorts } from './dispatcher.js';
import type { Change, Due, Lease, Outcome } from './due.js';
import type { WaitingLane } from './lanes.js';

const ENDPOINT = 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01';
const LEASE = { endpoint: ENDPOINT, token: 1 };
const OPTIONS = { enabled: true, ordered: true, concurrency: 10, rate: null, schedule: [1] };
const lane = { run: 0, lane: 'a' };
const due = (): Due => ({
  ...lane,
  position: 7,
  pin: '',
  attempts: 0,
  table: 'waiting',
  message: {
    id: 'evt',
    type: 'label.created',
    stream: 'lbl',
    body: Buffer.alloc(0),
    people: [],
    isKept: false,
    readAt: Infinity,
  },
  isTaken: false,
  change: null,
});

const turn = () => new Promise((resolve) => setTimeout(resolve, 30));

/** A dispatcher whose store has these rows, and what it has sent. */
function dispatcherOf(
  store: Partial<DispatcherPorts<string>['store']>,
  {
    isTakenBack = (_: Due): boolean => false,
    mayBeLate = (): boolean => false,
    send,
  }: {
    isTakenBack?: (one: Due) => boolean;
    mayBeLate?: () => boolean;
    send?: DispatcherPorts<string>['send'];
  } = {},
) {
  const sent: { run: number; position: number }[] = [];
  const dispatcher = new Dispatcher<string>({
    store: {
      backlog: async () => ({ runs: [], hasRetries: false, lanes: [] }),
      fresh: async () => [],
      retries: async () => [],
      lane: async () => [],
      waitingLanes: async () => [],
      readMessages: async () => undefined,
      commit: async () => undefined,
      ...store,
    },
    mayBeLate,
    send:
      send ??
      (async (_, one) => {
        if (isTakenBack(one)) return 'taken_back';
        const { run, position } = one;
        sent.push({ run, position });
        return { answer: '', outcome: { taken: true } };
      }),
    clock: {
      now: () => performance.now(),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
    random: () => 0,
    onTrouble: () => undefined,
  });
  return { dispatcher, sent };
}

it('hears of a lane that goes on while it still reads what its endpoint is yet to have', async () => {
  let answer: (lanes: WaitingLane[]) => void = () => undefined;
  const read = new Promise<WaitingLane[]>((resolve) => {
    answer = resolve;
  });
  let isRead = false;
  const { dispatcher, sent } = dispatcherOf({
    backlog: async () => ({ runs: [], hasRetries: false, lanes: await read }),
    waitingLanes: async () => [{ ...lane, state: 'draining' }],
    lane: async () => {
      if (isRead) return [];
      isRead = true;
      return [due()];
    },
  });
  const begun = dispatcher.begin(LEASE, () => OPTIONS);
  await dispatcher.hintWaiting(ENDPOINT);
  answer([{ ...lane, state: 'parked' }]);
  await begun;
  await turn();
  expect(sent).toEqual([{ run: 0, position: 7 }]);
  await dispatcher.close(1000);
});

it('looks at all again, of every run, where it may not have heard what it was told', async () => {
  const runs: number[] = [];
  const { dispatcher, sent } = dispatcherOf({
    backlog: async () => ({ runs: [...runs], hasRetries: false, lanes: [] }),
    fresh: async (_, { run, after }) => (runs.includes(run) && after < 7 ? [{ ...due(), run, table: 'fresh' }] : []),
  });
  await dispatcher.begin(LEASE, () => OPTIONS);
  await turn();
  runs.push(3);
  await dispatcher.rereadAll();
  await turn();
  expect(sent).toEqual([{ run: 3, position: 7 }]);
  await dispatcher.close(1000);
});

it('sends nothing of what was taken back: its rows go without an attempt, and the next of the lane follows', async () => {
  const gone: number[] = [];
  let tried = 0;
  const rows = [1, 2, 3, 4, 5, 6].map((position): Due => ({ ...due(), run: 1, position, table: 'fresh' }));
  const { dispatcher, sent } = dispatcherOf(
    {
      backlog: async () => ({ runs: [1], hasRetries: false, lanes: [] }),
      fresh: async (_, { after }) => rows.filter(({ position }) => position > after),
      commit: async (changes, attempts) => {
        gone.push(...changes.filter(({ to }) => to === 'gone').map(({ due: { position } }) => position));
        tried += attempts.length;
      },
    },
    { isTakenBack: ({ position }) => position < 6 },
  );
  // With one at a time, each that is not sent has to make room for the next.
  await dispatcher.begin(LEASE, () => ({ ...OPTIONS, concurrency: 1 }));
  for (let turns = 0; turns < 20 && gone.length < 6; turns++) await turn();
  expect([gone, tried]).toEqual([[1, 2, 3, 4, 5, 6], 1]);
  expect(sent).toEqual([{ run: 1, position: 6 }]);
  await dispatcher.close(1000);
});

it('begins nothing while its leases may be another process’s, and goes on when they are certain', async () => {
  let isLate = true;
  const { dispatcher, sent } = dispatcherOf({}, { mayBeLate: () => isLate });
  await dispatcher.begin(LEASE, () => OPTIONS);
  dispatcher.offer(ENDPOINT, 0, [{ ...due(), table: 'fresh' }]);
  await turn();
  expect(sent).toEqual([]);
  isLate = false;
  dispatcher.goOn();
  await turn();
  expect(sent).toEqual([{ run: 0, position: 7 }]);
  await dispatcher.close(1000);
});

it('does not send what it read while its leases went to another process', async () => {
  let isLate = false;
  const changes: Change[] = [];
  const { dispatcher, sent } = dispatcherOf(
    {
      readMessages: async (dues) => {
        isLate = true;
        for (const one of dues) one.message = due().message;
      },
      commit: async (some) => {
        changes.push(...some);
      },
    },
    { mayBeLate: () => isLate },
  );
  await dispatcher.begin(LEASE, () => OPTIONS);
  dispatcher.offer(ENDPOINT, 0, [{ ...due(), table: 'fresh', message: null }]);
  await turn();
  expect(sent).toEqual([]);
  // As if it had never been tried.
  expect(changes.map(({ to, due: { attempts } }) => ({ to, attempts }))).toEqual([{ to: 'retry', attempts: 0 }]);
  await dispatcher.close(1000);
});

it('gives what becomes free to whoever has none under way, however many endpoints do not answer', async () => {
  const begun: string[] = [];
  const taken: ((sent: { answer: string; outcome: Outcome }) => void)[] = [];
  const { dispatcher } = dispatcherOf(
    {
      backlog: async () => ({ runs: [1], hasRetries: false, lanes: [] }),
      fresh: async (_, { after }) => {
        const positions = Array.from({ length: 20 }, (_, i) => i + 1).filter((position) => position > after);
        return positions.map((position): Due => ({ ...due(), position, table: 'fresh' }));
      },
    },
    {
      send: (endpoint) => {
        begun.push(endpoint);
        return new Promise((resolve) => taken.push(resolve));
      },
    },
  );
  const begin = (name: string) =>
    dispatcher.begin({ endpoint: name, token: 1 }, () => ({ ...OPTIONS, ordered: false }));
  for (let n = 0; n < 600; n++) await begin(`slow ${n}`);
  await turn();
  expect([begun.filter((name) => name === 'slow 0').length, dispatcher.attemptsUnderWay]).toEqual([4, 2048]);
  expect(new Set(begun).size).toBeLessThan(600);
  while (new Set(begun).size < 600) {
    const before = new Set(begun).size;
    taken.shift()!({ answer: '', outcome: { taken: true } });
    await turn();
    // Before the one that ended, which would have more to send.
    expect(new Set(begun).size).toBe(before + 1);
  }
  await dispatcher.close(1);
});

it('sends nothing of what was read for an endpoint that is another process’s by then', async () => {
  const read = Promise.withResolvers<void>();
  let asked = false;
  const { dispatcher, sent } = dispatcherOf({
    backlog: async () => ({ runs: [1], hasRetries: false, lanes: [] }),
    fresh: async (_, { after }) => (after < 7 ? [{ ...due(), table: 'fresh', message: null }] : []),
    readMessages: async (dues) => {
      asked = true;
      await read.promise;
      for (const one of dues) one.message = due().message;
    },
  });
  await dispatcher.begin(LEASE, () => OPTIONS);
  await turn();
  expect([asked, dispatcher.attemptsUnderWay]).toEqual([true, 1]);
  dispatcher.end(ENDPOINT);
  read.resolve();
  await turn();
  expect([sent, dispatcher.attemptsUnderWay]).toEqual([[], 0]);
  await dispatcher.close(1000);
});

it('reads what an endpoint is yet to have when what was decided of it is written, or never will be', async () => {
  const rows = { hasRetries: false };
  let isAway = true;
  const tried: number[] = [];
  const { dispatcher } = dispatcherOf(
    {
      backlog: async () => ({ runs: rows.hasRetries ? [] : [1], hasRetries: rows.hasRetries, lanes: [] }),
      fresh: async (_, { after }) => (after < 7 && !rows.hasRetries ? [{ ...due(), run: 1, table: 'fresh' }] : []),
      retries: async () => (rows.hasRetries ? [{ due: { ...due(), run: 1, attempts: 1 }, at: performance.now() }] : []),
      commit: async (changes) => {
        if (isAway) throw new Error('away');
        if (changes.some(({ to }) => to === 'retry')) rows.hasRetries = true;
      },
    },
    {
      send: async (_, { attempts }) => {
        tried.push(attempts);
        if (attempts > 1) return { answer: '', outcome: { taken: true } };
        return { answer: '', outcome: { taken: false, answered: true, retryAfterMs: null, overloaded: false } };
      },
    },
  );
  await dispatcher.begin(LEASE, () => OPTIONS);
  await turn();
  expect(tried).toEqual([1]);
  // Its failure is yet to be written when the lease ends and begins again.
  dispatcher.end(ENDPOINT);
  const begun = dispatcher.begin(LEASE, () => OPTIONS);
  await turn();
  isAway = false;
  await begun;
  for (let turns = 0; turns < 20 && tried.length < 2; turns++) await turn();
  expect(tried).toEqual([1, 2]);
  await dispatcher.close(1000);
});

it('writes nothing under a lease that was decided under another one', async () => {
  const written: number[] = [];
  let lost: Lease | null = null;
  const { dispatcher, sent } = dispatcherOf({
    backlog: async () => ({ runs: [1], hasRetries: false, lanes: [] }),
    fresh: async (_, { after }) => (after < 7 ? [{ ...due(), run: 1, table: 'fresh' }] : []),
    commit: async (changes) => {
      const [first] = changes;
      if (lost === null) {
        lost = first!.lease;
        throw new Error('away');
      }
      if (changes.some(({ lease }) => lease === lost)) throw new LeaseLost([lost]);
      written.push(...changes.map(({ lease }) => lease.token));
    },
  });
  await dispatcher.begin(LEASE, () => OPTIONS);
  await turn();
  dispatcher.end(ENDPOINT);
  await dispatcher.begin({ endpoint: ENDPOINT, token: 3 }, () => OPTIONS);
  for (let turns = 0; turns < 20 && written.length === 0; turns++) await turn();
  expect([written, sent.length]).toEqual([[3], 2]);
  await dispatcher.close(1000);
});
