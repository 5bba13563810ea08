import { signal } from '../../processes.js';
import { onKafka } from '../kafka-scenario.js';

export const killConversation = onKafka({
  name: 'kafka-kill-conversation',
  title: 'kill -9 of the conversation service, started again at once',
  services: ['relay', 'access', 'conversation', 'analytics'],
  async fault({ on, over }) {
    const conversation = on.of('conversation')[0]!;
    signal(conversation.pid, 'SIGKILL');
    over();
    return conversation.start();
  },
});
