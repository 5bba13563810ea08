import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { ViewEvent } from './view.events.js';

/** What is undefined stays as it is. */
export interface ChangeView {
  name?: string | undefined;
  /** Whose it is when it is made, `usr_…`; null: all share it. */
  owner?: string | null | undefined;
  /** JSON; null: all conversations. */
  filter?: string | null | undefined;
  sort?: string | undefined;
  order?: string | undefined;
  archived?: boolean | undefined;
  /** Another view of the same owner that has the name, or had it. */
  nameIsOf?: string | undefined;
}

export interface ViewState {
  name: string;
  owner: string | null;
  filter: string | null;
  sort: string;
  order: string;
  archived: boolean;
}

/** Made by the first change, which must name it. An archived view can be changed, and restored. */
export const viewDecider: Decider<ChangeView, ViewState, ViewEvent> = { decide, evolve };

function decide(command: ChangeView, state: ViewState | null): ViewEvent[] | Refusal {
  const { name, filter, archived, owner = null } = command;
  if (state === null) {
    if (name === undefined) return refuse('not_found', 'There is no such view in this workspace.');
    const { sort = 'id', order = 'desc' } = command;
    return [{ type: 'view.created', data: { name, owner_id: owner, filter: filter ?? null, sort, order } }];
  }
  if (command.nameIsOf !== undefined) {
    return refuse('external_id_taken', `The name is taken by ${command.nameIsOf}. Use that one, or choose another.`);
  }
  const { sort = state.sort, order = state.order } = command;
  const events: ViewEvent[] = [];
  if (name !== undefined && name !== state.name) {
    events.push({ type: 'view.renamed', data: { name, owner_id: state.owner } });
  }
  if (filter !== undefined && filter !== state.filter) events.push({ type: 'view.filter_changed', data: { filter } });
  if (sort !== state.sort || order !== state.order) events.push({ type: 'view.sort_changed', data: { sort, order } });
  if (archived !== undefined && archived !== state.archived) {
    events.push({ type: archived ? 'view.archived' : 'view.restored', data: {} });
  }
  return events;
}

function evolve(state: ViewState | null, event: ViewEvent): ViewState {
  if (event.type === 'view.created') {
    const { name, owner_id: owner, filter, sort, order } = event.data;
    return { name, owner, filter, sort, order, archived: false };
  }
  if (state === null) throw new Error(`A view's first event is ${event.type}.`);
  switch (event.type) {
    case 'view.renamed':
      return { ...state, name: event.data.name };
    case 'view.filter_changed':
    case 'view.sort_changed':
      return { ...state, ...event.data };
    case 'view.archived':
      return { ...state, archived: true };
    case 'view.restored':
      return { ...state, archived: false };
    default:
      return event satisfies never;
  }
}
