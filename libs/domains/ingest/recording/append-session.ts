import type { Connection, SqlStatement } from '../../../platform/postgres/connection.js';

type Exclusively = Connection['exclusively'];

/**
 * The session that groups are appended by, in the order in which they are sent, without waiting for the one before. Who has
 * it alone sends when all that was sent before is answered, and all others after that.
 */
export class AppendSession {
  private alone: Promise<unknown> | null = null;

  constructor(
    private readonly connection: Connection,
    /** Asks anew who the store is. */
    private readonly identify: (session: Connection) => Promise<void>,
  ) {}

  ready(): Promise<void> {
    return this.connection.ready();
  }

  /** As `Connection.transaction`; nothing is sent where there are no statements. */
  async transaction(statements: readonly SqlStatement[]): ReturnType<Connection['transaction']> {
    while (this.alone !== null) await this.alone.catch(() => undefined);
    return statements.length === 0 ? [] : this.connection.transaction(statements);
  }

  /** As `Connection.exclusively`. */
  exclusively<Result>(work: (query: Parameters<Parameters<Exclusively>[0]>[0]) => Promise<Result>): Promise<Result> {
    return this.haveAlone(() => this.connection.exclusively(work));
  }

  /** Where the store cannot be asked, what comes next says so. */
  async reidentify(): Promise<void> {
    await this.haveAlone(() => this.identify(this.connection)).catch(() => undefined);
  }

  private async haveAlone<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.alone !== null) await this.alone.catch(() => undefined);
    const running = work();
    this.alone = running;
    try {
      return await running;
    } finally {
      this.alone = null;
    }
  }
}
