import type { ConversationCreatedData, MessageCreatedData } from '../../../../contract/generated/event-data.js';
import type { ProjectedEvent } from '../../../../platform/projections/projection.js';

/** What some events of one conversation say of it; times in ms since 1970. A row is the sum of any such parts. */
export interface ConversationPart {
  workspace: string;
  conversation: string;
  customer: string | null;
  channel: string | null;
  status: string;
  statusSeq: number;
  createdAt: number | null;
  firstCustomerMessageAt: number | null;
  firstResponseAt: number | null;
  lastMessageAt: number | null;
  firstClosedAt: number | null;
  lastClosedAt: number | null;
  messages: number;
  customerMessages: number;
  userMessages: number;
  aiAgentMessages: number;
  systemMessages: number;
  closes: number;
  reopens: number;
  assignments: number;
  lastSeq: number;
}

/** Folds a batch into a part a conversation. Nothing in a part depends on the order of the events. */
export function foldConversations(events: readonly ProjectedEvent[]): ConversationPart[] {
  const parts = new Map<string, ConversationPart>();
  for (const event of events) {
    const { stream, workspace } = event.meta;
    let part = parts.get(stream);
    if (part === undefined) {
      part = emptyPart(workspace, stream);
      parts.set(stream, part);
    }
    addTo(part, event);
  }
  return [...parts.values()];
}

function addTo(part: ConversationPart, { type, meta, data }: ProjectedEvent): void {
  const at = meta.occurred_at;
  part.lastSeq = Math.max(part.lastSeq, meta.seq);
  switch (type) {
    case 'conversation.created': {
      const { customer_id, channel } = data as ConversationCreatedData;
      part.customer = customer_id;
      part.channel = channel;
      part.createdAt = at;
      setStatus(part, 'open', meta.seq);
      return;
    }
    case 'message.created':
      // A note is between colleagues: nobody was answered.
      if ((data as MessageCreatedData).type !== 'note') addMessage(part, (data as MessageCreatedData).author.type, at);
      return;
    case 'conversation.closed':
      part.closes++;
      part.firstClosedAt = earlier(part.firstClosedAt, at);
      part.lastClosedAt = later(part.lastClosedAt, at);
      setStatus(part, 'closed', meta.seq);
      return;
    case 'conversation.reopened':
      part.reopens++;
      setStatus(part, 'open', meta.seq);
      return;
    case 'conversation.snoozed':
      setStatus(part, 'snoozed', meta.seq);
      return;
    case 'conversation.unsnoozed':
      setStatus(part, 'open', meta.seq);
      return;
    case 'conversation.assigned':
      part.assignments++;
      return;
  }
}

function addMessage(part: ConversationPart, author: string, at: number): void {
  part.messages++;
  part.lastMessageAt = later(part.lastMessageAt, at);
  if (author === 'customer') {
    part.customerMessages++;
    part.firstCustomerMessageAt = earlier(part.firstCustomerMessageAt, at);
  } else if (author === 'user' || author === 'ai_agent') {
    if (author === 'user') part.userMessages++;
    else part.aiAgentMessages++;
    part.firstResponseAt = earlier(part.firstResponseAt, at);
  } else if (author === 'system') {
    part.systemMessages++;
  }
}

function setStatus(part: ConversationPart, status: string, seq: number): void {
  if (seq <= part.statusSeq) return;
  part.status = status;
  part.statusSeq = seq;
}

function earlier(a: number | null, b: number): number {
  return a === null ? b : Math.min(a, b);
}

function later(a: number | null, b: number): number {
  return a === null ? b : Math.max(a, b);
}

function emptyPart(workspace: string, conversation: string): ConversationPart {
  return {
    workspace,
    conversation,
    customer: null,
    channel: null,
    status: 'open',
    statusSeq: 0,
    createdAt: null,
    firstCustomerMessageAt: null,
    firstResponseAt: null,
    lastMessageAt: null,
    firstClosedAt: null,
    lastClosedAt: null,
    messages: 0,
    customerMessages: 0,
    userMessages: 0,
    aiAgentMessages: 0,
    systemMessages: 0,
    closes: 0,
    reopens: 0,
    assignments: 0,
    lastSeq: 0,
  };
}
