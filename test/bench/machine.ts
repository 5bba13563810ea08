import { cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What the figures were taken on, in one line. Figures of a machine that is busy with other things say little. */
export async function machineFacts(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ version: string; fsync: string; commit: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as commit`,
  );
  await client.end();
  const { version, fsync, commit } = rows[0]!;
  const others = Math.round(100 * (await busyShare(2000)));
  return `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 1e9)} GB, Node.js \
${process.versions.node}, Postgres ${version} with fsync ${fsync} and synchronous_commit ${commit}; ${others} % of the cores busy with other things before`;
}

/** The share of the cores that is not idle for so long; the bench has nothing under way then. */
async function busyShare(ms: number): Promise<number> {
  const total = () =>
    cpus().reduce(
      ({ busy, all }, { times: { user, nice, sys, irq, idle } }) => ({
        busy: busy + user + nice + sys + irq,
        all: all + user + nice + sys + irq + idle,
      }),
      { busy: 0, all: 0 },
    );
  const before = total();
  await sleep(ms);
  const after = total();
  return (after.busy - before.busy) / (after.all - before.all);
}
