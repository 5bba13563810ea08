import { AREAS } from './all-cases.js';
import { type Area, CaseRunner } from './conformance-case.js';
import { CAPABILITIES, type EngineUnderTest } from './engine-under-test.js';

/** What an engine of the log must hold, as tests of the file that calls it. */
export function describeConformance(engine: EngineUnderTest, areas: readonly Area[] = AREAS): void {
  describe(`the log, ${engine.name}`, () => {
    const shared = new CaseRunner(engine);
    afterAll(() => shared.close());

    for (const { title, apart, cases } of areas) {
      describe(title, () => {
        const runner = apart ? new CaseRunner(engine) : shared;
        if (apart) afterAll(() => runner.close());
        for (const one of cases) {
          const excuse = runner.excuses(one);
          if (excuse === null) it(one.name, () => runner.run(one), 240_000);
          else it.skip(`${one.name} (excused: not ${excuse}, ${CAPABILITIES[excuse]})`, () => undefined);
        }
      });
    }
  });
}
