import fc from 'fast-check';
import type { ProjectedEvent } from '../../../../platform/projections/projection.js';
import { type ConversationPart, foldConversations } from './conversation-facts.fold.js';

const WORKSPACE = 'wsp_0198f2a0000070008000000000000001';
const STREAMS = ['conv_0198f2a0000070008000000000000001', 'conv_0198f2a0000070008000000000000002'];

function event(stream: string, seq: number, type: string, at: number, data: unknown = {}): ProjectedEvent {
  const meta = { workspace: WORKSPACE, stream, seq, type, occurred_at: at } as ProjectedEvent['meta'];
  return { type, meta, data };
}

const message = (seq: number, author: string, at: number) =>
  event(STREAMS[0]!, seq, 'message.created', at, { author: { type: author, id: 'x' } });

it('tells the story of a conversation', () => {
  const [stream] = STREAMS as [string];
  const [part] = foldConversations([
    event(stream, 1, 'conversation.created', 100, { customer_id: 'cus_1', channel: 'email' }),
    message(2, 'customer', 110),
    message(3, 'system', 120),
    message(4, 'ai_agent', 130),
    event(stream, 5, 'conversation.assigned', 140, { assignee: { type: 'user', id: 'u' } }),
    message(6, 'user', 150),
    event(stream, 7, 'conversation.closed', 160, { message_id: null, article: null }),
    message(8, 'customer', 170),
    event(stream, 9, 'conversation.reopened', 171, { message_id: null }),
    event(stream, 10, 'conversation.unassigned', 180),
    event(stream, 11, 'conversation.closed', 190, { message_id: null, article: null }),
  ]);
  expect(part).toEqual({
    workspace: WORKSPACE,
    conversation: stream,
    customer: 'cus_1',
    channel: 'email',
    status: 'closed',
    statusSeq: 11,
    createdAt: 100,
    firstCustomerMessageAt: 110,
    firstResponseAt: 130,
    lastMessageAt: 170,
    firstClosedAt: 160,
    lastClosedAt: 190,
    messages: 5,
    customerMessages: 2,
    userMessages: 1,
    aiAgentMessages: 1,
    systemMessages: 1,
    closes: 2,
    reopens: 1,
    assignments: 1,
    lastSeq: 11,
  });
});

it('takes the times of what happened, in whatever order it was recorded', () => {
  const [part] = foldConversations([message(2, 'user', 500), message(3, 'user', 300), message(4, 'customer', 400)]);
  expect(part).toMatchObject({ firstResponseAt: 300, lastMessageAt: 500, firstCustomerMessageAt: 400 });
});

/** The property of the statement is tested against Postgres; this one is of the fold alone. */
const anyEvents = fc.array(
  fc.record({
    stream: fc.constantFrom(...STREAMS),
    type: fc.constantFrom('message.created', 'conversation.assigned', 'conversation.closed', 'conversation.reopened'),
    author: fc.constantFrom('customer', 'user', 'ai_agent', 'system'),
    at: fc.integer({ min: 0, max: 1000 }),
  }),
  { maxLength: 40 },
);

it('gives the same parts for the same events in any order', () => {
  fc.assert(
    fc.property(anyEvents, fc.infiniteStream(fc.nat()), (made, order) => {
      const events = made.map(({ stream, type, author, at }, i) =>
        event(stream, i + 1, type, at, { author: { type: author, id: 'x' }, assignee: { type: 'user', id: 'x' } }),
      );
      const shuffled = events
        .map((one) => ({ one, rank: order.next().value as number }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ one }) => one);
      const byStream = (parts: ConversationPart[]) => parts.sort((a, b) => (a.conversation < b.conversation ? -1 : 1));
      expect(byStream(foldConversations(shuffled))).toEqual(byStream(foldConversations(events)));
    }),
  );
});
