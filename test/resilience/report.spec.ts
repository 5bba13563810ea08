import { jest } from '@jest/globals';
import { printOutcomes, printOutcomesAsJson } from './report.js';
import type { Scenario } from './scenario.js';

const SCENARIO: Scenario = { name: 'kafka-kill-relay', title: 'a relay is killed', run: () => Promise.reject() };

describe('a scenario that was skipped', () => {
  const before = { ...process.env };
  beforeEach(() => jest.spyOn(console, 'log').mockImplementation(() => undefined));
  afterEach(() => {
    process.env = { ...before };
    jest.restoreAllMocks();
  });

  it.each([
    { ci: 'true', lacks: 'program', sound: false },
    { ci: 'true', lacks: 'right', sound: true },
    { ci: '', lacks: 'program', sound: true },
  ] as const)('for want of a $lacks, with CI=$ci: sound is $sound', ({ ci, lacks, sound }) => {
    process.env.CI = ci;
    const outcomes = [[SCENARIO, { skipped: 'it lacks it', lacks }]] as Parameters<typeof printOutcomes>[0];
    expect([printOutcomes(outcomes), printOutcomesAsJson(outcomes)]).toEqual([sound, sound]);
  });
});
