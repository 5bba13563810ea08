import type { EventData } from '../../../contract/generated/event-data.js';

interface DeadLetterMessage {
  type: 'dead_letter';
  letter: EventData['webhook_message.dead_lettered'];
}

interface RedriveMessage {
  type: 'redrive';
  run: number;
}

export type MessageCommand = DeadLetterMessage | RedriveMessage;
