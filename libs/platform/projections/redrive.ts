import type { EventLog } from '../event-log/event-log.js';
import type { Connection } from '../postgres/connection.js';
import { DeadLetters, type LetterPlace } from './dead-letters.js';
import type { EventOpener } from './event-opener.js';
import { blamingEvents, causeOf, isOvertaken, isPoison } from './poison.js';
import { liveTables, type Projection } from './projection.js';

export interface RedriveOutcome {
  redriven: number;
  /** Still dead, with their new causes. */
  failed: number;
}

/**
 * Applies a projection's dead letters, all or those at a position, each in one transaction with its mark: however
 * many do it at once, each is applied once. Throws where the database or the log is away.
 */
export async function redrive(
  connection: Connection,
  log: EventLog,
  opener: EventOpener,
  projection: Projection,
  position?: number,
): Promise<RedriveOutcome> {
  const letters = new DeadLetters(projection);
  const { rows } = await connection.query<LetterPlace>(letters.waiting(position));
  const outcome = { redriven: 0, failed: 0 };
  for (const place of rows) {
    try {
      await redriveOne(connection, log, opener, projection, place);
      outcome.redriven++;
    } catch (error) {
      if (isOvertaken(error)) continue;
      if (!isPoison(error)) throw error;
      await connection.query(letters.failedAgain(place, causeOf(error)));
      outcome.failed++;
    }
  }
  return outcome;
}

async function redriveOne(
  connection: Connection,
  log: EventLog,
  opener: EventOpener,
  projection: Projection,
  place: LetterPlace,
): Promise<void> {
  const { position } = place;
  const partition = (await log.partitionsOf(projection.types)).find(({ name }) => name === place.partition);
  if (partition === undefined) {
    throw new Error(
      `${projection.name} has a dead letter in ${place.partition}, which is not in this log. Rebuild it.`,
    );
  }
  const { events } = await partition.read(position - 1, { limit: 1, upTo: position });
  if (events.length === 0) {
    throw new Error(
      `${place.partition} has no event at ${position}, where ${projection.name} has a dead letter. Rebuild it.`,
    );
  }
  const statements = await blamingEvents(async () => {
    const sealed = events.map((stored) => opener.decode(stored));
    return projection.project(await opener.open(projection, connection, sealed), liveTables(projection));
  });
  await connection.transaction([new DeadLetters(projection).take(place), ...statements]);
}
