import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a replay's stream. */
export type ReplayEvent = Of<'webhook_replay.started'> | Of<'webhook_replay.finished'> | Of<'webhook_replay.cancelled'>;
