import type { EventLog, LogPartition } from '../event-log/event-log.js';
import { newClient } from '../postgres/client.js';
import { isOvertaken } from '../projections/poison.js';
import type { ReplayProgress } from '../projections/replay-session.js';
import type { SerialLane } from '../projections/serial-lane.js';
import { FEED, FeedKeeper, type FeedKeeperOptions } from './feed-keeper.js';

export interface RebuiltFeed {
  /** Events that were read again. */
  events: number;
  /** Rows of the feed, those of positions that nobody has among them. */
  rows: number;
  seconds: number;
}

export interface RebuildFeedOptions extends Pick<FeedKeeperOptions, 'decoder' | 'absent'> {
  /** A role that owns the feed's tables. */
  url: string;
  log: EventLog;
  onProgress?: (progress: ReplayProgress) => void;
}

const PAGE = 5000;

/** All that a running process knows of the feed is its cursors, so whoever stood further on is overtaken. */
const BEGIN_ANEW = `
begin;
set local lock_timeout = '5s';
select next from feed.projections where name = 'feed' order by partition for update;
truncate feed.events;
update feed.readable set through = 0;
update feed.projections set next = 1, generation = generation + 1, carried = 0, diverged_at = null, updated_at = now()
 where name = 'feed';
update feed.dead_letters set redriven_at = now() where projection = 'feed' and redriven_at is null;
commit`;

/**
 * Empties the feed and reads all topics again, beside whatever process keeps it. Meanwhile it ends where it has come to.
 * May be ended at any moment: the processes that keep the feed, or another call, go on from there.
 */
export async function rebuildFeed({ url, log, decoder, absent, onProgress }: RebuildFeedOptions): Promise<RebuiltFeed> {
  const begin = performance.now();
  const partitions = await log.partitionsOf(FEED.types);
  const client = newClient({ connectionString: url, application_name: 'heddle rebuild feed' });
  client.on('error', () => undefined);
  const names = async () => partitions.map(({ name }) => name);
  const keeper = new FeedKeeper({ url, decoder, absent, partitions: names, onTrouble: () => undefined });
  try {
    await client.connect();
    await client.query(BEGIN_ANEW);
    const ends = await Promise.all(partitions.map((partition) => partition.end()));
    const end = ends.reduce((sum, one) => sum + one, 0);
    let events = 0;
    let before = 0;
    for (const [n, partition] of partitions.entries()) {
      const onPage = (position: number, more: number) => {
        events += more;
        onProgress?.({ phase: 'replay', position: before + position, end, events });
      };
      await readAgain(partition, keeper.lane(partition.name), ends[n]!, onPage);
      before += ends[n]!;
    }
    await keeper.settle();
    const { rows } = await client.query<{ rows: string }>('select count(*) as rows from feed.events');
    return { events, rows: Number(rows[0]!.rows), seconds: (performance.now() - begin) / 1000 };
  } finally {
    await keeper.close();
    await client.end().catch(() => undefined);
  }
}

async function readAgain(
  partition: LogPartition,
  lane: SerialLane,
  end: number,
  onPage: (position: number, events: number) => void,
): Promise<void> {
  let reached = await lane.seek();
  while (reached !== null && reached < end) {
    const page = await partition.read(reached, { limit: PAGE, upTo: end });
    if (page.scannedTo === reached) break;
    try {
      await lane.apply(page);
      reached = page.scannedTo;
      onPage(reached, page.events.length);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      reached = await lane.seek();
    }
  }
  await lane.flush().catch((error: unknown) => {
    if (!isOvertaken(error)) throw error;
  });
}
