import { eventJson, eventLine } from '../feed/event-json.js';
import type { RecordedEvent } from '../kernel/event.js';

/** How a transport writes what its readers are given: the same bytes for all of them. */
export interface Encoding {
  event(event: EncodableEvent): string;
  /** What is not on the log, and leaves the reader's place where it is. */
  signal(signal: AddressedSignal): Buffer;
  /** Says that the connection lives, and where a reader stands who has everything up to there; null at the beginning. */
  heartbeat(cursor: string | null): Buffer;
  /** The last words: why it ends, and from where to go on; null for a reader who stands at the beginning. */
  closed(reason: CloseReason, cursor: string | null): Buffer;
}

/** What an encoding may write of an event. */
export interface EncodableEvent {
  type: string;
  /** The public cursor that stands right after it. */
  cursor: string;
  /** As the API shows it. */
  json: string;
  /** The same with its cursor: as it is on the stream of a workspace's events. */
  line: string;
  /** What all of it is made from. */
  event: Shown;
}

export type CloseReason = 'key_revoked' | 'shutdown' | 'slow_reader' | 'store_restored' | 'internal';

/** Typing, presence and their like: for whoever reads at this moment. */
export interface AddressedSignal {
  workspace: string;
  /** The stream whose readers hear it. */
  stream: string;
  name: string;
  /** Ids and times only: it goes through Postgres in the open. */
  data: object;
}

type Shown = Pick<RecordedEvent<string, Record<string, unknown>>, 'type' | 'meta' | 'position' | 'data'>;

/** An event on its way to readers: made JSON once, and bytes once for each transport. */
export class LiveEvent implements EncodableEvent {
  readonly position: number;
  readonly seq: number;
  readonly type: string;
  private jsonText: string | null = null;
  private lineText: string | null = null;
  private encoded: Map<Encoding, Buffer> | null = null;

  constructor(
    readonly event: Shown,
    readonly cursor: string,
    /** About what it weighs, in bytes. */
    readonly weight: number,
  ) {
    this.position = event.position;
    this.seq = event.meta.seq;
    this.type = event.type;
  }

  get json(): string {
    this.jsonText ??= eventJson(this.event);
    return this.jsonText;
  }

  get line(): string {
    this.lineText ??= eventLine(this.event, this.cursor);
    return this.lineText;
  }

  as(encoding: Encoding): Buffer {
    this.encoded ??= new Map();
    let bytes = this.encoded.get(encoding);
    if (bytes === undefined) {
      bytes = Buffer.from(encoding.event(this));
      this.encoded.set(encoding, bytes);
    }
    return bytes;
  }
}

const together = new WeakMap<readonly LiveEvent[], Map<Encoding, Buffer>>();

/** The bytes of events that are given to many readers together: made once for all that are given the same array. */
export function bytesOf(events: readonly LiveEvent[], encoding: Encoding): Buffer {
  if (events.length === 1) return events[0]!.as(encoding);
  let known = together.get(events);
  if (known === undefined) {
    known = new Map();
    together.set(events, known);
  }
  let bytes = known.get(encoding);
  if (bytes === undefined) {
    bytes = Buffer.concat(events.map((event) => event.as(encoding)));
    known.set(encoding, bytes);
  }
  return bytes;
}
