import { Simulation } from './simulation.fixture.js';

// Minutes on a busy machine.
const SEEDS = process.env.CI === 'true' ? 10_000 : 1_000;
const FIRST = Number(process.env.HEDDLE_SEED ?? 1);
const COUNT = process.env.HEDDLE_SEED === undefined ? SEEDS : Number(process.env.HEDDLE_SEEDS ?? 1);

it(`${COUNT} histories of kills, lost answers and bad receivers end with everything delivered, once, in order`, async () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    const faults = await new Simulation(seed).run();
    if (faults.length > 0) {
      throw new Error(`Seed ${seed}, again by HEDDLE_SEED=${seed}: ${faults.slice(0, 10).join('; ')}.`);
    }
  }
}, 600_000);
