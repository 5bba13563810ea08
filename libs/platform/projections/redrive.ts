import type { EventLog } from '../event-log/event-log.js';
import { RecordsGoneError } from '../kafka/kafka-reader.js';
import type { Connection } from '../postgres/connection.js';
import { DeadLetters, type LetterPlace, type WhichLetters } from './dead-letters.js';
import type { Fold } from './fold.js';
import { causeOf, isOvertaken, isPoison } from './poison.js';
import { liveTables, type Projection, type ProjectionName } from './projection.js';

export interface RedriveOutcome {
  redriven: number;
  /** Still dead, with their new causes. */
  failed: number;
}

/** Whose dead letters are applied, and how. */
export interface RedriveTarget {
  projection: ProjectionName & Pick<Projection, 'types'>;
  fold: Fold;
}

/** A dead letter whose event cannot be had any more. */
class LetterGoneError extends Error {}

/**
 * Applies a projection's dead letters, all or some, each in one transaction with its mark: however many do it at once,
 * each is applied once. Throws where the database or the log is away, and for a position alone that has dead letters in
 * several partitions.
 */
export async function redrive(
  connection: Connection,
  log: EventLog,
  target: RedriveTarget,
  which: WhichLetters = {},
): Promise<RedriveOutcome> {
  const letters = new DeadLetters(target.projection);
  const { rows } = await connection.query<LetterPlace>(letters.waiting(which));
  requireOne(target.projection, rows, which);
  const outcome = { redriven: 0, failed: 0 };
  for (const place of rows) {
    try {
      await redriveOne(connection, log, target, place);
      outcome.redriven++;
    } catch (error) {
      if (isOvertaken(error)) continue;
      const cause = causeOfLetter(error);
      if (cause === null) throw error;
      await connection.query(letters.failedAgain(place, cause));
      outcome.failed++;
    }
  }
  return outcome;
}

function requireOne({ name }: ProjectionName, found: readonly LetterPlace[], { partition, position }: WhichLetters) {
  if (position === undefined || partition !== undefined || found.length < 2) return;
  const partitions = found.map((one) => one.partition).join(', ');
  throw new Error(`${name} has dead letters at ${position} in ${partitions}: say which with --partition.`);
}

/** Why this letter stays dead; null where the error is not its own. */
function causeOfLetter(error: unknown): string | null {
  if (isPoison(error)) return causeOf(error);
  return error instanceof LetterGoneError || error instanceof RecordsGoneError ? error.message : null;
}

async function redriveOne(
  connection: Connection,
  log: EventLog,
  { projection, fold }: RedriveTarget,
  place: LetterPlace,
): Promise<void> {
  const { position } = place;
  const partition = (await log.partitionsOf(projection.types)).find(({ name }) => name === place.partition);
  if (partition === undefined) {
    throw new LetterGoneError(
      `${projection.name} has a dead letter in ${place.partition}, which is not in this log. Rebuild it.`,
    );
  }
  const { events } = await partition.read(position - 1, { limit: 1, upTo: position });
  if (events.length === 0) {
    throw new LetterGoneError(
      `${place.partition} has no event at ${position}, where ${projection.name} has a dead letter. Rebuild it.`,
    );
  }
  const statements = await fold.statements(events, liveTables(projection));
  await connection.transaction([new DeadLetters(projection).take(place), ...statements]);
}
