import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { MessageCommand } from './message.commands.js';
import type { MessageEvent } from './message.events.js';
import type { MessageState } from './message.state.js';

/**
 * (nothing) ── dead_lettered ──► waiting ── redriven ──► sent again, as a message of another run: one that fails again is another
 * dead letter. Whoever says again what was said changes nothing.
 */
export const messageDecider: Decider<MessageCommand, MessageState, MessageEvent> = { decide, evolve };

function decide(command: MessageCommand, state: MessageState | null): MessageEvent[] | Refusal {
  switch (command.type) {
    case 'dead_letter':
      return state === null ? [{ type: 'webhook_message.dead_lettered', data: command.letter }] : [];
    case 'redrive': {
      if (state === null) return refuse('not_found', 'There is no such dead letter in this workspace.');
      if (state.redriven !== null) return [];
      const { endpoint, eventId, eventType } = state;
      const data = { endpoint_id: endpoint, event_id: eventId, event_type: eventType, run: command.run };
      return [{ type: 'webhook_message.redriven', data }];
    }
    default:
      return command satisfies never;
  }
}

function evolve(state: MessageState | null, event: MessageEvent): MessageState {
  if (event.type === 'webhook_message.dead_lettered') {
    const { endpoint_id: endpoint, event_id: eventId, event_type: eventType } = event.data;
    return { endpoint, eventId, eventType, redriven: null };
  }
  if (state === null) throw new Error(`A webhook message's first event is ${event.type}.`);
  return { ...state, redriven: event.data.run };
}
