import type { Availability, AvailabilityStatus, ChangeAvailability } from './availability.commands.js';

/** An event of a user's or an AI agent's stream, without the noun that its type begins with. */
export type AvailabilityChange =
  | { verb: 'status_changed'; data: { status: string } }
  | { verb: 'skill_added' | 'skill_removed'; data: { skill: string } }
  | { verb: 'capacity_changed'; data: { capacity: number | null } };

/** A change for each thing that is not as it should be; none where all are. */
export function availabilityChanges(wanted: ChangeAvailability, state: Availability): AvailabilityChange[] {
  const { status, skills, capacity } = wanted;
  const changes: AvailabilityChange[] = [];
  if (status !== undefined && status !== state.status) changes.push({ verb: 'status_changed', data: { status } });
  if (skills !== undefined) {
    const kept = new Set(skills);
    for (const skill of state.skills) if (!kept.has(skill)) changes.push({ verb: 'skill_removed', data: { skill } });
    for (const skill of kept) {
      if (!state.skills.includes(skill)) changes.push({ verb: 'skill_added', data: { skill } });
    }
  }
  if (capacity !== undefined && capacity !== state.capacity) {
    changes.push({ verb: 'capacity_changed', data: { capacity } });
  }
  return changes;
}

export function withAvailability<State extends Availability>(state: State, change: AvailabilityChange): State {
  switch (change.verb) {
    case 'status_changed':
      return { ...state, status: change.data.status as AvailabilityStatus };
    case 'skill_added':
      return { ...state, skills: [...state.skills, change.data.skill] };
    case 'skill_removed':
      return { ...state, skills: state.skills.filter((skill) => skill !== change.data.skill) };
    case 'capacity_changed':
      return { ...state, capacity: change.data.capacity };
    default:
      return change satisfies never;
  }
}
