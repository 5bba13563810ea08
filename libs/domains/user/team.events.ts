import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a team's stream. */
export type TeamEvent = Of<'team.created'> | Of<'team.renamed'> | Of<'team.member_added'> | Of<'team.member_removed'>;
