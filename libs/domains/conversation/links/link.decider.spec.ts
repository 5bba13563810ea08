import { specify } from '../../../platform/testing/decider-specification.js';
import type { ConversationCommand, PostMessage } from '../conversation.commands.js';
import { conversationDecider } from '../conversation.decider.js';
import type { ConversationEvent } from '../conversation.events.js';
import { NOTHING_MORE } from '../messages/message.commands.js';
import { MOST_TIES } from './link.decider.js';

const NO_FIELDS = {
  blocks: null,
  mentions: [],
  channel_message_id: null,
  in_reply_to: null,
  draft_id: null,
  ai_model: null,
  ai_confidence: null,
  ai_sources: null,
  ai_read_through_seq: null,
};

const given = specify(conversationDecider);
const created: ConversationEvent = {
  type: 'conversation.created',
  data: { customer_id: 'cus_1', channel: 'email', title: null, external_id: null },
};
const link = (kind: 'related' | 'parent' | 'duplicate_of', other = 'conv_2'): ConversationEvent => ({
  type: 'conversation.linked',
  data: { kind, conversation_id: other },
});
const unlinked: ConversationEvent = {
  type: 'conversation.unlinked',
  data: { kind: 'parent', conversation_id: 'conv_2' },
};
const merged: ConversationEvent = { type: 'conversation.merged', data: { into_id: 'conv_2' } };
const closed: ConversationEvent = {
  type: 'conversation.closed',
  data: { message_id: null, article: null, detail: null },
};
const merge: ConversationCommand = { type: 'merge', into: 'conv_2', customers: ['cus_1'] };
const post: PostMessage = {
  type: 'post',
  messageId: 'msg_1',
  author: { type: 'user', id: 'usr_1' },
  channel: null,
  messageType: 'text',
  text: 'Hello',
  externalId: null,
  ...NOTHING_MORE,
};
const reference = (n: number): ConversationEvent => ({
  type: 'conversation.reference_added',
  data: { reference_id: `ref_${n}`, type: 'issue', external_id: `I-${n}`, url: null, title: null },
});

describe('a link', () => {
  it('is there once, and one of its kind where there is one parent', () => {
    given(created).when({ type: 'link', kind: 'parent', other: 'conv_2' }).thenEvents(link('parent'));
    given(created, link('parent'))
      .when({ type: 'link', kind: 'parent', other: 'conv_2' })
      .thenRefused('already_linked');
    given(created, link('parent'))
      .when({ type: 'link', kind: 'parent', other: 'conv_3' })
      .thenRefused('already_linked');
    given(created, link('duplicate_of'))
      .when({ type: 'link', kind: 'duplicate_of', other: 'conv_3' })
      .thenRefused('already_linked');
    given(created, link('related'))
      .when({ type: 'link', kind: 'related', other: 'conv_3' })
      .thenEvents(link('related', 'conv_3'));
    given(created, link('parent'), unlinked)
      .when({ type: 'link', kind: 'parent', other: 'conv_3' })
      .thenEvents(link('parent', 'conv_3'));
  });

  it('is taken away where it is', () => {
    given(created, link('parent')).when({ type: 'unlink', kind: 'parent', other: 'conv_2' }).thenEvents(unlinked);
    given(created, link('related')).when({ type: 'unlink', kind: 'parent', other: 'conv_2' }).thenRefused('not_linked');
  });

  it('is one of so many', () => {
    const links = Array.from({ length: MOST_TIES }, (_, n) => link('related', `conv_${n}`));
    given(created, ...links)
      .when({ type: 'link', kind: 'related', other: 'conv_x' })
      .thenRefused('too_many');
  });
});

describe('a reference', () => {
  it('is added and removed, one of so many', () => {
    const add: ConversationCommand = {
      type: 'add_reference',
      reference: 'ref_1',
      referenceType: 'issue',
      externalId: 'I-1',
      url: null,
      title: null,
    };
    given(created).when(add).thenEvents(reference(1));
    given(created, ...Array.from({ length: MOST_TIES }, (_, n) => reference(n)))
      .when(add)
      .thenRefused('too_many');
    const removed: ConversationEvent = { type: 'conversation.reference_removed', data: { reference_id: 'ref_1' } };
    given(created, reference(1)).when({ type: 'remove_reference', reference: 'ref_1' }).thenEvents(removed);
    given(created, reference(1), removed)
      .when({ type: 'remove_reference', reference: 'ref_1' })
      .thenRefused('not_found');
  });
});

describe('a merge', () => {
  it('closes what is open, and is done once', () => {
    given(created).when(merge).thenEvents(closed, merged);
    given(created, closed).when(merge).thenEvents(merged);
    given(created, merged)
      .when({ ...merge, into: 'conv_3' })
      .thenRefused('conversation_merged');
  });

  it('keeps it closed', () => {
    const opens: ConversationCommand[] = [
      { type: 'reopen', detail: null },
      { type: 'snooze', until: null, detail: null },
      { type: 'update', status: 'open' },
      { type: 'update', until: 5 },
    ];
    for (const command of opens) given(created, closed, merged).when(command).thenRefused('conversation_merged');
    given(created, closed, merged).when({ type: 'update', status: 'closed' }).thenEvents();
  });

  it('is into a conversation with the same customer', () => {
    given(created)
      .when({ ...merge, customers: ['cus_2'] })
      .thenRefused('customer_mismatch');
    given(created, closed)
      .when({ ...merge, customers: ['cus_2', 'cus_1'] })
      .thenEvents(merged);
  });

  it('sends no message on that one on the way has', () => {
    given(created)
      .when({ ...post, externalId: 'x', isIn: 'conv_2' })
      .thenRefused('external_id_taken');
  });

  it('takes nothing more of an import, and is not opened by it', () => {
    const { type: _, ...message } = post;
    const again: ConversationCommand = {
      type: 'import',
      open: {
        type: 'open',
        customerId: 'cus_1',
        channel: 'email',
        title: null,
        externalId: 'c-1',
        occurredAt: 5,
      },
      messages: [{ ...message, author: { type: 'customer', id: 'cus_1' }, occurredAt: 6, resolves: null }],
    };
    given(created, closed, merged).when(again).thenRefused('conversation_merged');
    given(created, closed, merged)
      .when({ ...again, messages: [] })
      .thenEvents();
  });

  it('sends messages on, unless merges lead round to here', () => {
    given(created, merged).when(post).thenRefused('conversation_merged');
    given(created, merged)
      .when({ ...post, despiteMerge: 'conv_3' })
      .thenRefused('conversation_merged');
    given(created, merged)
      .when({ ...post, despiteMerge: 'conv_2' })
      .thenEvents({
        type: 'message.created',
        data: {
          message_id: 'msg_1',
          author: { type: 'user', id: 'usr_1' },
          channel: 'email',
          type: 'text',
          text: 'Hello',
          external_id: null,
          ...NO_FIELDS,
        },
      });
  });
});

it('a fork begins with what it was made of', () => {
  const message = { messageId: 'msg_9', origin: 'msg_1', author: { type: 'customer', id: 'cus_1' }, channel: 'chat' };
  const fork: ConversationCommand = {
    type: 'fork',
    from: 'conv_1',
    fromSeq: 7,
    customer: 'cus_1',
    channel: 'email',
    title: 'New',
    messages: [{ ...message, messageType: 'text', text: 'Hello', blocks: null, mentions: [], occurredAt: 5 }],
  };
  given()
    .when(fork)
    .thenEvents(
      {
        type: 'conversation.created',
        data: { customer_id: 'cus_1', channel: 'email', title: 'New', external_id: null },
      },
      {
        type: 'conversation.forked',
        data: { from_id: 'conv_1', from_seq: 7, message_ids: ['msg_9'], origin_ids: ['msg_1'] },
      },
      {
        type: 'message.created',
        data: {
          message_id: 'msg_9',
          author: message.author,
          channel: 'chat',
          type: 'text',
          text: 'Hello',
          external_id: null,
          ...NO_FIELDS,
        },
        occurredAt: 5,
      },
    );
  given(created).when(fork).thenRefused('external_id_taken');
});
