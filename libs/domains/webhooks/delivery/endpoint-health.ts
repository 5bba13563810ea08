const HOUR_MS = 3_600_000;

/** An endpoint that took nothing for so long, and failed in so many different hours of it, is not coming back by itself. */
export const FAILING_FOR_MS = 5 * 24 * HOUR_MS;
export const FAILING_HOURS = 8;

/** Since when an endpoint has taken nothing, as its row has it. */
export interface Health {
  /** Of the first failure after the last message that it took; null where it has taken one since. ms since 1970. */
  failingSince: number | null;
  /** How many different hours since then it failed in. */
  hours: number;
  /** The last of them, as hours since 1970. */
  lastHour: number;
}

export const WELL: Health = { failingSince: null, hours: 0, lastHour: 0 };

/** After an attempt. The same object where nothing of it is worth a writing. */
export function afterAttempt(health: Health, taken: boolean, nowMs: number): Health {
  if (taken) return health.failingSince === null ? health : WELL;
  const hour = Math.floor(nowMs / HOUR_MS);
  if (health.failingSince === null) return { failingSince: nowMs, hours: 1, lastHour: hour };
  // A clock that goes back counts no hour twice.
  return hour > health.lastHour ? { ...health, hours: health.hours + 1, lastHour: hour } : health;
}

/** Whether it is to be disabled: by how long it has failed and how spread that was, however often it was tried. */
export function isGivenUp({ failingSince, hours }: Health, nowMs: number): boolean {
  return failingSince !== null && nowMs - failingSince >= FAILING_FOR_MS && hours >= FAILING_HOURS;
}
