import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a key's stream. */
export type ApiKeyEvent = Of<'api_key.created'> | Of<'api_key.revoked'>;
