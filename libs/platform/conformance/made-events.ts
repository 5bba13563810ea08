import type { EventCodec } from '../event-codec/event-codec.js';
import { newId } from '../kernel/id.js';
import type { DataKey } from '../keys/data-key.js';

/** An event that a case has made, and what it will look for. */
export interface MadeEvent {
  id: string;
  type: string;
  stream: string;
  seq: number;
  fingerprint: Buffer;
  payload: Buffer;
}

interface Under {
  codec: EventCodec;
  key: DataKey;
  workspace: string;
}

export const MESSAGE = 'message.created';
export const UNASSIGNED = 'conversation.unassigned';
export const CLOSED = 'conversation.closed';
export const CUSTOMER = 'customer.renamed';
export const USER = 'user.renamed';
/** Types of three domains, two of them of one. */
export const TYPES = [MESSAGE, UNASSIGNED, CLOSED, CUSTOMER, USER];

/** Makes events whose streams are numbered without a gap. */
export class EventMaker {
  private readonly seqs = new Map<string, number>();

  constructor(private readonly under: Under) {}

  message(stream: string, text = 'hello'): MadeEvent {
    const author = { type: 'user', id: newId('usr') };
    const id = newId('msg');
    return this.make(MESSAGE, stream, {
      message_id: id,
      author,
      channel: 'chat',
      type: 'text',
      text,
      external_id: null,
    });
  }

  messages(count: number, stream = newId('conv')): MadeEvent[] {
    return Array.from({ length: count }, () => this.message(stream));
  }

  unassigned(stream: string): MadeEvent {
    return this.make(UNASSIGNED, stream, {});
  }

  unassignments(count: number, stream = newId('conv')): MadeEvent[] {
    return Array.from({ length: count }, () => this.unassigned(stream));
  }

  closed(stream: string): MadeEvent {
    return this.make(CLOSED, stream, { message_id: null, article: null });
  }

  /** Each on a stream of its own. */
  customers(count: number): MadeEvent[] {
    return Array.from({ length: count }, () => this.make(CUSTOMER, newId('cus'), { name: 'A name' }));
  }

  users(count: number): MadeEvent[] {
    return Array.from({ length: count }, () => this.make(USER, newId('usr'), { name: 'A name' }));
  }

  /** A message by its fingerprint, and by its bytes nothing at all. */
  garbage(stream: string): MadeEvent {
    return { ...this.message(stream), id: '', payload: Buffer.from([0xff]) };
  }

  private make(type: string, stream: string, data: object): MadeEvent {
    const { codec, key, workspace } = this.under;
    const seq = (this.seqs.get(stream) ?? 0) + 1;
    this.seqs.set(stream, seq);
    const id = newId('evt');
    const meta = {
      id,
      workspace,
      stream,
      seq,
      type,
      occurred_at: 0,
      recorded_at: Date.now(),
      actor: { type: 'system', id: 'test', on_behalf_of: null },
      correlation_id: null,
      causation_id: null,
      traceparent: null,
      ext: {},
    };
    return { id, type, stream, seq, ...codec.encode(type, meta, data, key) };
  }
}

export function idsOf(events: readonly { id: string }[]): string[] {
  return events.map(({ id }) => id);
}
