import { Rounds } from '../../../platform/runtime/rounds.js';
import { removeRoutes } from '../fan-out/route-rows.js';
import { removeLeftovers } from '../queue/leftovers.js';
import { Teller, type TellerPorts } from './teller.js';

export interface UpkeepPorts extends TellerPorts {
  /** The endpoints that are deleted, and not forgotten yet, of the shards that this process delivers for. */
  deletedEndpoints(): string[];
  /** Resolves when nothing is sent to an endpoint any more, and all that became of it is written. */
  finish(endpoint: string): Promise<void>;
  /** Nothing of an endpoint is in the tables any more, nor its route. */
  forget(endpoint: string): void;
  /** Never goes back; ms. */
  now(): number;
  trouble(error: unknown, what: string): void;
}

const EVERY_MS = 1000;
/**
 * Somebody may have added rows of an endpoint at the moment when it was deleted, and others have to read of its row that it is. So
 * long after it was emptied it is emptied again, and forgotten.
 */
const FORGETS_AFTER_MS = 300_000;

/** What the owner of an endpoint's lease does beside delivering: tells what became of its rows, and removes those of deleted ones. */
export class Upkeep {
  private readonly teller: Teller;
  private readonly rounds: Rounds;
  /** When each was emptied last. */
  private emptied = new Map<string, number>();

  constructor(private readonly ports: UpkeepPorts) {
    this.teller = new Teller(ports);
    this.rounds = new Rounds(EVERY_MS, (over) => this.round(over));
  }

  begin(): void {
    this.rounds.begin();
  }

  end(): Promise<void> {
    return this.rounds.end();
  }

  private async round(over: AbortSignal): Promise<void> {
    try {
      await this.teller.tell(over);
      await this.empty(over);
    } catch (error) {
      this.ports.trouble(error, 'what became of webhooks cannot be told now');
    }
  }

  private async empty(over: AbortSignal): Promise<void> {
    const { connection, finish, forget } = this.ports;
    const now = this.ports.now();
    const deleted = this.ports.deletedEndpoints();
    const before = this.emptied;
    this.emptied = new Map(deleted.flatMap((one) => (before.has(one) ? [[one, before.get(one)!]] : [])));
    const due = deleted.filter((one) => now - (this.emptied.get(one) ?? -Infinity) >= FORGETS_AFTER_MS);
    if (due.length === 0) return;
    for (const endpoint of due) await finish(endpoint);
    await removeLeftovers(connection, due, over);
    if (over.aborted) return;
    const emptyAgain = due.filter((one) => this.emptied.has(one));
    for (const endpoint of due) this.emptied.set(endpoint, now);
    if (emptyAgain.length === 0) return;
    for (const endpoint of await removeRoutes(connection, emptyAgain)) forget(endpoint);
  }
}
