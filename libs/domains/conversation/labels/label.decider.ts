import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { LabelEvent } from './label.events.js';

const FIRST_COLOR = '#808080';

/** What is undefined stays as it is. */
export interface ChangeLabel {
  name?: string | undefined;
  color?: string | undefined;
  description?: string | null | undefined;
  archived?: boolean | undefined;
  /** Another label that has the name, or had it. */
  nameIsOf?: string | undefined;
}

export interface LabelState {
  name: string;
  color: string;
  description: string | null;
  archived: boolean;
}

/** Made by the first change, which must name it. An archived label can be changed, and restored. */
export const labelDecider: Decider<ChangeLabel, LabelState, LabelEvent> = { decide, evolve };

function decide(command: ChangeLabel, state: LabelState | null): LabelEvent[] | Refusal {
  const { name, color, description, archived } = command;
  if (state === null) {
    if (name === undefined) return refuse('not_found', 'There is no such label in this workspace.');
    const data = { name, color: color ?? FIRST_COLOR, description: description ?? null };
    return [{ type: 'label.created', data }];
  }
  if (command.nameIsOf !== undefined) {
    return refuse('external_id_taken', `The name is taken by ${command.nameIsOf}. Use that one, or choose another.`);
  }
  const events: LabelEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'label.renamed', data: { name } });
  if (color !== undefined && color !== state.color) events.push({ type: 'label.recolored', data: { color } });
  if (description !== undefined && description !== state.description) {
    events.push({ type: 'label.description_changed', data: { description } });
  }
  if (archived !== undefined && archived !== state.archived) {
    events.push({ type: archived ? 'label.archived' : 'label.restored', data: {} });
  }
  return events;
}

function evolve(state: LabelState | null, event: LabelEvent): LabelState {
  if (event.type === 'label.created') return { ...event.data, archived: false };
  if (state === null) throw new Error(`A label's first event is ${event.type}.`);
  switch (event.type) {
    case 'label.renamed':
    case 'label.recolored':
    case 'label.description_changed':
      return { ...state, ...event.data };
    case 'label.archived':
      return { ...state, archived: true };
    case 'label.restored':
      return { ...state, archived: false };
    default:
      return event satisfies never;
  }
}
