import { type Decider, isRefusal, type Refusal, refuse } from '../../platform/kernel/decider.js';
import type { Party } from '../../platform/kernel/event.js';
import { type ChangeFields, fieldEventsOf, missing, withField } from '../../platform/kernel/fields/held-fields.js';
import type {
  ConversationCommand,
  OpenConversation,
  PostMessage,
  Priority,
  Status,
  StatusDetail,
  UpdateConversation,
} from './conversation.commands.js';
import type { ConversationCreated, ConversationEvent } from './conversation.events.js';
import type { ConversationState } from './conversation.state.js';
import type { AcceptDraft } from './drafts/draft.commands.js';
import { decideOnDraft } from './drafts/draft.decider.js';
import { decideImport } from './import/import.decider.js';
import type { ForkConversation } from './links/link.commands.js';
import { decideTie, evolveTies, merged, NO_TIES } from './links/link.decider.js';
import { NOTHING_MORE } from './messages/message.commands.js';
import { decideOnMessage } from './messages/message.decider.js';
import { messageCreated } from './messages/message.events.js';

export const conversationDecider: Decider<ConversationCommand, ConversationState, ConversationEvent> = {
  decide,
  evolve,
};

function decide(command: ConversationCommand, kept: ConversationState | null): ConversationEvent[] | Refusal {
  const state = whole(kept);
  if (command.type === 'open') return state === null ? opening(command) : exists();
  if (command.type === 'import') {
    // All that it had is here: that its line comes again is no matter.
    const elsewhere = state === null || command.messages.length === 0 ? null : mergedAway(null, state);
    return elsewhere ?? decideImport(command, state, { created, posted, evolve });
  }
  if (command.type === 'fork') return state === null ? forked(command) : exists();
  if (state === null) return refuse('not_found', 'There is no such conversation in this workspace.');
  switch (command.type) {
    case 'post':
      if (command.isIn != null) return refuse('external_id_taken', `The message is in ${command.isIn} already.`);
      return mergedAway(command.despiteMerge ?? null, state) ?? (state.locked ? locked() : posted(command, state));
    case 'assign': {
      const { assignee } = command;
      return some(assigned(assignee, state)) ?? refuse('already_assigned', assigneeStays(assignee));
    }
    case 'assign_team': {
      const { team } = command;
      const stays = team === null ? 'The conversation has no team.' : `The conversation is ${team}'s already.`;
      return some(teamAssigned(team, state)) ?? refuse('already_assigned', stays);
    }
    case 'close':
      if (state.status === 'closed') return refuse('conversation_closed', 'The conversation is closed already.');
      return (
        misplaced(command.detail, 'closed') ?? missing(command.required ?? [], state.fields) ?? [closed(command.detail)]
      );
    case 'reopen':
      if (state.status === 'open') return refuse('conversation_not_closed', 'The conversation is open already.');
      return keptShut(state) ?? misplaced(command.detail, 'open') ?? [opened(null, command.detail, state)];
    case 'snooze': {
      const { until, detail } = command;
      if (state.status === 'snoozed' && until === state.until && (detail?.id ?? null) === state.detail) {
        return refuse('already_snoozed', 'The conversation is snoozed so already.');
      }
      return keptShut(state) ?? misplaced(detail, 'snoozed') ?? [snoozed(until, detail)];
    }
    case 'wake':
      if (state.status !== 'snoozed' || state.until !== command.until) {
        return refuse('conversation_not_snoozed', 'The conversation is not snoozed until then.');
      }
      return [opened(null, null, state)];
    case 'label':
      if (state.labels.includes(command.label)) {
        return refuse('already_labeled', `The conversation has the label ${command.label} already.`);
      }
      return [{ type: 'conversation.labeled', data: { label_id: command.label } }];
    case 'unlabel':
      if (!state.labels.includes(command.label)) {
        return refuse('not_labeled', `The conversation does not have the label ${command.label}.`);
      }
      return [{ type: 'conversation.unlabeled', data: { label_id: command.label } }];
    case 'lock':
      return some(lockedAs(true, state)) ?? refuse('conversation_locked', 'The conversation is locked already.');
    case 'unlock':
      return some(lockedAs(false, state)) ?? refuse('conversation_not_locked', 'The conversation is not locked.');
    case 'link':
    case 'unlink':
    case 'add_reference':
    case 'remove_reference':
      return decideTie(command, state.ties ?? NO_TIES, state.customer);
    case 'merge': {
      const decision = decideTie(command, state.ties ?? NO_TIES, state.customer);
      return isRefusal(decision) || state.status === 'closed' ? decision : [closed(null), ...decision];
    }
    case 'change_fields':
      return fieldsChanged(command, state);
    case 'update':
      return contradicted(command, state) ?? updated(command, state);
    case 'edit':
    case 'redact':
    case 'react':
    case 'unreact':
    case 'receipt':
    case 'change_message_fields':
      return decideOnMessage(command, state);
    case 'choose': {
      const events = mergedAway(command.despiteMerge ?? null, state) ?? decideOnMessage(command, state);
      return isRefusal(events) ? events : opensWith(events, command.author, command.message.id, state);
    }
    case 'propose':
    case 'accept_draft': {
      const elsewhere = mergedAway(command.despiteMerge ?? null, state);
      return elsewhere ?? decideOnDraft(command, state, (accepted) => posted(postOf(accepted), state));
    }
    case 'edit_draft':
    case 'refuse_draft':
      return decideOnDraft(command, state, (accepted) => posted(postOf(accepted), state));
    default:
      return command satisfies never;
  }
}

function opening(command: OpenConversation): ConversationEvent[] | Refusal {
  const { fields = NO_FIELDS } = command;
  // What is required is asked for when it is closed.
  const values = fieldEventsOf('conversation', { ...fields, required: [] }, {});
  return isRefusal(values) ? values : [created(command), ...values];
}

const NO_FIELDS: ChangeFields = { changes: [], replaces: false, required: [] };

/** While it is not closed, values may be missing; and for good where a merge closed it, which asks for none. */
function fieldsChanged(
  command: ChangeFields,
  { status, fields, ties }: ConversationState,
): ConversationEvent[] | Refusal {
  const asks = status === 'closed' && (ties?.mergedInto ?? null) === null;
  return fieldEventsOf('conversation', asks ? command : { ...command, required: [] }, fields);
}

function posted(command: Omit<PostMessage, 'type'>, state: ConversationState): ConversationEvent[] {
  return opensWith([messageCreated(command, state.channel)], command.author, command.messageId, state);
}

/** What a customer says opens what is not open. */
function opensWith(
  events: ConversationEvent[],
  author: Party,
  messageId: string,
  state: ConversationState,
): ConversationEvent[] {
  if (state.status === 'open' || author.type !== 'customer') return events;
  return [...events, opened(messageId, null, state)];
}

function postOf({ messageId, author, channel, content, inReplyTo, ai, draft }: AcceptDraft): Omit<PostMessage, 'type'> {
  return {
    messageId,
    author,
    channel,
    ...NOTHING_MORE,
    ...content,
    externalId: null,
    inReplyTo,
    draftId: draft.id,
    ai,
  };
}

/** What was merged goes on elsewhere, but where merges lead round: then in the one that everybody takes for their end. */
function mergedAway(despite: string | null, { ties }: ConversationState): Refusal | null {
  const into = ties?.mergedInto ?? null;
  return into === null || into === despite ? null : merged(into);
}

/** A merge closes, and nobody would look for what is open in a conversation that goes on elsewhere. */
function keptShut(state: ConversationState): Refusal | null {
  return state.status === 'closed' ? mergedAway(null, state) : null;
}

function forked(command: ForkConversation): ConversationEvent[] {
  const { from, fromSeq, customer, channel, title, messages } = command;
  const origin = {
    from_id: from,
    from_seq: fromSeq,
    message_ids: messages.map(({ messageId }) => messageId),
    origin_ids: messages.map((message) => message.origin),
  };
  return [
    created({ customerId: customer, channel, title, externalId: null }),
    { type: 'conversation.forked', data: origin },
    ...messages.map(({ occurredAt, ...message }) => ({
      ...messageCreated({ ...NOTHING_MORE, ...message, externalId: null }, channel),
      occurredAt,
    })),
  ];
}

/** An event for each field that is not as it should be; none where all are. */
function updated(command: UpdateConversation, state: ConversationState): ConversationEvent[] {
  const { title, priority, assignee, team, labels, locked } = command;
  const events = statusChanged(command, state);
  if (assignee !== undefined) events.push(...assigned(assignee, state));
  if (team !== undefined) events.push(...teamAssigned(team, state));
  if (priority !== undefined && priority !== state.priority) {
    events.push({ type: 'conversation.priority_changed', data: { priority } });
  }
  if (labels !== undefined) events.push(...labeledAs(labels, state));
  if (title !== undefined && title.isRevision !== state.titleRevision) {
    events.push({ type: 'conversation.title_changed', data: { title: title.text } });
  }
  if (locked !== undefined) events.push(...lockedAs(locked, state));
  return events;
}

function contradicted(command: UpdateConversation, state: ConversationState): Refusal | null {
  const status = statusAfter(command, state);
  const shut = status === 'closed' ? null : keptShut(state);
  if (shut !== null) return shut;
  if (command.until != null && status !== 'snoozed') {
    return refuse(
      'conversation_not_snoozed',
      `A conversation that is ${status} is not snoozed until a time. Leave that out.`,
    );
  }
  const closes = status === 'closed' && state.status !== 'closed';
  return misplaced(command.detail ?? null, status) ?? (closes ? missing(command.required ?? [], state.fields) : null);
}

function statusAfter({ status, until }: UpdateConversation, state: ConversationState): Status {
  return status ?? (until == null ? state.status : 'snoozed');
}

function statusChanged(command: UpdateConversation, state: ConversationState): ConversationEvent[] {
  const { detail, until } = command;
  const status = statusAfter(command, state);
  const isPutOff = status === 'snoozed' && until !== undefined && until !== state.until;
  if (status === state.status && !isPutOff) {
    const id = detail === undefined ? state.detail : (detail?.id ?? null);
    return id === state.detail ? [] : [{ type: 'conversation.detail_changed', data: { detail: id } }];
  }
  switch (status) {
    case 'open':
      return [opened(null, detail ?? null, state)];
    case 'closed':
      return [closed(detail ?? null)];
    case 'snoozed':
      return [snoozed(until ?? null, detail ?? null)];
    default:
      return status satisfies never;
  }
}

function labeledAs(labels: readonly string[], state: ConversationState): ConversationEvent[] {
  const wanted = new Set(labels);
  const had = new Set(state.labels);
  return [
    ...[...had].filter((label) => !wanted.has(label)).map((label) => labelEvent('conversation.unlabeled', label)),
    ...[...wanted].filter((label) => !had.has(label)).map((label) => labelEvent('conversation.labeled', label)),
  ];
}

function labelEvent(type: 'conversation.labeled' | 'conversation.unlabeled', label: string): ConversationEvent {
  return { type, data: { label_id: label } };
}

function assigned(assignee: Party | null, state: ConversationState): ConversationEvent[] {
  if (same(assignee, state.assignee)) return [];
  return assignee === null
    ? [{ type: 'conversation.unassigned', data: {} }]
    : [{ type: 'conversation.assigned', data: { assignee } }];
}

function assigneeStays(assignee: Party | null): string {
  return assignee === null ? 'The conversation has no assignee.' : `${assignee.id} is the assignee already.`;
}

function teamAssigned(team: string | null, state: ConversationState): ConversationEvent[] {
  if (team === state.team) return [];
  return team === null
    ? [{ type: 'conversation.team_unassigned', data: {} }]
    : [{ type: 'conversation.team_assigned', data: { team_id: team } }];
}

function lockedAs(locked: boolean, state: ConversationState): ConversationEvent[] {
  if (locked === state.locked) return [];
  return [locked ? { type: 'conversation.locked', data: {} } : { type: 'conversation.unlocked', data: {} }];
}

function created({ customerId, channel, title, externalId }: Omit<OpenConversation, 'type'>): ConversationCreated {
  return {
    type: 'conversation.created',
    data: { customer_id: customerId, channel, title, external_id: externalId },
  };
}

function closed(detail: StatusDetail | null): ConversationEvent {
  return { type: 'conversation.closed', data: { message_id: null, article: null, detail: detail?.id ?? null } };
}

function opened(
  messageId: string | null,
  detail: StatusDetail | null,
  { status }: ConversationState,
): ConversationEvent {
  const type = status === 'snoozed' ? 'conversation.unsnoozed' : 'conversation.reopened';
  return { type, data: { message_id: messageId, detail: detail?.id ?? null } };
}

function snoozed(until: number | null, detail: StatusDetail | null): ConversationEvent {
  return { type: 'conversation.snoozed', data: { until, detail: detail?.id ?? null } };
}

function misplaced(detail: StatusDetail | null, status: Status): Refusal | null {
  if (detail === null || detail.status === status) return null;
  return refuse('status_detail_mismatch', `The detail ${detail.id} belongs to ${detail.status}, not to ${status}.`);
}

function exists(): Refusal {
  return refuse('external_id_taken', 'The conversation exists already.');
}

function locked(): Refusal {
  return refuse('conversation_locked', 'The conversation is locked: it takes no messages. Unlock it first.');
}

function some(events: ConversationEvent[]): ConversationEvent[] | null {
  return events.length > 0 ? events : null;
}

function same(a: Party | null, b: Party | null): boolean {
  return a?.type === b?.type && a?.id === b?.id;
}

function evolve(kept: ConversationState | null, event: ConversationEvent): ConversationState {
  if (event.type === 'conversation.created') return stateAtFirst(event);
  const state = whole(kept);
  if (state === null) throw new Error(`A conversation's first event is ${event.type}.`);
  switch (event.type) {
    case 'message.created':
    case 'message.delivered':
    case 'message.read':
    case 'draft.proposed':
      return state;
    case 'conversation.field_set':
      return { ...state, fields: withField(state.fields, { verb: 'field_set', data: event.data }) };
    case 'conversation.field_cleared':
      return { ...state, fields: withField(state.fields, { verb: 'field_cleared', data: event.data }) };
    case 'message.edited':
    case 'message.redacted':
    case 'message.reaction_added':
    case 'message.reaction_removed':
    case 'message.delivery_failed':
    case 'message.choice_made':
    case 'message.field_set':
    case 'message.field_cleared':
    case 'draft.edited':
    case 'draft.accepted':
    case 'draft.refused':
      return { ...state, contentRevision: state.contentRevision + 1 };
    case 'conversation.title_changed':
      return { ...state, titleRevision: state.titleRevision + 1 };
    case 'conversation.priority_changed':
      return { ...state, priority: event.data.priority as Priority };
    case 'conversation.assigned':
      return { ...state, assignee: event.data.assignee };
    case 'conversation.unassigned':
      return { ...state, assignee: null };
    case 'conversation.team_assigned':
      return { ...state, team: event.data.team_id };
    case 'conversation.team_unassigned':
      return { ...state, team: null };
    case 'conversation.snoozed':
      return { ...state, status: 'snoozed', until: event.data.until, detail: event.data.detail };
    case 'conversation.closed':
      return { ...state, status: 'closed', until: null, detail: event.data.detail };
    case 'conversation.unsnoozed':
    case 'conversation.reopened':
      return { ...state, status: 'open', until: null, detail: event.data.detail };
    case 'conversation.detail_changed':
      return { ...state, detail: event.data.detail };
    case 'conversation.labeled':
      return { ...state, labels: [...state.labels, event.data.label_id] };
    case 'conversation.unlabeled':
      return { ...state, labels: state.labels.filter((label) => label !== event.data.label_id) };
    case 'conversation.locked':
      return { ...state, locked: true };
    case 'conversation.unlocked':
      return { ...state, locked: false };
    case 'conversation.linked':
    case 'conversation.unlinked':
    case 'conversation.reference_added':
    case 'conversation.reference_removed':
    case 'conversation.merged':
      return { ...state, ties: evolveTies(state.ties ?? NO_TIES, event) };
    case 'conversation.forked':
      return state;
    default:
      return event satisfies never;
  }
}

const UNTOUCHED = {
  status: 'open',
  detail: null,
  until: null,
  priority: 'normal',
  assignee: null,
  team: null,
  labels: [],
  locked: false,
  titleRevision: 0,
  fields: {},
  contentRevision: 0,
} as const;

function stateAtFirst({ data }: ConversationCreated): ConversationState {
  return { customer: data.customer_id, channel: data.channel, ...UNTOUCHED };
}

/** A state that was kept before there were events for all of these fields lacks those, and nothing has touched them. */
function whole(kept: ConversationState | null): ConversationState | null {
  return kept === null || (kept.contentRevision !== undefined && kept.fields !== undefined)
    ? kept
    : { ...UNTOUCHED, ...(kept as ConversationState) };
}
