import { randomBytes } from 'node:crypto';
import { hashOf } from '../../../platform/http/api-key-secret.js';
import type { TicketHolder } from '../../../platform/http/ticket-desk.js';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import type { Connection } from '../../../platform/postgres/connection.js';

const GOOD_FOR_MS = 60_000;

/** Who makes one also takes away some that are long over, so that nothing else has to. */
const MAKE = `
  with over as (
    delete from events.tickets where hash in (
      select hash from events.tickets where expires_at < now() - interval '1 minute'
       order by expires_at limit 100 for update skip locked))
  insert into events.tickets (hash, workspace, key, expires_at) values ($1, $2, $3, $4)`;

/** Tickets for streams: good once, for a minute; the store has their hashes. */
export class Tickets {
  constructor(private readonly rows: Pick<Connection, 'query'>) {}

  async make({ workspace, key }: TicketHolder): Promise<{ ticket: string; expires_at: string }> {
    const ticket = `tkt_${randomBytes(32).toString('base64url')}`;
    const expires_at = new Date(Date.now() + GOOD_FOR_MS).toISOString();
    await this.rows.query({
      name: 'ticket_make',
      text: MAKE,
      values: [Buffer.from(hashOf(ticket), 'hex'), idToBytes(workspace), key, expires_at],
    });
    return { ticket, expires_at };
  }

  /** Whose it is, by its hash in hex; null where it was taken before, is over, or was never made. */
  async take(hash: string): Promise<TicketHolder | null> {
    const { rows } = await this.rows.query<{ workspace: string; key: string; good: boolean }>({
      name: 'ticket_take',
      text: 'delete from events.tickets where hash = $1 returning workspace, key, expires_at > now() as good',
      values: [Buffer.from(hash, 'hex')],
    });
    const row = rows[0];
    return row?.good === true ? { workspace: toId('wsp', row.workspace), key: row.key } : null;
  }
}
