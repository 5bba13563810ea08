import { idToBytes } from '../../platform/kernel/id.js';
import { partyOf } from '../../platform/kernel/party.js';
import type { ReadPool } from '../../platform/reads/read-pool.js';
import type { Resource } from '../../platform/reads/resource-reads.js';

export const teams: Resource = {
  service: 'conversation',
  table: 'teams',
  prefix: 'team',
  noun: 'team',
  columns: ['external_id', 'name', 'created_at', 'updated_at'],
};

/** Who is in a team, in the order of their ids. */
export async function membersOf(reads: ReadPool, workspace: string, team: string): Promise<object[]> {
  const { rows } = await reads.query<{ type: string; member: string }>(workspace, {
    name: 'team_members',
    text: 'select type, member from conversation.team_members where team = $1 order by member',
    values: [idToBytes(team)],
  });
  return rows.map(({ type, member }) => partyOf(type, member));
}
