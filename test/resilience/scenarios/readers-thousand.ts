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

const READERS = 1000;
/** Of the data set, so many conversations are there before the readers, and so many come while they read. */
const CONVERSATIONS = { before: 100, meanwhile: 100 };
const READ_WITHIN_MS = 180_000;

export const readersThousand: Scenario = {
  name: 'readers-thousand',
  title: `${READERS} readers at once on three transports, from the first event to what happens meanwhile`,
  async run({ folder, rootKey }) {
    const port = await freePort();
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null }, 'program');
    const url = `http://127.0.0.1:${port}`;
    try {
      await server.start();
      const workspace = await emptyWorkspace(port, rootKey);
      const { lines } = dataSet();
      const { before, meanwhile } = CONVERSATIONS;
      await importLines(url, workspace.key, lines.slice(0, before));
      const began = performance.now();
      const readers = Array.from({ length: READERS }, (_, n) => {
        const transport = TRANSPORTS[n % TRANSPORTS.length]!;
        return new Follower({ url: () => url, key: workspace.key, transport: () => transport }).start();
      });
      await importLines(url, workspace.key, lines.slice(before, before + meanwhile));
      const log = await workspaceLog(server.databaseUrl, workspace.id);
      const problems: string[] = [];
      await Promise.all(readers.map((reader) => reader.heardThrough(log.length, READ_WITHIN_MS))).catch(
        (error: Error) => problems.push(error.message),
      );
      const took = performance.now() - began;
      await Promise.all(readers.map((reader) => reader.stop()));
      const [first] = readers;
      for (const [n, { heard }] of readers.entries()) {
        if (heard.length === first!.heard.length && heard.every((event, at) => event === first!.heard[at])) continue;
        problems.push(`reader ${n} was not given what the first was given, byte by byte and in its order`);
      }
      problems.push(...readers.flatMap((reader) => reader.problems));
      return outcomeOf(READERS, differences(first!.heard, log), problems, took);
    } finally {
      await server.end();
    }
  },
};
