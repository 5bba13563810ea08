import { type Decider, type Refusal, refuse } from '../../platform/kernel/decider.js';
import type { Party } from '../../platform/kernel/event.js';
import type {
  ConversationCommand,
  ImportConversation,
  OpenConversation,
  PostMessage,
} from './conversation.commands.js';
import type { ConversationCreated, ConversationEvent, MessageCreated } from './conversation.events.js';

/**
 * (nothing) ── created ──► open ── closed ──► closed
 *                           ▲                   │
 *                           └──── reopened ─────┘   by hand, or by a message of a customer
 *
 * Assignment changes in both states. Messages are taken in both states.
 */
export interface ConversationState {
  customer: string;
  channel: string;
  status: 'open' | 'closed';
  assignee: Party | null;
}

export const conversationDecider: Decider<ConversationCommand, ConversationState, ConversationEvent> = {
  decide,
  evolve,
};

function decide(command: ConversationCommand, state: ConversationState | null): ConversationEvent[] | Refusal {
  if (command.type === 'open') return state === null ? [created(command)] : exists();
  if (command.type === 'import') return imported(command, state);
  if (state === null) return refuse('not_found', 'There is no such conversation in this workspace.');
  switch (command.type) {
    case 'post':
      return posted(command, state);
    case 'assign': {
      const { assignee } = command;
      if (same(assignee, state.assignee)) {
        return refuse(
          'already_assigned',
          assignee === null ? 'The conversation has no assignee.' : `${assignee.id} is the assignee already.`,
        );
      }
      return assignee === null
        ? [{ type: 'conversation.unassigned', data: {} }]
        : [{ type: 'conversation.assigned', data: { assignee } }];
    }
    case 'close':
      if (state.status === 'closed') return refuse('conversation_closed', 'The conversation is closed already.');
      return [{ type: 'conversation.closed', data: { message_id: null, article: null } }];
    case 'reopen':
      if (state.status === 'open') return refuse('conversation_not_closed', 'The conversation is open already.');
      return [{ type: 'conversation.reopened', data: { message_id: null } }];
    default:
      return command satisfies never;
  }
}

function posted(command: Omit<PostMessage, 'type'>, state: ConversationState): ConversationEvent[] {
  const message = messageOf(command, state.channel);
  if (state.status === 'open' || command.author.type !== 'customer') return [message];
  return [message, { type: 'conversation.reopened', data: { message_id: command.messageId } }];
}

function imported(command: ImportConversation, before: ConversationState | null): ConversationEvent[] {
  const events: ConversationEvent[] = [];
  let state = before;
  const add = (event: ConversationEvent, occurredAt: number) => {
    state = evolve(state, event);
    events.push({ ...event, occurredAt });
  };
  if (state === null) add(created(command.open), command.open.occurredAt);
  for (const message of command.messages) {
    for (const event of posted(message, state!)) add(event, message.occurredAt);
    if (message.resolves !== null && state!.status === 'open') {
      const data = { message_id: message.messageId, article: message.resolves.article };
      add({ type: 'conversation.closed', data }, message.occurredAt);
    }
  }
  return events;
}

function created({ customerId, channel, title, externalId }: OpenConversation): ConversationCreated {
  return {
    type: 'conversation.created',
    data: { customer_id: customerId, channel, title, external_id: externalId },
  };
}

function messageOf(command: Omit<PostMessage, 'type'>, channel: string): MessageCreated {
  return {
    type: 'message.created',
    data: {
      message_id: command.messageId,
      author: command.author,
      channel: command.channel ?? channel,
      type: command.messageType,
      text: command.text,
      external_id: command.externalId,
    },
  };
}

function exists(): Refusal {
  return refuse('external_id_taken', 'The conversation exists already.');
}

function same(a: Party | null, b: Party | null): boolean {
  return a?.type === b?.type && a?.id === b?.id;
}

function evolve(state: ConversationState | null, event: ConversationEvent): ConversationState {
  if (event.type === 'conversation.created') {
    return { customer: event.data.customer_id, channel: event.data.channel, status: 'open', assignee: null };
  }
  if (state === null) throw new Error(`A conversation's first event is ${event.type}.`);
  switch (event.type) {
    case 'message.created':
      return state;
    case 'conversation.assigned':
      return { ...state, assignee: event.data.assignee };
    case 'conversation.unassigned':
      return { ...state, assignee: null };
    case 'conversation.closed':
      return { ...state, status: 'closed' };
    case 'conversation.reopened':
      return { ...state, status: 'open' };
    default:
      return event satisfies never;
  }
}
