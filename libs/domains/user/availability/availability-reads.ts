import type { Resource } from '../../../platform/reads/resource-reads.js';
import type { AvailabilityStatus } from './availability.commands.js';

/** The columns of a table of users or AI agents that say whether they are there. */
export const availabilityColumns = ['status', 'capacity'] as const;

/** Their skills, in order. */
export const derivedSkills: NonNullable<Resource['derived']> = {
  skills: 'array(select s.skill from conversation.skills s where s.owner = r.id order by s.skill collate "C")',
};

export function availabilityConditions(query: {
  status?: AvailabilityStatus | undefined;
  skill?: string | undefined;
}): Readonly<Record<string, unknown>> {
  return {
    'status =': query.status,
    'r.id in (select s.owner from conversation.skills s where s.workspace = r.workspace and s.skill = ?)': query.skill,
  };
}
