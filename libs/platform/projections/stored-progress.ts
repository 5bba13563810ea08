import type { Connection } from '../postgres/connection.js';
import { Cursor, type CursorRow } from './cursor.js';
import { DeadLetters } from './dead-letters.js';
import type { Places } from './places.js';
import type { ProjectionName } from './projection.js';

/** What the database says of a projection, whichever process follows it. */
export interface StoredProgress {
  /** All up to there has been dealt with, on each partition that has a cursor. */
  places: Places;
  /** Those that wait, wherever they lie. */
  deadLetters: number;
}

export async function storedProgress(
  connection: Pick<Connection, 'query'>,
  projection: ProjectionName,
): Promise<StoredProgress> {
  const { rows } = await connection.query<CursorRow>(Cursor.readAll(projection));
  const counted = await connection.query<{ waiting: number }>(new DeadLetters(projection).count());
  return {
    places: new Map(rows.map(({ partition, next }) => [partition, next - 1])),
    deadLetters: Number(counted.rows[0]!.waiting),
  };
}
