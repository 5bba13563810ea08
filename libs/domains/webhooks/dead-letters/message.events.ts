import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on the stream of a message that an endpoint did not take. */
export type MessageEvent = Of<'webhook_message.dead_lettered'> | Of<'webhook_message.redriven'>;
