import { check, withFindings } from '../checker.js';
import { Ledger } from '../ledger.js';
import { expectedEvents, findingsOf, type StrangersReport } from './stranger.js';

const STREAM = 'conv_0198f2000000700080000000000000a1';
const LISTS = [
  ...['lost', 'twice', 'duplicates', 'gaps', 'disorder', 'moved'],
  ...['position_disorder', 'mismatches', 'undecodable', 'begins_late'],
];

/** What it prints of a log in which these lists are not empty. */
function reportWith(planted: Record<string, object[]>): StrangersReport {
  const lists = Object.fromEntries(LISTS.map((name) => [name, planted[name] ?? []]));
  return { sound: Object.keys(planted).length === 0, events: 7, ...lists };
}

describe('what is expected on Kafka', () => {
  it('is every promise with a place in its stream, and every conversation', () => {
    const ledger = new Ledger();
    const write = (kind: 'message' | 'close', key: string) =>
      ledger.add({ key, kind, stream: STREAM, text: kind === 'message' ? key : null });
    ledger.acknowledge(write('message', 'a'), { id: 'msg_1', seq: 2 }, 0);
    ledger.acknowledge(write('close', 'b'), { id: STREAM, seq: 3 }, 0);
    ledger.refuse(write('close', 'c'), 422);
    write('message', 'never answered');
    expect(expectedEvents(ledger.entries, [STREAM])).toEqual([
      { type: 'conversation.created', stream: STREAM, seq: 1 },
      { type: 'message.created', stream: STREAM, seq: 2, message_id: 'msg_1' },
      { type: 'conversation.closed', stream: STREAM, seq: 3 },
    ]);
  });
});

describe('what the reader of Kafka finds', () => {
  it('is nothing where the log is whole', () => {
    expect(findingsOf(reportWith({}))).toEqual([]);
  });

  it.each([
    ['lost', 'lost'],
    ['begins_late', 'lost'],
    ['twice', 'twice'],
    ['duplicates', 'twice'],
    ['gaps', 'hole'],
    ['disorder', 'swapped'],
    ['position_disorder', 'swapped'],
    ['moved', 'swapped'],
    ['mismatches', 'altered'],
    ['undecodable', 'altered'],
  ] as const)('%s counts as %s', (list, kind) => {
    const planted = { stream: STREAM, seq: 2 };
    const verdict = withFindings(
      check([], { events: [], messages: [], facts: [], rows: null }),
      findingsOf(reportWith({ [list]: [planted] })),
    );
    expect(verdict.findings).toEqual([{ kind, what: `on Kafka, ${list}: ${JSON.stringify(planted)}` }]);
    expect(verdict.count[kind]).toBe(1);
  });

  it('is not believed where it says that something is wrong, and not what', () => {
    expect(() => findingsOf({ ...reportWith({}), sound: false })).toThrow('does not say why');
    expect(() => findingsOf({ ...reportWith({ lost: [{}] }), sound: true })).toThrow('does not say why');
  });

  it('is not believed where one of its lists is missing', () => {
    const { lost: _lost, ...rest } = reportWith({});
    expect(() => findingsOf(rest as StrangersReport)).toThrow('says nothing of "lost"');
  });
});
