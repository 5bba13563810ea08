import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { type Columns, text, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type SkillChange = ProjectedEvent & DomainEvent<string, EventData['user.skill_added']>;

interface SkillRow extends PresentRow {
  owner: string;
  skill: string;
  workspace: string;
}

const COLUMNS: Columns<SkillRow> = {
  owner: uuid(({ owner }) => owner),
  skill: text(({ skill }) => skill),
  workspace: uuid(({ workspace }) => workspace),
};

/** Which skills users and AI agents have, kept in the append's own transaction. */
export const skillsProjection: Projection = {
  name: 'skills',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['skills'],
  definition: ['libs/domains/user/migrations/0008_skills.sql'],
  types: ['user.skill_added', 'user.skill_removed', 'ai_agent.skill_added', 'ai_agent.skill_removed'],
  project(events, table) {
    const rows = new Map<string, SkillRow>();
    for (const { type, meta, data } of events as readonly SkillChange[]) {
      const { stream: owner, workspace } = meta;
      const isThere = type.endsWith('.skill_added');
      rows.set(`${owner} ${data.skill}`, { owner, skill: data.skill, workspace, isThere });
    }
    return [presentRows(table('skills'), COLUMNS, 2, rows.values())];
  },
};
