/** What a client asked for. `message` posts a text; the others change the conversation's state. */
export type WriteKind = 'message' | 'close' | 'reopen' | 'assign';

/** What a client was promised: taken from a 2xx answer. `seq` is null where the route answers none. */
export interface Acknowledgement {
  id: string | null;
  seq: number | null;
}

/** One write under one idempotency key, however often it was sent. */
export interface Entry {
  key: string;
  kind: WriteKind;
  /** The conversation's id, as the API writes it. */
  stream: string;
  /** Unique in the run; null for writes without a text. */
  text: string | null;
  sends: number;
  /** `unknown`: no answer was ever seen, so it may stand once or not at all. */
  outcome: 'unknown' | 'acknowledged' | 'refused';
  ack: Acknowledgement | null;
  /** A second answer to the same key that was not the first again. */
  contradictions: string[];
}

/**
 * What the load clients sent and what they were promised, kept outside the product. Everything the checker says is
 * measured against this.
 */
export class Ledger {
  readonly entries: Entry[] = [];
  /** Answers that no fault excuses: a 5xx other than 503, a 503 without `Retry-After`, a status nobody expects. */
  readonly wrongAnswers = new Map<string, number>();
  retries = 0;
  unavailable = 0;
  #listeners: { after: number; tell: (at: number) => void }[] = [];

  add(entry: Pick<Entry, 'key' | 'kind' | 'stream' | 'text'>): Entry {
    const full: Entry = { ...entry, sends: 0, outcome: 'unknown', ack: null, contradictions: [] };
    this.entries.push(full);
    return full;
  }

  /** Records a promise; `sentAt` is when its request began (ms of `performance.now()`). */
  acknowledge(entry: Entry, ack: Acknowledgement, sentAt: number): void {
    if (entry.outcome === 'refused') entry.contradictions.push(`first refused, then acknowledged as ${show(ack)}`);
    if (entry.ack !== null && (entry.ack.id !== ack.id || entry.ack.seq !== ack.seq)) {
      entry.contradictions.push(`first ${show(entry.ack)}, then ${show(ack)}`);
    }
    entry.outcome = 'acknowledged';
    entry.ack ??= ack;
    this.#listeners = this.#listeners.filter((listener) => {
      if (sentAt < listener.after) return true;
      listener.tell(performance.now());
      return false;
    });
  }

  /** A 4xx by the domain: the write must not stand. */
  refuse(entry: Entry, status: number): void {
    if (entry.outcome === 'acknowledged') entry.contradictions.push(`first acknowledged, then answered ${status}`);
    else entry.outcome = 'refused';
  }

  wrong(what: string): void {
    this.wrongAnswers.set(what, (this.wrongAnswers.get(what) ?? 0) + 1);
  }

  /** Resolves, with the time, at the first acknowledgement of a request that began at `after` or later. */
  firstAcknowledgementAfter(after: number): Promise<number> {
    return new Promise((tell) => this.#listeners.push({ after, tell }));
  }

  get acknowledged(): number {
    return this.entries.filter((entry) => entry.outcome === 'acknowledged').length;
  }
}

function show(ack: Acknowledgement): string {
  return `${ack.id ?? 'no id'} at seq ${ack.seq ?? '?'}`;
}
