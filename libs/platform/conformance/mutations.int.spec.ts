import { AREAS } from './all-cases.js';
import { BROKEN_ENGINES } from './broken/all-broken-engines.js';
import { CaseRunner, type ConformanceCase } from './conformance-case.js';
import type { EngineUnderTest } from './engine-under-test.js';

/** The names of the cases that an engine fails; a case that it is excused from says nothing. */
async function failing(engine: EngineUnderTest, cases: readonly ConformanceCase[]): Promise<string[]> {
  const runner = new CaseRunner(engine);
  const failed: string[] = [];
  try {
    for (const one of cases) {
      if (runner.excuses(one) === null) await runner.run(one).catch(() => failed.push(one.name));
    }
  } finally {
    await runner.close();
  }
  return failed;
}

// That the engine which is not broken fails none of them is what embedded-engine.int.spec.ts says.
const judged = AREAS.map(({ title, cases }) => ({ title, cases, engines: BROKEN_ENGINES[title] ?? [] })).filter(
  ({ engines }) => engines.length > 0,
);

describe.each(judged)(
  'of the cases on $title, a broken engine fails exactly the one that names its fault:',
  ({ cases, engines }) => {
    // Side by side: nearly all of the time is spent waiting for what never comes.
    it.concurrent.each(engines)(
      '$caughtBy',
      async ({ caughtBy, engine, patient }) => {
        const failed = await failing(engine, cases);
        // What else fails may only have been late, beside so many others: it is tried again with patience.
        const late = cases.filter(({ name }) => name !== caughtBy && failed.includes(name));
        const others = late.length === 0 ? [] : await failing(patient, late);
        expect([...failed.filter((name) => name === caughtBy), ...others]).toEqual([caughtBy]);
      },
      600_000,
    );
  },
);
