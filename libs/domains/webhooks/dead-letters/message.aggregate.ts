import type { Aggregate } from '../../../platform/commands/command.js';
import type { MessageCommand } from './message.commands.js';
import { messageDecider } from './message.decider.js';
import type { MessageEvent } from './message.events.js';
import type { MessageState } from './message.state.js';

/** Nothing of it is personal: what was to be sent is the event's. */
export const messageAggregate: Aggregate<MessageCommand, MessageState, MessageEvent> = {
  type: 'webhook_message',
  prefix: 'wdl',
  decider: messageDecider,
  subjectOf: () => null,
};
