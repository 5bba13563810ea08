import type { Party } from '../../../platform/kernel/event.js';
import type { ChangeFields, HeldFields } from '../../../platform/kernel/fields/held-fields.js';
import type { Choice } from './blocks.js';

export const MESSAGE_TYPES = ['text', 'note', 'rich'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** How a model came to a text. */
export interface AiTrace {
  model: string;
  /** From 0 to 1; null where it does not say. */
  confidence: number | null;
  /** JSON text: a list of sources; null where it does not say. */
  sources: string | null;
  /** The stream's number up to which it had read; null where it does not say. */
  readThroughSeq: number | null;
}

/** What a message says, whoever does. */
export interface Content {
  messageType: string;
  text: string;
  /** JSON text; null for what is not rich. */
  blocks: string | null;
}

/** Of a message that has a text and nothing more. */
export const NOTHING_MORE = {
  blocks: null,
  mentions: [],
  channelMessageId: null,
  inReplyTo: null,
  draftId: null,
  ai: null,
} as const;

/** A message as it was read before the decision. */
export interface KnownMessage {
  id: string;
  /** The number of its own event. */
  seq: number;
  isRedacted: boolean;
}

/**
 * What changes with each edit, redaction, reaction, receipt and choice, and with each change of a draft: a command that was made
 * from an older reading is turned back, to be made again.
 */
export interface FromReading {
  contentRevision: number;
}

export interface EditMessage extends FromReading {
  type: 'edit';
  message: KnownMessage;
  content: Content;
  mentions: readonly string[];
  /** Whether it says so already. */
  isSame: boolean;
  /** How many events after its own say something personal of it. */
  later: number;
}

export interface RedactMessage extends FromReading {
  type: 'redact';
  message: KnownMessage;
  /** The numbers of all events that say something of the message. */
  seqs: readonly number[];
  reason: string | null;
}

export interface ReactToMessage extends FromReading {
  type: 'react' | 'unreact';
  message: KnownMessage;
  author: Party;
  emoji: string;
  /** Whether the author's reaction is there. */
  isThere: boolean;
  /** How many reactions the message has. */
  count: number;
}

export type Receipt =
  | { type: 'delivered' }
  | { type: 'read'; reader: Party }
  | { type: 'failed'; code: string; detail: string | null };

export interface TakeReceipt extends FromReading {
  type: 'receipt';
  message: KnownMessage;
  channel: string;
  receipt: Receipt;
  /** ms; null for now. */
  occurredAt: number | null;
  /** Whether it was taken before. */
  isKnown: boolean;
  /** How many receipts the message has. */
  count: number;
}

export interface MakeChoice extends FromReading {
  type: 'choose';
  message: KnownMessage;
  author: Party;
  /** What the message offers of what was asked for; or why it does not. */
  choices: readonly Choice[] | string;
  /** How often something of the message was chosen before. */
  count: number;
  /** What those choices weigh, as JSON. */
  bytes: number;
  /** As of a message that is posted. */
  despiteMerge?: string | null;
}

/** Values in custom fields of a message. */
export interface ChangeMessageFields extends ChangeFields, FromReading {
  type: 'change_message_fields';
  message: KnownMessage;
  /** What the message has, of the same reading: of a message there is no state. */
  held: HeldFields;
}

export type MessageCommand =
  | EditMessage
  | RedactMessage
  | ReactToMessage
  | TakeReceipt
  | MakeChoice
  | ChangeMessageFields;
