import { idToBytes, toId } from '../../../platform/kernel/id.js';
import type { Connection } from '../../../platform/postgres/connection.js';

/** The replay that a run of an endpoint is. */
export interface ReplayOfRun {
  id: string;
  /** Its rows are out of the queue: what of it is still in memory is not sent. */
  isTakenBack: boolean;
}

const MOST_KNOWN = 10_000;
const OF_RUN = `
  select r.id, r.status = 'cancelled' and coalesce(p.is_taken_back, false) as is_taken_back
    from webhooks.webhook_replays r left join webhooks.replays_progress p on p.replay = r.id
   where r.endpoint = $1 and r.run = $2`;

/** Which replays the runs of endpoints are; looked up once for each, for a run stays what it is. */
export class ReplayRuns {
  private readonly known = new Map<string, ReplayOfRun | null>();

  constructor(private readonly connection: Pick<Connection, 'query'>) {}

  /** Null for a run that is no replay: dead letters that were sent again. Throws where the store is away. */
  async of(endpoint: string, run: number): Promise<ReplayOfRun | null> {
    const name = `${endpoint} ${run}`;
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const { rows } = await this.connection.query<{ id: string; is_taken_back: boolean }>({
      name: 'replay of a run',
      text: OF_RUN,
      values: [idToBytes(endpoint), run],
    });
    const [row] = rows;
    const found = row === undefined ? null : { id: toId('rpl', row.id), isTakenBack: row.is_taken_back };
    // What was taken back meanwhile stays so.
    const meanwhile = this.known.get(name);
    if (meanwhile !== undefined) return meanwhile;
    this.keep(name, found);
    return found;
  }

  takenBack({ id, endpoint, run }: { id: string; endpoint: string; run: number }): void {
    this.keep(`${endpoint} ${run}`, { id, isTakenBack: true });
  }

  private keep(name: string, found: ReplayOfRun | null): void {
    this.known.delete(name);
    if (this.known.size >= MOST_KNOWN) this.known.delete(this.known.keys().next().value!);
    this.known.set(name, found);
  }
}
