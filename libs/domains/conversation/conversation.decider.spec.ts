import { specify } from '../../platform/testing/decider-specification.js';
import type { ImportConversation, OpenConversation, PostMessage } from './conversation.commands.js';
import { conversationDecider } from './conversation.decider.js';
import type { ConversationEvent } from './conversation.events.js';

const given = specify(conversationDecider);

const ADA = { type: 'customer', id: 'cus_ada' };
const BO = { type: 'user', id: 'usr_bo' };
const BOT = { type: 'ai_agent', id: 'aia_bot' };

const FRESH = {
  customer: ADA.id,
  channel: 'email',
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
};

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
const closed: ConversationEvent = {
  type: 'conversation.closed',
  data: { message_id: null, article: null, detail: null },
};
const reopened: ConversationEvent = { type: 'conversation.reopened', data: { message_id: null, detail: null } };
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
    blocks: null,
    mentions: [],
    channelMessageId: null,
    inReplyTo: null,
    draftId: null,
    ai: null,
    ...more,
  };
}

function posted(author: PostMessage['author'], more: object = {}): ConversationEvent {
  return {
    type: 'message.created',
    data: {
      message_id: 'msg_1',
      author,
      channel: 'email',
      type: 'text',
      text: 'Hello',
      external_id: null,
      blocks: null,
      mentions: [],
      channel_message_id: null,
      in_reply_to: null,
      draft_id: null,
      ai_model: null,
      ai_confidence: null,
      ai_sources: null,
      ai_read_through_seq: null,
      ...more,
    },
  };
}

describe('opening', () => {
  it('makes a conversation that is open and nobody’s', () => {
    const state = given().when(open).thenEvents(opened);
    expect(state).toEqual(FRESH);
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
    { type: 'close', detail: null } as const,
    { type: 'reopen', detail: null } as const,
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
        data: { message_id: 'msg_9', detail: null },
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
    expect(given(opened).when({ type: 'close', detail: null }).thenEvents(closed)?.status).toBe('closed');
    expect(given(opened, closed, reopened).when({ type: 'close', detail: null }).thenEvents(closed)?.status).toBe(
      'closed',
    );
  });

  it('opens a closed one again', () => {
    expect(given(opened, closed).when({ type: 'reopen', detail: null }).thenEvents(reopened)?.status).toBe('open');
  });

  it('is refused where nothing would change', () => {
    given(opened, closed).when({ type: 'close', detail: null }).thenRefused('conversation_closed');
    given(opened).when({ type: 'reopen', detail: null }).thenRefused('conversation_not_closed');
    given(opened, closed, reopened).when({ type: 'reopen', detail: null }).thenRefused('conversation_not_closed');
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
        data: { message_id: 'msg_2', article: 'kb-7', detail: null },
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
        { type: 'conversation.closed', data: { message_id: 'msg_1', article: null, detail: null }, occurredAt: NOON },
        message(2, ADA),
        { type: 'conversation.reopened', data: { message_id: 'msg_2', detail: null }, occurredAt: NOON + 1000 },
        message(3, BO),
        {
          type: 'conversation.closed',
          data: { message_id: 'msg_3', article: null, detail: null },
          occurredAt: NOON + 2000,
        },
      );
  });

  it('closes once what two messages in a row resolve', () => {
    given()
      .when(imported({ author: BO, resolves: { article: null } }, { author: BO, resolves: { article: 'late' } }))
      .thenEvents(
        { ...opened, occurredAt: NOON },
        message(1, BO),
        { type: 'conversation.closed', data: { message_id: 'msg_1', article: null, detail: null }, occurredAt: NOON },
        message(2, BO),
      );
  });

  it('adds to one that exists only the messages that are not there', () => {
    const state = given(opened, posted(ADA), closed)
      .when(imported({}))
      .thenEvents(message(1, ADA), {
        type: 'conversation.reopened',
        data: { message_id: 'msg_1', detail: null },
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

describe('snoozing', () => {
  const MAY = Date.UTC(2030, 4, 1);
  const snoozed = (until: number | null, detail: string | null = null): ConversationEvent => ({
    type: 'conversation.snoozed',
    data: { until, detail },
  });
  const unsnoozed = (message_id: string | null): ConversationEvent => ({
    type: 'conversation.unsnoozed',
    data: { message_id, detail: null },
  });

  it('puts it off until a time, or until the customer answers, and anew', () => {
    given(opened).when({ type: 'snooze', until: MAY, detail: null }).thenEvents(snoozed(MAY));
    given(opened, closed).when({ type: 'snooze', until: null, detail: null }).thenEvents(snoozed(null));
    given(opened, snoozed(MAY))
      .when({ type: 'snooze', until: MAY + 1, detail: null })
      .thenEvents(snoozed(MAY + 1));
    given(opened, snoozed(MAY)).when({ type: 'snooze', until: MAY, detail: null }).thenRefused('already_snoozed');
  });

  it('ends with the customer’s message, and with nobody else’s', () => {
    for (const until of [MAY, null]) {
      given(opened, snoozed(until))
        .when(post(ADA, { messageId: 'msg_9' }))
        .thenEvents(posted(ADA, { message_id: 'msg_9' }), unsnoozed('msg_9'));
      given(opened, snoozed(until)).when(post(BO)).thenEvents(posted(BO));
    }
  });

  it('ends by hand, by closing, and at its time', () => {
    given(opened, snoozed(MAY)).when({ type: 'reopen', detail: null }).thenEvents(unsnoozed(null));
    expect(given(opened, snoozed(MAY)).when({ type: 'close', detail: null }).thenEvents(closed)?.until).toBeNull();
    given(opened, snoozed(MAY)).when({ type: 'wake', until: MAY }).thenEvents(unsnoozed(null));
  });

  it('is not ended by a time that is not its own any more', () => {
    given(opened, snoozed(MAY + 1))
      .when({ type: 'wake', until: MAY })
      .thenRefused('conversation_not_snoozed');
    given(opened, snoozed(null)).when({ type: 'wake', until: MAY }).thenRefused('conversation_not_snoozed');
    given(opened, snoozed(MAY), closed).when({ type: 'wake', until: MAY }).thenRefused('conversation_not_snoozed');
    given(opened).when({ type: 'wake', until: MAY }).thenRefused('conversation_not_snoozed');
  });

  it('takes a detail of its own status only, and leaves it behind', () => {
    const waiting = { id: 'sdt_waiting', status: 'snoozed' } as const;
    const spam = { id: 'sdt_spam', status: 'closed' } as const;
    const state = given(opened)
      .when({ type: 'snooze', until: null, detail: waiting })
      .thenEvents(snoozed(null, waiting.id));
    expect(state?.detail).toBe(waiting.id);
    given(opened).when({ type: 'snooze', until: null, detail: spam }).thenRefused('status_detail_mismatch');
    given(opened).when({ type: 'close', detail: waiting }).thenRefused('status_detail_mismatch');
    given(opened, closed).when({ type: 'reopen', detail: spam }).thenRefused('status_detail_mismatch');
    expect(given(opened, snoozed(null, waiting.id), closed).state?.detail).toBeNull();
  });
});

describe('a partial update', () => {
  const waiting = { id: 'sdt_waiting', status: 'snoozed' } as const;
  const labeled = (label_id: string): ConversationEvent => ({ type: 'conversation.labeled', data: { label_id } });
  const unlabeled = (label_id: string): ConversationEvent => ({ type: 'conversation.unlabeled', data: { label_id } });

  it('has an event for each field that changes', () => {
    const state = given(opened, labeled('lbl_a'), labeled('lbl_b'))
      .when({
        type: 'update',
        title: { text: 'Lamp', isRevision: null },
        priority: 'urgent',
        status: 'closed',
        assignee: BO,
        team: 'team_1',
        labels: ['lbl_b', 'lbl_c'],
        locked: true,
      })
      .thenEvents(
        closed,
        assigned(BO),
        { type: 'conversation.team_assigned', data: { team_id: 'team_1' } },
        { type: 'conversation.priority_changed', data: { priority: 'urgent' } },
        unlabeled('lbl_a'),
        labeled('lbl_c'),
        { type: 'conversation.title_changed', data: { title: 'Lamp' } },
        { type: 'conversation.locked', data: {} },
      );
    expect(state).toEqual({
      ...FRESH,
      status: 'closed',
      priority: 'urgent',
      assignee: BO,
      team: 'team_1',
      labels: ['lbl_b', 'lbl_c'],
      locked: true,
      titleRevision: 1,
    });
  });

  it('has none for what is as it should be', () => {
    given(opened, labeled('lbl_a'))
      .when({
        type: 'update',
        title: { text: 'Broken lamp', isRevision: 0 },
        priority: 'normal',
        status: 'open',
        detail: null,
        assignee: null,
        team: null,
        labels: ['lbl_a', 'lbl_a'],
        locked: false,
      })
      .thenEvents();
    given(opened).when({ type: 'update' }).thenEvents();
  });

  it('does not take a title for the same that has changed since it was read', () => {
    const changed: ConversationEvent = { type: 'conversation.title_changed', data: { title: null } };
    given(opened, changed)
      .when({ type: 'update', title: { text: 'Broken lamp', isRevision: 0 } })
      .thenEvents({ type: 'conversation.title_changed', data: { title: 'Broken lamp' } });
  });

  it('gives a status its detail, and changes or takes it later', () => {
    const waits: ConversationEvent = { type: 'conversation.snoozed', data: { until: null, detail: waiting.id } };
    given(opened).when({ type: 'update', status: 'snoozed', detail: waiting }).thenEvents(waits);
    given(opened, waits)
      .when({ type: 'update', detail: null })
      .thenEvents({ type: 'conversation.detail_changed', data: { detail: null } });
    given(opened, waits).when({ type: 'update', detail: waiting }).thenEvents();
    given(opened).when({ type: 'update', detail: waiting }).thenRefused('status_detail_mismatch');
    given(opened, waits)
      .when({ type: 'update', status: 'open', detail: waiting })
      .thenRefused('status_detail_mismatch');
  });

  const snoozed = (until: number | null): ConversationEvent => ({
    type: 'conversation.snoozed',
    data: { until, detail: null },
  });

  it('puts a snoozed one off to another time', () => {
    for (const status of ['snoozed', undefined] as const) {
      given(opened, snoozed(1)).when({ type: 'update', status, until: 2 }).thenEvents(snoozed(2));
      given(opened, snoozed(1)).when({ type: 'update', status, until: null }).thenEvents(snoozed(null));
      given(opened, snoozed(1)).when({ type: 'update', status, until: 1 }).thenEvents();
      given(opened, snoozed(1)).when({ type: 'update', status }).thenEvents();
    }
  });

  it('snoozes by a time alone, and not by a time and another status', () => {
    given(opened).when({ type: 'update', until: 2 }).thenEvents(snoozed(2));
    given(opened).when({ type: 'update', status: 'snoozed' }).thenEvents(snoozed(null));
    given(opened).when({ type: 'update', until: null }).thenEvents();
    given(opened).when({ type: 'update', status: 'closed', until: 2 }).thenRefused('conversation_not_snoozed');
    given(opened, closed).when({ type: 'update', status: 'open', until: 2 }).thenRefused('conversation_not_snoozed');
  });
});

describe('labels, teams and locks', () => {
  it('are given and taken once', () => {
    const labeled: ConversationEvent = { type: 'conversation.labeled', data: { label_id: 'lbl_a' } };
    const unlabeled: ConversationEvent = { type: 'conversation.unlabeled', data: { label_id: 'lbl_a' } };
    const team: ConversationEvent = { type: 'conversation.team_assigned', data: { team_id: 'team_1' } };
    const noTeam: ConversationEvent = { type: 'conversation.team_unassigned', data: {} };
    given(opened).when({ type: 'label', label: 'lbl_a' }).thenEvents(labeled);
    given(opened, labeled).when({ type: 'label', label: 'lbl_a' }).thenRefused('already_labeled');
    given(opened, labeled).when({ type: 'unlabel', label: 'lbl_a' }).thenEvents(unlabeled);
    given(opened, labeled, unlabeled).when({ type: 'unlabel', label: 'lbl_a' }).thenRefused('not_labeled');
    given(opened).when({ type: 'assign_team', team: 'team_1' }).thenEvents(team);
    given(opened, team).when({ type: 'assign_team', team: 'team_1' }).thenRefused('already_assigned');
    given(opened, team).when({ type: 'assign_team', team: null }).thenEvents(noTeam);
    given(opened).when({ type: 'assign_team', team: null }).thenRefused('already_assigned');
  });

  it('keep messages away while it is locked', () => {
    const locked: ConversationEvent = { type: 'conversation.locked', data: {} };
    const unlocked: ConversationEvent = { type: 'conversation.unlocked', data: {} };
    given(opened).when({ type: 'lock' }).thenEvents(locked);
    given(opened, locked).when({ type: 'lock' }).thenRefused('conversation_locked');
    given(opened, locked).when(post(ADA)).thenRefused('conversation_locked');
    given(opened, locked).when(post(BO)).thenRefused('conversation_locked');
    given(opened, locked).when({ type: 'unlock' }).thenEvents(unlocked);
    given(opened, locked, unlocked).when({ type: 'unlock' }).thenRefused('conversation_not_locked');
    given(opened, locked, unlocked).when(post(ADA)).thenEvents(posted(ADA));
  });
});

it('goes on from a state that was kept before there were more fields', () => {
  const kept = { customer: ADA.id, channel: 'email', status: 'closed', assignee: BO } as never;
  const labeled: ConversationEvent = { type: 'conversation.labeled', data: { label_id: 'lbl_a' } };
  expect(conversationDecider.evolve(kept, labeled)).toEqual({
    ...FRESH,
    status: 'closed',
    assignee: BO,
    labels: ['lbl_a'],
  });
  expect(conversationDecider.decide({ type: 'label', label: 'lbl_a' }, kept)).toEqual([labeled]);
});
