import { type EmbeddedEngineOptions, embeddedEngine } from '../embedded-engine.js';
import type { EngineUnderTest } from '../engine-under-test.js';

/** An engine that is sound but for one thing, and the name of the case that is to find it. */
export interface BrokenEngine {
  caughtBy: string;
  engine: EngineUnderTest;
  /** The same one, on which what must come may be late: a machine is busy, too. */
  patient: EngineUnderTest;
}

/** What must come is waited for no longer than this, ms: on a broken engine it may never. */
const PATIENCE_MS = 2500;
const LONG_PATIENCE_MS = 30_000;

export function broken(caughtBy: string, options: EmbeddedEngineOptions): BrokenEngine {
  const within = (patienceMs: number) => embeddedEngine({ name: 'broken', ...options, patienceMs });
  return { caughtBy, engine: within(PATIENCE_MS), patient: within(LONG_PATIENCE_MS) };
}
