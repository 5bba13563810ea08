import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { type Columns, text, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type MemberChange = ProjectedEvent & DomainEvent<string, EventData['team.member_added']>;

interface MemberRow extends PresentRow {
  team: string;
  member: string;
  workspace: string;
  type: string;
}

const COLUMNS: Columns<MemberRow> = {
  team: uuid(({ team }) => team),
  member: uuid(({ member }) => member),
  workspace: uuid(({ workspace }) => workspace),
  type: text(({ type }) => type),
};

/** Who is in which team, kept in the append's own transaction. */
export const teamMembersProjection: Projection = {
  name: 'team_members',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['team_members'],
  definition: ['libs/domains/user/migrations/0005_team_members.sql'],
  types: ['team.member_added', 'team.member_removed'],
  project(events, table) {
    const rows = new Map<string, MemberRow>();
    for (const { type: event, meta, data } of events as readonly MemberChange[]) {
      const { type, id: member } = data.member;
      const isThere = event === 'team.member_added';
      const { stream: team, workspace } = meta;
      rows.set(`${team} ${member}`, { team, member, workspace, type, isThere });
    }
    return [presentRows(table('team_members'), COLUMNS, 2, rows.values())];
  },
};
