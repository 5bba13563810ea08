import { isRefusal } from '../../../platform/kernel/decider.js';
import type { ConversationCommand } from '../conversation.commands.js';
import { conversationDecider } from '../conversation.decider.js';
import type { ConversationEvent } from '../conversation.events.js';
import type { ConversationState } from '../conversation.state.js';
import type { AcceptDraft, DraftCommand, EditDraft, ProposeDraft } from './draft.commands.js';

const BO = { type: 'user', id: 'usr_bo' };
const BOT = { type: 'ai_agent', id: 'aia_bot' };
const ai = { model: 'weaver-2', confidence: 0.5, sources: null, readThroughSeq: 1 };
const aiFields = { ai_model: 'weaver-2', ai_confidence: 0.5, ai_sources: null, ai_read_through_seq: 1 };
const content = { messageType: 'text', text: 'Try merino.', blocks: null };
const open = { id: 'dra_1', status: 'open' } as const;
const fresh = conversationDecider.evolve(null, {
  type: 'conversation.created',
  data: { customer_id: 'cus_ada', channel: 'email', title: null, external_id: null },
});

const propose: ProposeDraft = {
  type: 'propose',
  draftId: 'dra_1',
  author: BOT,
  channel: null,
  inReplyTo: 'msg_1',
  ai,
  ...content,
};
const accept: AcceptDraft = {
  type: 'accept_draft',
  contentRevision: 0,
  draft: open,
  by: BO,
  messageId: 'msg_2',
  author: BOT,
  channel: 'chat',
  content,
  inReplyTo: 'msg_1',
  ai,
};
const edit: EditDraft = { type: 'edit_draft', contentRevision: 0, draft: open, editor: BO, content, versions: 1 };
const refuse: DraftCommand = { type: 'refuse_draft', contentRevision: 0, draft: open, by: BO, reason: 'Too warm.' };

function outcome(
  command: ConversationCommand,
  state: ConversationState = fresh,
): string | readonly ConversationEvent[] {
  const decision = conversationDecider.decide(command, state);
  return isRefusal(decision) ? decision.refused : decision;
}

it('a proposal goes on the conversation’s channel unless it names another, and makes no reading stale', () => {
  const [event] = outcome(propose) as ConversationEvent[];
  expect(event).toEqual({
    type: 'draft.proposed',
    data: {
      draft_id: 'dra_1',
      author: BOT,
      channel: 'email',
      type: 'text',
      text: 'Try merino.',
      blocks: null,
      in_reply_to: 'msg_1',
      ...aiFields,
    },
  });
  expect(outcome({ ...propose, channel: 'chat' })).toMatchObject([{ data: { channel: 'chat' } }]);
  expect(conversationDecider.evolve(fresh, event!)).toEqual(fresh);
});

it('an accepted draft is a message of its author, with all that the draft had', () => {
  expect(outcome(accept)).toEqual([
    {
      type: 'message.created',
      data: {
        message_id: 'msg_2',
        author: BOT,
        channel: 'chat',
        type: 'text',
        text: 'Try merino.',
        external_id: null,
        blocks: null,
        mentions: [],
        channel_message_id: null,
        in_reply_to: 'msg_1',
        draft_id: 'dra_1',
        ...aiFields,
      },
    },
    { type: 'draft.accepted', data: { draft_id: 'dra_1', message_id: 'msg_2', by: BO } },
  ]);
});

it('a draft is edited, and refused with a reason', () => {
  expect(outcome(edit)).toEqual([
    { type: 'draft.edited', data: { draft_id: 'dra_1', editor: BO, text: 'Try merino.', blocks: null } },
  ]);
  expect(outcome(refuse)).toEqual([
    { type: 'draft.refused', data: { draft_id: 'dra_1', by: BO, reason: 'Too warm.' } },
  ]);
});

it.each([accept, edit, refuse])('what is settled stays so ($type)', (command) => {
  for (const status of ['accepted', 'refused'] as const) {
    expect(outcome({ ...command, draft: { id: 'dra_1', status } })).toBe('draft_settled');
  }
});

it.each([accept, edit, refuse])('of two at the same moment one is turned back ($type)', (command) => {
  const [last] = (outcome(command) as ConversationEvent[]).slice(-1);
  expect(conversationDecider.decide(command, conversationDecider.evolve(fresh, last!))).toMatchObject({
    refused: 'changed_meanwhile',
  });
});

it('nothing is posted into a locked conversation, and drafts are made in it all the same', () => {
  expect(outcome(accept, { ...fresh, locked: true })).toBe('conversation_locked');
  expect(outcome(propose, { ...fresh, locked: true })).toHaveLength(1);
});

it('a draft takes 500 edits', () => {
  expect(outcome({ ...edit, versions: 500 })).toHaveLength(1);
  expect(outcome({ ...edit, versions: 501 })).toBe('too_many');
});
