import { readFileSync } from 'node:fs';

/**
 * Preloaded into a server (`NODE_OPTIONS=--import`): its wall clock is off by what a file says, in ms, as if somebody had set it
 * while the process runs. What never goes back by nature, `performance.now()` and timers, is left as it is.
 */
const FILE = process.env.HEDDLE_TEST_CLOCK_FILE!;
const LOOK_MS = 20;
const RealDate = Date;
let shiftMs = 0;

setInterval(() => {
  try {
    shiftMs = Number(readFileSync(FILE, 'utf8'));
  } catch {
    shiftMs = 0;
  }
}, LOOK_MS).unref();

const now = (): number => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
