import type { EventData, EventType } from '../../libs/contract/generated/event-data.js';
import { newId } from '../../libs/platform/kernel/id.js';
import type { WrittenEvent } from '../../libs/platform/testing/log-writer.js';

/**
 * Several streams of every kind, each with every event that it can have, some more than once, dealt out in turns: so
 * that in a batch of any size streams begin, go on and end.
 */
export function everyKindOfEvent(streams: number, workspace: string): WrittenEvent[] {
  const stories = Array.from({ length: streams }, (_, n) => [
    keyStory(n),
    customerStory(n),
    userStory(n),
    aiAgentStory(n),
    conversationStory(n),
  ]).flat();
  stories.push([
    event('workspace.created', workspace, { name: 'Acme', external_id: 'acme' }),
    event('workspace.renamed', workspace, { name: 'Acme & Sons' }),
  ]);
  const dealt: WrittenEvent[] = [];
  for (let turn = 0; dealt.length < stories.reduce((sum, story) => sum + story.length, 0); turn++) {
    // Uneven turns: the later half of the stories begins two events after the first.
    for (const [i, story] of stories.entries()) {
      const next = story[turn - (i % 2) * 2];
      if (next !== undefined) dealt.push({ ...next, occurredAt: Date.UTC(2019, 5, 1) + dealt.length * 1001 });
    }
  }
  return dealt;
}

function event<Type extends EventType>(type: Type, stream: string, data: EventData[Type]): WrittenEvent {
  return { type, stream, data };
}

function keyStory(n: number): WrittenEvent[] {
  const key = newId('key');
  const secret_hash = Buffer.alloc(32, n);
  const created = event('api_key.created', key, {
    name: `key ${n}`,
    scopes: ['users:read', 'admin:write'],
    secret_hash,
  });
  return n % 2 === 0 ? [created] : [created, event('api_key.revoked', key, {})];
}

function customerStory(n: number): WrittenEvent[] {
  const customer = newId('cus');
  return [
    event('customer.created', customer, { external_id: `c-${n}`, name: `Ada ${n}` }),
    event('customer.renamed', customer, { name: `Ada L. ${n}` }),
    event('customer.renamed', customer, { name: `Ada Lovelace ${n}` }),
  ];
}

function userStory(n: number): WrittenEvent[] {
  const user = newId('usr');
  return [
    event('user.created', user, {
      external_id: `u-${n}`,
      name: `Bo ${n}`,
      email: n % 2 === 0 ? null : `bo${n}@example.org`,
    }),
    event('user.renamed', user, { name: `Bo B. ${n}` }),
    event('user.email_changed', user, { email: `new${n}@example.org` }),
    event('user.email_changed', user, { email: n % 3 === 0 ? null : `newer${n}@example.org` }),
  ];
}

function aiAgentStory(n: number): WrittenEvent[] {
  const agent = newId('aia');
  return [
    event('ai_agent.created', agent, { external_id: `a-${n}`, name: `Helper ${n}` }),
    event('ai_agent.renamed', agent, { name: `Helper, renamed ${n}` }),
  ];
}

function conversationStory(n: number): WrittenEvent[] {
  const conversation = newId('conv');
  const customer_id = newId('cus');
  const assignee = { type: 'user', id: newId('usr') };
  const message = (type: string, id: string) =>
    event('message.created', conversation, {
      message_id: newId('msg'),
      author: { type, id },
      channel: 'email',
      type: 'text',
      text: `Grüße ${n} 🧵`,
      external_id: null,
    });
  const story = [
    event('conversation.created', conversation, {
      customer_id,
      channel: 'email',
      title: n % 2 === 0 ? null : `About ${n}`,
      external_id: `conv-${n}`,
    }),
    message('customer', customer_id),
    event('conversation.assigned', conversation, { assignee }),
    message('user', assignee.id),
    event('conversation.closed', conversation, { message_id: null, article: 'kb-1' }),
    message('customer', customer_id),
    event('conversation.reopened', conversation, { message_id: null }),
    event('conversation.unassigned', conversation, {}),
    event('conversation.assigned', conversation, { assignee: { type: 'ai_agent', id: newId('aia') } }),
    message('ai_agent', newId('aia')),
    message('system', newId('key')),
    event('conversation.closed', conversation, { message_id: null, article: null }),
  ];
  return story.slice(0, story.length - (n % 5));
}
