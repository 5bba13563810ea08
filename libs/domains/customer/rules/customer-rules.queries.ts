import { idToBytes } from '../../../platform/kernel/id.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import type { IdentityKind } from '../identities/identity.js';
import type { PlaceholderRule } from './customer-rules.commands.js';
import { USUAL_MERGE_UNDO_HOURS } from './customer-rules.decider.js';

export interface CustomerRules {
  placeholders: PlaceholderRule[];
  merge_undo_hours: number;
  updated_at: string | null;
}

interface RulesRow {
  merge_undo_hours: number | null;
  updated_at: string;
  version: number;
}

interface RuleRow {
  channel: string;
  unknown: 'make' | 'refuse';
  match_by: string;
  name: string | null;
}

/** What a workspace says of its customers; the usual where it has said nothing. */
export async function customerRulesOf(
  reads: ReadPool,
  workspace: string,
): Promise<CustomerRules & { version: number }> {
  const values = [idToBytes(workspace)];
  const [{ rows }, placeholders] = await Promise.all([
    reads.query<RulesRow>(workspace, {
      name: 'customer_rules',
      text: `select r.merge_undo_hours, r.updated_at, s.version
               from conversation.customer_rules r join log.streams s on s.stream = r.id where r.workspace = $1`,
      values,
    }),
    reads.query<RuleRow>(workspace, {
      name: 'placeholder_rules',
      text: `select p.channel, p.unknown, p.match_by, p.name
               from conversation.customer_rules r join conversation.placeholder_rules p on p.rules = r.id
              where r.workspace = $1 order by p.channel`,
      values,
    }),
  ]);
  const [rules] = rows;
  return {
    placeholders: placeholders.rows.map(({ channel, unknown, match_by, name }) => ({
      channel: channel === '' ? null : channel,
      unknown,
      match_by: match_by === '' ? [] : (match_by.split(',') as IdentityKind[]),
      name,
    })),
    merge_undo_hours: rules?.merge_undo_hours ?? USUAL_MERGE_UNDO_HOURS,
    updated_at: rules?.updated_at ?? null,
    version: rules?.version ?? 0,
  };
}
