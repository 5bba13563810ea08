import { after } from '../delivery/real-clock.js';

/** With so many rows in memory no more are added while they become fewer. */
const ENOUGH_IN_MEMORY = 500;
const LOOK_MS = 5;

/**
 * While the fan-out catches up, what is sent as fast as it comes may be sent first: rows that find no room in memory are read from the
 * table later, which costs more. Nobody waits for one that is slow. `rows`: the most that an endpoint has in memory.
 */
export async function roomInMemory(rows: () => number): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (let most = rows(); most > ENOUGH_IN_MEMORY && most < before; ) {
    before = most;
    await new Promise<void>((resolve) => after(LOOK_MS, resolve));
    most = rows();
  }
}
