import { check, type FindingKind, uuidOf, type Verdict } from './checker.js';
import { type Entry, Ledger } from './ledger.js';
import type { Observation } from './observation.js';

const STREAM = 'conv_0198f2000000700080000000000000a1';
const OTHER = 'conv_0198f2000000700080000000000000b2';

/** Two conversations, three messages each, one closed and reopened: promised, stored and read back without a fault. */
function faultless(): { entries: Entry[]; seen: Observation } {
  const ledger = new Ledger();
  const seen: Observation & { rows: NonNullable<Observation['rows']> } = {
    events: [],
    messages: [],
    facts: [],
    rows: [],
  };
  const store = (stream: string, seq: number, type: string, messageId: string | null, text: string | null) => {
    const position = seen.events.length + 1;
    seen.events.push({ stream, seq, type, position, messageId, text });
    seen.rows.push({ position, stream: uuidOf(stream), seq, type });
    if (messageId !== null && text !== null) seen.messages.push({ stream, id: messageId, seq, text });
  };
  for (const stream of [STREAM, OTHER]) {
    store(stream, 1, 'conversation.created', null, null);
    for (const n of [1, 2, 3]) {
      const [id, text] = [`msg_${stream.slice(-2)}${n}`, `text ${n} of ${stream}`];
      const entry = ledger.add({ key: `k${n}${stream}`, kind: 'message', stream, text });
      ledger.acknowledge(entry, { id, seq: n + 1 }, 0);
      store(stream, n + 1, 'message.created', id, text);
    }
    seen.facts.push({ stream, messages: 3, closes: stream === STREAM ? 1 : 0, reopens: null });
  }
  for (const [kind, seq, type] of [
    ['close', 5, 'conversation.closed'],
    ['reopen', 6, 'conversation.reopened'],
  ] as const) {
    const entry = ledger.add({ key: kind, kind, stream: STREAM, text: null });
    ledger.acknowledge(entry, { id: STREAM, seq }, 0);
    store(STREAM, seq, type, null, null);
  }
  return { entries: ledger.entries, seen };
}

function kinds(verdict: Verdict): FindingKind[] {
  return [...new Set(verdict.findings.map((finding) => finding.kind))].sort();
}

/** Plants one thing in a faultless run and checks it. */
function planted(plant: (seen: Observation, entries: Entry[]) => void): Verdict {
  const { entries, seen } = faultless();
  plant(seen, entries);
  return check(entries, seen);
}

const second = { stream: STREAM, seq: 3 };
const isSecond = (one: { stream: string; seq: number }) =>
  (one.stream === STREAM || one.stream === uuidOf(STREAM)) && one.seq === second.seq;

describe('the outside checker', () => {
  it('finds nothing where nothing is wrong', () => {
    const verdict = planted(() => {});
    expect(verdict.findings).toEqual([]);
    expect(verdict).toMatchObject({ tried: 8, acknowledged: 8 });
  });

  it('finds a lost event that left a gap', () => {
    const verdict = planted((seen) => {
      seen.events = seen.events.filter((event) => !isSecond(event));
      seen.messages = seen.messages.filter((message) => !isSecond(message));
      seen.rows = seen.rows!.filter((row) => !isSecond(row));
    });
    expect(kinds(verdict)).toEqual(['disagreeing', 'hole', 'lost']);
    expect(verdict.count).toMatchObject({ lost: 1, hole: 3 });
    expect(verdict.findings.find((finding) => finding.kind === 'lost')?.what).toContain('msg_a12');
  });

  it('finds a lost event at the end of its stream and of the store, where there is no gap', () => {
    const verdict = planted((seen) => {
      const isLast = (one: { stream: string; seq: number }) =>
        (one.stream === OTHER || one.stream === uuidOf(OTHER)) && one.seq === 4;
      seen.events = seen.events.filter((event) => !isLast(event));
      seen.messages = seen.messages.filter((message) => !isLast(message));
      seen.rows = seen.rows!.filter((row) => !isLast(row)).map((row, i) => ({ ...row, position: i + 1 }));
      for (const [i, event] of seen.events.entries()) event.position = i + 1;
      seen.facts[1]!.messages = 2;
    });
    expect(kinds(verdict)).toEqual(['lost']);
    expect(verdict.count.lost).toBe(1);
  });

  it('finds a lost state change', () => {
    const verdict = planted((seen) => {
      seen.events = seen.events.filter((event) => event.type !== 'conversation.reopened');
      seen.rows = seen.rows!.filter((row) => row.type !== 'conversation.reopened');
    });
    expect(kinds(verdict)).toEqual(['lost']);
  });

  it('finds a write that went in twice under one key, acknowledged or not', () => {
    for (const outcome of ['acknowledged', 'unknown'] as const) {
      const verdict = planted((seen, entries) => {
        const entry = entries[1]!;
        if (outcome === 'unknown') Object.assign(entry, { outcome, ack: null });
        const position = seen.events.length + 1;
        const again = { stream: STREAM, seq: 7, messageId: 'msg_again', text: entry.text! };
        seen.events.push({ ...again, type: 'message.created', position });
        seen.rows!.push({ position, stream: uuidOf(STREAM), seq: 7, type: 'message.created' });
        seen.messages.push({ stream: STREAM, id: again.messageId, seq: 7, text: again.text });
        seen.facts[0]!.messages = 4;
      });
      expect(kinds(verdict)).toEqual(['twice']);
      expect(verdict.findings[0]?.what).toContain('seqs 3, 7');
    }
  });

  it('finds a doubled row in the store', () => {
    const verdict = planted((seen) => seen.rows!.push({ ...seen.rows!.find(isSecond)! }));
    expect(kinds(verdict)).toEqual(['twice']);
    expect(verdict.count.twice).toBe(2);
  });

  it('finds a doubled line in the list of messages', () => {
    const verdict = planted((seen) => seen.messages.push({ ...seen.messages.find(isSecond)! }));
    expect(kinds(verdict)).toEqual(['twice']);
  });

  it('finds an altered text', () => {
    const verdict = planted((seen) => {
      for (const one of [seen.events.find(isSecond)!, seen.messages.find(isSecond)!]) one.text = 'something else';
    });
    expect(kinds(verdict)).toEqual(['altered']);
    expect(verdict.findings[0]?.what).toContain('something else');
  });

  it('finds an altered text that only the list of messages shows', () => {
    const verdict = planted((seen) => {
      seen.messages.find(isSecond)!.text = 'something else';
    });
    expect(kinds(verdict)).toEqual(['disagreeing']);
  });

  it('finds a text that nobody sent', () => {
    const verdict = planted((seen, entries) => {
      entries.splice(1, 1);
      seen.facts = [];
    });
    expect(kinds(verdict)).toEqual(['altered']);
  });

  it('finds two events that changed places', () => {
    const verdict = planted((seen) => {
      const two = seen.events.filter((event) => event.stream === STREAM && [2, 3].includes(event.seq));
      const [first, then] = [{ ...two[0]! }, { ...two[1]! }];
      Object.assign(two[0]!, { messageId: then.messageId, text: then.text });
      Object.assign(two[1]!, { messageId: first.messageId, text: first.text });
      for (const message of seen.messages.filter((message) => message.stream === STREAM)) {
        if (message.seq === 2) message.seq = 3;
        else if (message.seq === 3) message.seq = 2;
      }
    });
    expect(kinds(verdict)).toEqual(['swapped']);
    expect(verdict.count.swapped).toBe(2);
  });

  it('finds positions that run against the order of their stream', () => {
    const verdict = planted((seen) => {
      for (const all of [seen.events, seen.rows!]) {
        const [a, b] = [all.find((one) => one.position === 2)!, all.find((one) => one.position === 3)!];
        [a.position, b.position] = [3, 2];
      }
    });
    expect(kinds(verdict)).toEqual(['swapped']);
    expect(verdict.count.swapped).toBe(2);
  });

  it('finds a hole in the positions', () => {
    const verdict = planted((seen) => {
      for (const all of [seen.events, seen.rows!]) for (const one of all) if (one.position! > 6) one.position! += 2;
    });
    expect(verdict.findings).toEqual([{ kind: 'hole', what: 'the store has no positions 7 to 8' }]);
  });

  it('finds a command accepted on a state that never was', () => {
    const verdict = planted((seen) => {
      for (const all of [seen.events, seen.rows!]) {
        for (const one of all) if (one.type === 'conversation.reopened') one.type = 'conversation.closed';
      }
      seen.facts = [];
    });
    expect(kinds(verdict)).toContain('impossible');
  });

  it('finds a refused write that stands all the same', () => {
    const verdict = planted((_seen, entries) => {
      Object.assign(entries[1]!, { outcome: 'refused', ack: null });
    });
    expect(kinds(verdict)).toEqual(['impossible']);
  });

  it('finds a second answer that is not the first again', () => {
    const { entries, seen } = faultless();
    const ledger = new Ledger();
    ledger.acknowledge(entries[0]!, { id: 'msg_new', seq: 9 }, 0);
    const verdict = check(entries, seen);
    expect(kinds(verdict)).toEqual(['altered']);
    expect(verdict.findings[0]?.what).toContain('then msg_new at seq 9');
  });

  it('finds a read model that tells another story', () => {
    const verdict = planted((seen) => {
      seen.facts[0]!.messages = 4;
    });
    expect(kinds(verdict)).toEqual(['disagreeing']);
  });

  it('lets a write without an answer stand once or not at all', () => {
    for (const stands of [true, false]) {
      const verdict = planted((seen, entries) => {
        const entry = entries[5]!;
        Object.assign(entry, { outcome: 'unknown', ack: null });
        if (stands) return;
        seen.events = seen.events.filter((event) => event.text !== entry.text);
        seen.messages = seen.messages.filter((message) => message.text !== entry.text);
        seen.rows = null;
        seen.facts = [];
      });
      expect(verdict.findings).toEqual([]);
      expect(verdict.acknowledged).toBe(7);
    }
  });
});
