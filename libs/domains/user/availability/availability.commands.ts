/** What somebody who answers says of themselves. */
export const AVAILABILITIES = ['available', 'away', 'offline'] as const;
export type AvailabilityStatus = (typeof AVAILABILITIES)[number];

export const MOST_SKILLS = 50;

/** Whether somebody is there to answer, what for, and how much of it. */
export interface Availability {
  status: AvailabilityStatus;
  /** Slugs, each once. */
  skills: readonly string[];
  /** How many open conversations they are meant to have; null for no bound. */
  capacity: number | null;
}

/** What is undefined stays as it is. */
export interface ChangeAvailability {
  status?: AvailabilityStatus | undefined;
  /** Those that they have from now on, and no others. */
  skills?: readonly string[] | undefined;
  capacity?: number | null | undefined;
}

/** Of one of whom nothing was said. */
export const UNSAID: Availability = { status: 'offline', skills: [], capacity: null };

/** A state that was kept before there were events for availability lacks it, and nothing was said. */
export function wholeAvailability<State extends Availability>(state: State): State {
  return state.skills === undefined ? { ...state, ...UNSAID } : state;
}
