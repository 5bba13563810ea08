import type { EventCodec } from '../../../libs/platform/event-codec/event-codec.js';
import { absentPositions } from '../../../libs/platform/event-store/absent-positions.js';
import { type RebuildFeedOptions, type RebuiltFeed, rebuildFeed } from '../../../libs/platform/feed/rebuild-feed.js';
import { Connection } from '../../../libs/platform/postgres/connection.js';
import { Failure } from '../failure.js';
import type { Logs } from './log.js';

/** Builds the feed of an installation anew. Throws Failure where the log is in the store, which is then read itself. */
export async function rebuildFeedOf(
  url: string,
  { store, followed }: Logs,
  decoder: EventCodec,
  onProgress: NonNullable<RebuildFeedOptions['onProgress']>,
): Promise<RebuiltFeed> {
  if (followed === store)
    throw new Failure('The log is in the store, so there is no feed beside it: nothing to build.');
  const connection = new Connection({ url, role: 'heddle_log_writer', applicationName: 'heddle absent positions' });
  const absent = (after: number, before: number) => absentPositions(connection, after, before);
  try {
    return await rebuildFeed({ url, log: followed, decoder, absent, onProgress });
  } finally {
    await connection.close();
  }
}
