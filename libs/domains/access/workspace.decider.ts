import type { Decider, Refusal } from '../../platform/kernel/decider.js';
import type { WorkspaceEvent } from './workspace.events.js';

/** Makes a workspace, or gives one that is there its name. */
export interface UpsertWorkspace {
  name: string;
  externalId: string | null;
}

export interface WorkspaceState {
  name: string;
}

export const workspaceDecider: Decider<UpsertWorkspace, WorkspaceState, WorkspaceEvent> = { decide, evolve };

function decide({ name, externalId }: UpsertWorkspace, state: WorkspaceState | null): WorkspaceEvent[] | Refusal {
  if (state === null) return [{ type: 'workspace.created', data: { name, external_id: externalId } }];
  return name === state.name ? [] : [{ type: 'workspace.renamed', data: { name } }];
}

function evolve(state: WorkspaceState | null, event: WorkspaceEvent): WorkspaceState {
  if (event.type === 'workspace.created') return { name: event.data.name };
  if (state === null) throw new Error(`A workspace's first event is ${event.type}.`);
  switch (event.type) {
    case 'workspace.renamed':
      return { name: event.data.name };
    default:
      return event satisfies never;
  }
}
