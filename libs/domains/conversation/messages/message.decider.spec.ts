import { isRefusal } from '../../../platform/kernel/decider.js';
import type { ConversationCommand } from '../conversation.commands.js';
import { conversationDecider } from '../conversation.decider.js';
import type { ConversationEvent } from '../conversation.events.js';
import type { ConversationState } from '../conversation.state.js';

const ADA = { type: 'customer', id: 'cus_ada' };
const BO = { type: 'user', id: 'usr_bo' };
const message = { id: 'msg_1', seq: 2, isRedacted: false };
const place = { message_id: 'msg_1', message_seq: 2 };
const YES = [{ block_id: 'yes', value: 'Yes' }];
const content = { messageType: 'text', text: 'Better', blocks: null };
const fresh = conversationDecider.evolve(null, {
  type: 'conversation.created',
  data: { customer_id: ADA.id, channel: 'email', title: null, external_id: null },
});

function outcome(
  command: ConversationCommand,
  state: ConversationState = fresh,
): string | readonly ConversationEvent[] {
  const decision = conversationDecider.decide(command, state);
  return isRefusal(decision) ? decision.refused : decision;
}

const commands: [string, ConversationCommand, ConversationEvent][] = [
  [
    'an edit',
    { type: 'edit', contentRevision: 0, message, content, mentions: [], isSame: false, later: 0 },
    { type: 'message.edited', data: { ...place, text: 'Better', blocks: null, mentions: [] } },
  ],
  [
    'a redaction',
    { type: 'redact', contentRevision: 0, message, seqs: [2, 3], reason: null },
    { type: 'message.redacted', data: { ...place, seqs: [2, 3], reason: null } },
  ],
  [
    'a reaction',
    { type: 'react', contentRevision: 0, message, author: ADA, emoji: '👍', isThere: false, count: 0 },
    { type: 'message.reaction_added', data: { ...place, author: ADA, emoji: '👍' } },
  ],
  [
    'a reaction taken back',
    { type: 'unreact', contentRevision: 0, message, author: ADA, emoji: '👍', isThere: true, count: 1 },
    { type: 'message.reaction_removed', data: { ...place, author: ADA, emoji: '👍' } },
  ],
  ['a delivery', receipt({ type: 'delivered' }), { type: 'message.delivered', data: { ...place, channel: 'chat' } }],
  [
    'a reading',
    receipt({ type: 'read', reader: ADA }),
    { type: 'message.read', data: { ...place, channel: 'chat', reader: ADA } },
  ],
  [
    'a failure',
    receipt({ type: 'failed', code: 'gone', detail: null }),
    { type: 'message.delivery_failed', data: { ...place, channel: 'chat', code: 'gone', detail: null } },
  ],
  [
    'a choice',
    { type: 'choose', contentRevision: 0, message, author: ADA, choices: YES, count: 0, bytes: 0 },
    { type: 'message.choice_made', data: { ...place, author: ADA, choices: '[{"block_id":"yes","value":"Yes"}]' } },
  ],
];

function receipt(
  of: Extract<ConversationCommand, { type: 'receipt' }>['receipt'],
): Extract<ConversationCommand, { type: 'receipt' }> {
  return {
    type: 'receipt',
    contentRevision: 0,
    message,
    channel: 'chat',
    receipt: of,
    occurredAt: null,
    isKnown: false,
    count: 0,
  };
}

const receipts = commands.filter(([, { type }]) => type === 'receipt');
const others = commands.filter(([, { type }]) => type !== 'receipt');

it.each(others)('%s is an event, after which older readings are stale', (_, command, event) => {
  expect(outcome(command)).toEqual([event]);
  const after = conversationDecider.evolve(fresh, event);
  expect(after).toEqual({ ...fresh, contentRevision: 1 });
  expect(conversationDecider.decide(command, after)).toMatchObject({ refused: 'changed_meanwhile' });
});

it.each(receipts)('%s is an event, whatever else has changed meanwhile', (_, command, event) => {
  expect(outcome(command)).toEqual([event]);
  expect(outcome(command, { ...fresh, contentRevision: 1 })).toEqual([event]);
});

it('what a channel says of a failure rests on whether the message is redacted, and then is not kept', () => {
  const failed = receipt({ type: 'failed', code: 'gone', detail: 'It says: …' });
  expect(outcome(failed, { ...fresh, contentRevision: 1 })).toBe('changed_meanwhile');
  expect(outcome({ ...failed, message: { ...message, isRedacted: true } })).toMatchObject([{ data: { detail: null } }]);
});

it.each(commands)('%s of what is not there is not found', (_, command) => {
  expect(conversationDecider.decide(command, null)).toMatchObject({ refused: 'not_found' });
});

const redactedOnes = commands.filter(([, { type }]) => type !== 'receipt');
it.each(redactedOnes)('%s of a redacted message is refused', (_, command) => {
  const redacted = { ...command, message: { ...message, isRedacted: true } } as ConversationCommand;
  expect(outcome(redacted)).toBe('message_redacted');
});

const lockable = commands.filter(([, { type }]) => type !== 'receipt' && type !== 'redact');
it.each(lockable)('%s is refused while the conversation is locked', (_, command) => {
  expect(outcome(command, { ...fresh, locked: true })).toBe('conversation_locked');
});

it('what was said already is no event', () => {
  expect(outcome({ ...(commands[0]![1] as object), isSame: true } as ConversationCommand)).toEqual([]);
  expect(outcome({ ...receipt({ type: 'delivered' }), isKnown: true })).toEqual([]);
});

it('a receipt has the time that its channel says', () => {
  expect(outcome({ ...receipt({ type: 'delivered' }), occurredAt: 77 })).toMatchObject([{ occurredAt: 77 }]);
});

it('a reaction is added once, taken back once, and there are no more than 200', () => {
  const react = commands[2]![1] as Extract<ConversationCommand, { type: 'react' | 'unreact' }>;
  expect(outcome({ ...react, isThere: true })).toBe('already_reacted');
  expect(outcome({ ...react, type: 'unreact' })).toBe('not_reacted');
  expect(outcome({ ...react, count: 200 })).toBe('too_many');
});

it('an edit after 500 is refused, and one that changes nothing is not', () => {
  const edit = commands[0]![1] as Extract<ConversationCommand, { type: 'edit' }>;
  expect(outcome({ ...edit, later: 499 })).toHaveLength(1);
  expect(outcome({ ...edit, later: 500 })).toBe('too_many');
  expect(outcome({ ...edit, later: 500, isSame: true })).toEqual([]);
});

it('a message takes 1,000 receipts; what it knows already is still no event', () => {
  const delivered = receipt({ type: 'delivered' });
  expect(outcome({ ...delivered, count: 199 })).toHaveLength(1);
  expect(outcome({ ...delivered, count: 1000 })).toBe('too_many');
  expect(outcome({ ...delivered, count: 1000, isKnown: true })).toEqual([]);
});

it('a message takes 200 choices, and a MiB of them', () => {
  const choose = commands[7]![1] as Extract<ConversationCommand, { type: 'choose' }>;
  expect(outcome({ ...choose, count: 199, bytes: 1024 * 1024 - 1 })).toHaveLength(1);
  expect(outcome({ ...choose, count: 200 })).toBe('too_many');
  expect(outcome({ ...choose, bytes: 1024 * 1024 })).toBe('too_many');
});

it('a choice that is not offered is refused with the reason', () => {
  const choose = commands[7]![1] as Extract<ConversationCommand, { type: 'choose' }>;
  expect(conversationDecider.decide({ ...choose, choices: 'No such.' }, fresh)).toEqual({
    refused: 'choice_not_offered',
    detail: 'No such.',
  });
});

it('a choice of the customer opens what is closed, as a message does; a colleague’s does not', () => {
  const choose = commands[7]![1] as Extract<ConversationCommand, { type: 'choose' }>;
  const closed = { ...fresh, status: 'closed' } as const;
  expect(outcome(choose, closed)).toMatchObject([
    { type: 'message.choice_made' },
    { type: 'conversation.reopened', data: { message_id: 'msg_1' } },
  ]);
  expect(outcome({ ...choose, author: BO }, closed)).toHaveLength(1);
});
