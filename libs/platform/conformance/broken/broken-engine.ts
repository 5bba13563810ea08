import { type EmbeddedEngineOptions, embeddedEngine } from '../embedded-engine.js';
import type { EngineUnderTest } from '../engine-under-test.js';

/** An engine that is sound but for one thing, and the name of the case that is to find it. */
export interface BrokenEngine {
  caughtBy: string;
  engine: EngineUnderTest;
}

/** What must come is waited for no longer than this, ms: on a broken engine it may never. */
const PATIENCE_MS = 2500;

export function broken(caughtBy: string, options: EmbeddedEngineOptions): BrokenEngine {
  return { caughtBy, engine: embeddedEngine({ name: 'broken', patienceMs: PATIENCE_MS, ...options }) };
}
