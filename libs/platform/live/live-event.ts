import type { RecordedEvent } from '../kernel/event.js';

/** How a transport writes what its readers are given: the same bytes for all of them. */
export interface Encoding {
  event(event: LiveEvent): Buffer;
  /** What is not on the log, and leaves the reader's place where it is. */
  signal(signal: Signal): Buffer;
  /** Says that the connection lives, and where a reader stands who has everything up to there; null where that moves nobody on. */
  heartbeat(cursor: string | null): Buffer;
  /** The last words: why it ends, and from where to go on; null for a reader who stands at the beginning. */
  closed(reason: CloseReason, cursor: string | null): Buffer;
}

export type CloseReason = 'key_revoked' | 'shutdown' | 'slow_reader' | 'store_restored' | 'internal';

/** Typing, presence and their like: for whoever reads at this moment. */
export interface Signal {
  name: string;
  /** Ids and times only: it goes through Postgres in the open. */
  data: object;
}

/** An event on its way to readers: made JSON once, and bytes once for each transport. */
export class LiveEvent {
  readonly position: number;
  readonly seq: number;
  readonly type: string;
  private text: string | undefined;
  private readonly encoded = new Map<Encoding, Buffer>();

  constructor(
    event: Pick<RecordedEvent, 'type' | 'meta' | 'position'>,
    /** The public cursor that stands right after it. */
    readonly cursor: string,
    private readonly resource: () => object,
  ) {
    this.position = event.position;
    this.seq = event.meta.seq;
    this.type = event.type;
  }

  /** As the API shows it. */
  get json(): string {
    this.text ??= JSON.stringify(this.resource());
    return this.text;
  }

  as(encoding: Encoding): Buffer {
    let bytes = this.encoded.get(encoding);
    if (bytes === undefined) {
      bytes = encoding.event(this);
      this.encoded.set(encoding, bytes);
    }
    return bytes;
  }
}
