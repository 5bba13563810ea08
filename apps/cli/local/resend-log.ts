import { FEED } from '../../../libs/platform/feed/feed-keeper.js';
import { PARTITIONS, partitionName, Topics } from '../../../libs/platform/kafka/topics.js';
import { Connection } from '../../../libs/platform/postgres/connection.js';
import { Cursor } from '../../../libs/platform/projections/cursor.js';
import type { ProjectionName } from '../../../libs/platform/projections/projection.js';
import { forgetCheckpoint } from '../../../libs/platform/relay/turn.js';
import type { Domain } from '../../../libs/platform/runtime/domain-module.js';

export interface ResentLog {
  /** The store's last position, which the relay has to reach again. */
  position: number;
  /** The projections that stand still until they are rebuilt. */
  stopped: string[];
}

/**
 * Lets the relay compare all of Kafka with the store, and send again what is not there. Records come to other offsets than
 * before, so what has read them stops: a projection that went on could apply an event twice.
 */
export async function resendLog(
  databaseUrl: string,
  domains: readonly Domain[],
  { prefix, isOnKafka }: { prefix: string; isOnKafka: boolean },
): Promise<ResentLog> {
  const connection = new Connection({ url: databaseUrl, applicationName: 'heddle log resend' });
  const topics = new Topics(prefix);
  const followed: { of: ProjectionName; topics: readonly string[] }[] = domains
    .flatMap((domain) => domain.projections)
    .filter(({ inline }) => !inline)
    .map((projection) => ({ of: projection, topics: topics.ofTypes(projection.types) }));
  followed.push({ of: FEED, topics: topics.all });
  try {
    return await connection.exclusively(async (query) => {
      await query({ text: 'begin' });
      await forgetCheckpoint(query);
      if (isOnKafka) {
        for (const { of, topics: theirs } of followed) {
          for (const statement of Cursor.startOver(of, theirs.flatMap(partitionsOf))) await query(statement);
        }
      }
      const { rows } = await query({ text: 'select coalesce(max(position), 0) as "end" from log.events' });
      await query({ text: 'commit' });
      const stopped = isOnKafka ? followed.map(({ of }) => of.name).sort() : [];
      return { position: Number((rows[0] as { end: number }).end), stopped };
    });
  } finally {
    await connection.close();
  }
}

function partitionsOf(topic: string): string[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partitionName({ topic, partition }));
}
