import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { dataSet, emptyWorkspace, importLines } from '../readers/data-set.js';
import { TRANSPORTS } from '../readers/event-reader.js';
import { Follower } from '../readers/follower.js';
import { differences } from '../readers/reader-judge.js';
import { outcomeOf } from '../readers/reader-outcome.js';
import { workspaceLog } from '../readers/workspace-log.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

/** A thousand in the usual fifty tries. */
const CUTS_A_TRY = 20;
/** Of one connection, beside the answer's head: over the whole data set a thousand such. */
const MEAN_BYTES = 2600;
const HEAD_BYTES = 500;
/** A busy machine takes a quarter of a second a cut. */
const READ_WITHIN_MS = 900_000;

/**
 * Cut off at random bytes, while the data set comes in and long after, and gone on from the last whole event; each time
 * on another transport, with the same cursor.
 */
export const readersCut: Scenario = {
  name: 'readers-cut',
  title: 'a reader cut off at random bytes over the whole data set, going on by its cursor on any transport',
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null }, 'program');
    const url = `http://127.0.0.1:${port}`;
    const pick = () => TRANSPORTS[Math.floor(random() * TRANSPORTS.length)]!;
    try {
      await server.start();
      const workspace = await emptyWorkspace(port, rootKey);
      const { name, lines } = dataSet();
      const problems: string[] = [];
      let left = tries * CUTS_A_TRY;
      const cutAfter = () => {
        left--;
        return left < 0 ? Number.POSITIVE_INFINITY : Math.ceil(HEAD_BYTES + random() * 2 * MEAN_BYTES);
      };
      const reading = () => new Follower({ url: () => url, key: workspace.key, transport: pick, cutAfter }).start();
      const live = reading();
      await importLines(url, workspace.key, lines);
      const log = await workspaceLog(server.databaseUrl, workspace.id);
      const findings = [];
      let passes = 0;
      for (let reader = live; ; reader = reading()) {
        await reader.heardThrough(log.length, READ_WITHIN_MS).catch((error: Error) => problems.push(error.message));
        await reader.stop();
        findings.push(...differences(reader.heard, log));
        problems.push(...reader.problems);
        passes++;
        if (left <= 0 || problems.length > 0) break;
      }
      console.error(`readers-cut: ${log.length} events of ${name}, ${passes} times through`);
      return outcomeOf(tries * CUTS_A_TRY - Math.max(0, left), findings, problems);
    } finally {
      await server.end();
    }
  },
};
