import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a workspace's stream. */
export type WorkspaceEvent = Of<'workspace.created'> | Of<'workspace.renamed'>;
