import type { Party } from '../../../platform/kernel/event.js';
import { idToBytes } from '../../../platform/kernel/id.js';
import type { Connection } from '../../../platform/postgres/connection.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';

interface PresenceRow {
  party: string;
  party_type: string;
  since: string;
  expires_at: string;
}

/** Who comes also takes away some of what is long over, so that nothing else has to. */
const PUT = `
  with over as (
    delete from conversation.presences where (conversation, party) in (
      select conversation, party from conversation.presences
       where expires_at < now() - interval '1 minute' order by expires_at limit 10 for update skip locked))
  insert into conversation.presences as p (conversation, party, workspace, party_type, since, expires_at)
    values ($1, $2, $3, $4, now(), $5)
  on conflict (conversation, party) do update
    set since = case when p.expires_at < now() then excluded.since else p.since end, expires_at = excluded.expires_at`;

/** Who is at which conversation: a row each, which counts until it expires. */
export class Presences {
  constructor(
    private readonly reads: ReadPool,
    private readonly writes: Connection,
  ) {}

  /** Those who are at a conversation of the workspace now. */
  async at(workspace: string, conversation: string): Promise<object[]> {
    const { rows } = await this.reads.query<PresenceRow>(workspace, {
      name: 'presences',
      text: `select party, party_type, since, expires_at from conversation.presences
              where conversation = $1 and expires_at > now() order by since, party limit 1000`,
      values: [idToBytes(conversation)],
    });
    return rows.map(({ party, party_type, since, expires_at }) => ({
      party: { type: party_type, id: party },
      since,
      expires_at,
    }));
  }

  async put(workspace: string, conversation: string, party: Party, expiresAt: Date): Promise<void> {
    await this.writes.query({
      name: 'presence_put',
      text: PUT,
      values: [idToBytes(conversation), party.id, idToBytes(workspace), party.type, expiresAt.toISOString()],
    });
  }

  async remove(conversation: string, party: Party): Promise<void> {
    await this.writes.query({
      name: 'presence_remove',
      text: 'delete from conversation.presences where conversation = $1 and party = $2',
      values: [idToBytes(conversation), party.id],
    });
  }
}
