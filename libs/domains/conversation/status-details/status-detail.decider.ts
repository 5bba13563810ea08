import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { Status } from '../conversation.commands.js';
import type { StatusDetailEvent } from './status-detail.events.js';

export interface MakeStatusDetail {
  type: 'make';
  status: Status;
  name: string;
}

export interface ArchiveStatusDetail {
  type: 'archive' | 'restore';
}

export interface StatusDetailState {
  status: Status;
  name: string;
  archived: boolean;
}

/** Its status stays for good, and of its name all but the case. One that is archived can be restored. */
export const statusDetailDecider: Decider<
  MakeStatusDetail | ArchiveStatusDetail,
  StatusDetailState,
  StatusDetailEvent
> = { decide, evolve };

function decide(
  command: MakeStatusDetail | ArchiveStatusDetail,
  state: StatusDetailState | null,
): StatusDetailEvent[] | Refusal {
  if (command.type === 'make') {
    const { status, name } = command;
    if (state === null) return [{ type: 'status_detail.created', data: { status, name } }];
    return name === state.name ? [] : [{ type: 'status_detail.renamed', data: { name } }];
  }
  if (state === null) return refuse('not_found', 'There is no such status detail in this workspace.');
  const archived = command.type === 'archive';
  if (archived === state.archived) return [];
  return [{ type: archived ? 'status_detail.archived' : 'status_detail.restored', data: {} }];
}

function evolve(state: StatusDetailState | null, event: StatusDetailEvent): StatusDetailState {
  if (event.type === 'status_detail.created') {
    return { status: event.data.status as Status, name: event.data.name, archived: false };
  }
  if (state === null) throw new Error(`A status detail's first event is ${event.type}.`);
  switch (event.type) {
    case 'status_detail.renamed':
      return { ...state, name: event.data.name };
    case 'status_detail.archived':
      return { ...state, archived: true };
    case 'status_detail.restored':
      return { ...state, archived: false };
    default:
      return event satisfies never;
  }
}
