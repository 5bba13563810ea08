import type { Capability, EngineUnderTest, Installation } from './engine-under-test.js';

/** One sentence of the port's definition. */
export interface ConformanceCase {
  /** What holds on every engine. */
  name: string;
  /** The broken engine that this case catches and no other one does. */
  mutation: string;
  /** Skipped on an engine that does not declare it. */
  needs?: Capability;
  /** Wants an installation that no other case has used. */
  fresh?: true;
  /** Throws where the engine does not hold it. */
  run(on: Installation): Promise<void>;
}

/** Cases of one part of the port. */
export interface Area {
  title: string;
  /** Its cases share an installation that no other area has used. */
  apart?: true;
  cases: readonly ConformanceCase[];
}

/** Runs cases on one engine; those that need nothing fresh share an installation. */
export class CaseRunner {
  private shared: Promise<Installation> | null = null;

  constructor(private readonly engine: EngineUnderTest) {}

  excuses({ needs }: ConformanceCase): Capability | null {
    return needs === undefined || this.engine.capabilities.has(needs) ? null : needs;
  }

  /** Rejects where the engine does not hold what the case says. */
  async run({ fresh, run }: ConformanceCase): Promise<void> {
    if (!fresh) {
      this.shared ??= this.engine.open();
      return run(await this.shared);
    }
    const installation = await this.engine.open();
    try {
      await run(installation);
    } finally {
      await installation.close();
    }
  }

  async close(): Promise<void> {
    const { shared } = this;
    this.shared = null;
    await (await shared)?.close();
  }
}
