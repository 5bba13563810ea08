import { specify } from '../../platform/testing/decider-specification.js';
import type { ImportConversation, OpenConversation, PostMessage } from './conversation.commands.js';
import { conversationDecider } from './conversation.decider.js';
import type { ConversationEvent } from './conversation.events.js';

const given = specify(conversationDecider);

const ADA = { type: 'customer', id: 'cus_ada' };
const BO = { type: 'user', id: 'usr_bo' };
const BOT = { type: 'ai_agent', id: 'aia_bot' };

const open: OpenConversation = {
  type: 'open',
  customerId: ADA.id,
  channel: 'email',
  title: 'Broken lamp',
  externalId: 'T-1',
};
const opened: ConversationEvent = {
  type: 'conversation.created',
  data: { customer_id: ADA.id, channel: 'email', title: 'Broken lamp', external_id: 'T-1' },
};
const closed: ConversationEvent = { type: 'conversation.closed', data: { message_id: null, article: null } };
const reopened: ConversationEvent = { type: 'conversation.reopened', data: { message_id: null } };
const assigned = (assignee: typeof BO): ConversationEvent => ({ type: 'conversation.assigned', data: { assignee } });
const unassigned: ConversationEvent = { type: 'conversation.unassigned', data: {} };

function post(author: PostMessage['author'], more: Partial<PostMessage> = {}): PostMessage {
  return {
    type: 'post',
    messageId: 'msg_1',
    author,
    channel: null,
    messageType: 'text',
    text: 'Hello',
    externalId: null,
    ...more,
  };
}

function posted(author: PostMessage['author'], more: object = {}): ConversationEvent {
  return {
    type: 'message.created',
    data: { message_id: 'msg_1', author, channel: 'email', type: 'text', text: 'Hello', external_id: null, ...more },
  };
}

describe('opening', () => {
  it('makes a conversation that is open and nobody’s', () => {
    const state = given().when(open).thenEvents(opened);
    expect(state).toEqual({ customer: ADA.id, channel: 'email', status: 'open', assignee: null });
  });

  it('takes no title and no external id', () => {
    given()
      .when({ ...open, title: null, externalId: null })
      .thenEvents({
        type: 'conversation.created',
        data: { ...opened.data, title: null, external_id: null },
      } as typeof opened);
  });

  it('is refused for one that exists, open or closed', () => {
    given(opened).when(open).thenRefused('external_id_taken');
    given(opened, closed).when(open).thenRefused('external_id_taken');
  });
});

describe('a conversation that does not exist', () => {
  it.each([
    post(ADA),
    { type: 'assign', assignee: BO } as const,
    { type: 'assign', assignee: null } as const,
    { type: 'close' } as const,
    { type: 'reopen' } as const,
  ])('is not found by $type', (command) => {
    given().when(command).thenRefused('not_found');
  });
});

describe('posting', () => {
  it.each([ADA, BO, BOT, { type: 'system', id: 'crm' }])('adds a message of a $type', (author) => {
    expect(given(opened).when(post(author)).thenEvents(posted(author))).toEqual(given(opened).state);
  });

  it('names its own channel, type and external id', () => {
    given(opened)
      .when(post(BO, { channel: 'chat', externalId: 'm-1', messageId: 'msg_2', text: 'Hi' }))
      .thenEvents(posted(BO, { channel: 'chat', external_id: 'm-1', message_id: 'msg_2', text: 'Hi' }));
  });

  it('opens a closed conversation again when a customer writes, and says by which message', () => {
    const state = given(opened, closed)
      .when(post(ADA, { messageId: 'msg_9' }))
      .thenEvents(posted(ADA, { message_id: 'msg_9' }), {
        type: 'conversation.reopened',
        data: { message_id: 'msg_9' },
      });
    expect(state?.status).toBe('open');
  });

  it.each([BO, BOT, { type: 'system', id: 'crm' }])('leaves it closed when a $type writes', (author) => {
    expect(given(opened, closed).when(post(author)).thenEvents(posted(author))?.status).toBe('closed');
  });
});

describe('assigning', () => {
  it('makes a user or an AI agent responsible, one after the other', () => {
    expect(given(opened).when({ type: 'assign', assignee: BO }).thenEvents(assigned(BO))?.assignee).toEqual(BO);
    expect(
      given(opened, assigned(BO)).when({ type: 'assign', assignee: BOT }).thenEvents(assigned(BOT))?.assignee,
    ).toEqual(BOT);
  });

  it('makes nobody responsible', () => {
    expect(
      given(opened, assigned(BO)).when({ type: 'assign', assignee: null }).thenEvents(unassigned)?.assignee,
    ).toBeNull();
  });

  it('is refused where nothing would change', () => {
    given(opened).when({ type: 'assign', assignee: null }).thenRefused('already_assigned');
    given(opened, assigned(BO)).when({ type: 'assign', assignee: BO }).thenRefused('already_assigned');
    given(opened, assigned(BO), unassigned).when({ type: 'assign', assignee: null }).thenRefused('already_assigned');
  });

  it('tells parties apart by type and id', () => {
    const other = { type: 'ai_agent', id: BO.id };
    given(opened, assigned(BO)).when({ type: 'assign', assignee: other }).thenEvents(assigned(other));
  });

  it('is allowed on a closed conversation', () => {
    given(opened, closed).when({ type: 'assign', assignee: BO }).thenEvents(assigned(BO));
  });

  it('outlives closing and reopening', () => {
    expect(given(opened, assigned(BO), closed, reopened).state).toMatchObject({ assignee: BO, status: 'open' });
  });
});

describe('closing and reopening', () => {
  it('closes an open conversation, also one that was opened again', () => {
    expect(given(opened).when({ type: 'close' }).thenEvents(closed)?.status).toBe('closed');
    expect(given(opened, closed, reopened).when({ type: 'close' }).thenEvents(closed)?.status).toBe('closed');
  });

  it('opens a closed one again', () => {
    expect(given(opened, closed).when({ type: 'reopen' }).thenEvents(reopened)?.status).toBe('open');
  });

  it('is refused where nothing would change', () => {
    given(opened, closed).when({ type: 'close' }).thenRefused('conversation_closed');
    given(opened).when({ type: 'reopen' }).thenRefused('conversation_not_closed');
    given(opened, closed, reopened).when({ type: 'reopen' }).thenRefused('conversation_not_closed');
  });
});

describe('importing', () => {
  const NOON = Date.UTC(2020, 3, 1, 12);
  const imported = (...messages: Partial<ImportConversation['messages'][number]>[]): ImportConversation => ({
    type: 'import',
    open: { ...open, occurredAt: NOON },
    messages: messages.map((message, i) => {
      const { type: _, ...rest } = post(ADA, { messageId: `msg_${i + 1}`, externalId: `m-${i + 1}` });
      return { ...rest, occurredAt: NOON + i * 1000, resolves: null, ...message };
    }),
  });
  const message = (i: number, author: typeof ADA, more: object = {}): ConversationEvent => ({
    ...posted(author, { message_id: `msg_${i}`, external_id: `m-${i}`, ...more }),
    occurredAt: NOON + (i - 1) * 1000,
  });

  it('tells the whole story at the times that it happened', () => {
    const state = given()
      .when(imported({}, { author: BO, resolves: { article: 'kb-7' } }))
      .thenEvents({ ...opened, occurredAt: NOON }, message(1, ADA), message(2, BO), {
        type: 'conversation.closed',
        data: { message_id: 'msg_2', article: 'kb-7' },
        occurredAt: NOON + 1000,
      });
    expect(state?.status).toBe('closed');
  });

  it('opens again what a customer writes to after it was resolved, and closes it again', () => {
    given()
      .when(imported({ author: BO, resolves: { article: null } }, {}, { author: BO, resolves: { article: null } }))
      .thenEvents(
        { ...opened, occurredAt: NOON },
        message(1, BO),
        { type: 'conversation.closed', data: { message_id: 'msg_1', article: null }, occurredAt: NOON },
        message(2, ADA),
        { type: 'conversation.reopened', data: { message_id: 'msg_2' }, occurredAt: NOON + 1000 },
        message(3, BO),
        { type: 'conversation.closed', data: { message_id: 'msg_3', article: null }, occurredAt: NOON + 2000 },
      );
  });

  it('closes once what two messages in a row resolve', () => {
    given()
      .when(imported({ author: BO, resolves: { article: null } }, { author: BO, resolves: { article: 'late' } }))
      .thenEvents(
        { ...opened, occurredAt: NOON },
        message(1, BO),
        { type: 'conversation.closed', data: { message_id: 'msg_1', article: null }, occurredAt: NOON },
        message(2, BO),
      );
  });

  it('adds to one that exists only the messages that are not there', () => {
    const state = given(opened, posted(ADA), closed)
      .when(imported({}))
      .thenEvents(message(1, ADA), {
        type: 'conversation.reopened',
        data: { message_id: 'msg_1' },
        occurredAt: NOON,
      });
    expect(state?.status).toBe('open');
  });

  it('adds nothing where all is there', () => {
    given(opened, posted(ADA)).when(imported()).thenEvents();
  });
});

describe('folding', () => {
  it.each([posted(ADA), assigned(BO), unassigned, closed, reopened])('cannot begin with $type', (event) => {
    expect(() => conversationDecider.evolve(null, event)).toThrow(`first event is ${event.type}`);
  });

  it('holds nothing that a person wrote or is called', () => {
    const { state } = given(opened, posted(ADA, { text: 'secret' }));
    expect(JSON.stringify(state)).not.toMatch(/secret|Broken lamp|T-1/);
  });
});
