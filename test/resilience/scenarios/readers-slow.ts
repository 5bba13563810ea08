import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { JsonOverHttp } from '../json-over-http.js';
import { collectGarbage } from '../readers/collect-garbage.js';
import { dataSet, emptyWorkspace, importLines } from '../readers/data-set.js';
import { EventReader, TRANSPORTS, type Transport } from '../readers/event-reader.js';
import { Follower, type FollowerOptions } from '../readers/follower.js';
import { differences } from '../readers/reader-judge.js';
import { outcomeOf } from '../readers/reader-outcome.js';
import { unsentBytes } from '../readers/socket-queues.js';
import { workspaceLog } from '../readers/workspace-log.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

/** Enough that what one of them takes stands out of what a process takes anyway. */
const ON_EACH_TRANSPORT = 20;
const MOST_MB_OF_ONE = 2;
/** The data set so often, under other names: far more than a reader's bound. */
const TIMES = 8;
/** The kernel takes some pages more, each of which is waited for. */
const CLOSED_WITHIN_MS = 240_000;
const LOOK_MS = 250;
/** Until everything that is going to wait waits; less than it takes to be closed. */
const QUIET_MS = 15_000;
const READ_WITHIN_MS = 120_000;

/** Who reads one byte a second, and on a WebSocket also who reads all and acknowledges nothing. */
const KINDS: readonly { transport: Transport; reading: { bytesPerSecond?: number; acknowledges?: boolean } }[] = [
  ...TRANSPORTS.map((transport) => ({ transport, reading: { bytesPerSecond: 1 } })),
  { transport: 'ws', reading: { acknowledges: false } },
];

export const readersSlow: Scenario = {
  name: 'readers-slow',
  title:
    'readers of one byte a second, and ones that acknowledge nothing: bounded, closed, and gone on from their cursor',
  async run({ folder, rootKey }) {
    const port = await freePort();
    const inspected = await freePort();
    const env = { NODE_OPTIONS: `--inspect=127.0.0.1:${inspected}` };
    const server = new ServerProcess(
      { port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null, env },
      'program',
    );
    const url = `http://127.0.0.1:${port}`;
    try {
      await server.start();
      const workspace = await emptyWorkspace(port, rootKey);
      const { lines } = dataSet();
      for (let n = 0; n < TIMES; n++)
        await importLines(
          url,
          workspace.key,
          lines.map((line) => renamed(line, n)),
        );
      const log = await workspaceLog(server.databaseUrl, workspace.id);
      const problems: string[] = [];
      const findings = [];
      let longest = 0;
      for (const { transport, reading } of KINDS) {
        const kind = `${transport}${reading.acknowledges === false ? ', nothing acknowledged' : ''}`;
        const open = { url, key: workspace.key, transport };
        // What is read for the first time stays in memory, and is not what is measured.
        await readThrough({ ...open, transport: () => transport, url: () => url }, log.length);
        await sleep(QUIET_MS);
        const before = await processMemory(port, rootKey, inspected);
        const slow = Array.from({ length: ON_EACH_TRANSPORT }, () =>
          EventReader.open({ ...open, since: 'beginning', ...reading }),
        );
        const readers = await Promise.all(slow);
        const began = performance.now();
        await sleep(QUIET_MS);
        const held = (await processMemory(port, rootKey, inspected)).bytes - before.bytes;
        const queued = Math.max(0, ...(unsentBytes(port) ?? []));
        while ((await figuresOf(port, rootKey)).readers > 0 && performance.now() - began < CLOSED_WITHIN_MS) {
          await sleep(LOOK_MS);
        }
        const took = performance.now() - began;
        longest = Math.max(longest, took);
        const [ofProcess, ofKernel] = [held / ON_EACH_TRANSPORT / 1e6, queued / 1e6];
        console.error(
          `readers-slow: ${kind}: ${ofProcess.toFixed(2)} MB each in the process, at most ${ofKernel.toFixed(2)} MB in the kernel; closed after ${Math.round(took / 1000)} s`,
        );
        if (ofProcess > MOST_MB_OF_ONE) problems.push(`${kind}: ${ofProcess.toFixed(2)} MB for a reader`);
        if (took >= CLOSED_WITHIN_MS) problems.push(`${kind}: not closed within ${CLOSED_WITHIN_MS / 1000} s`);
        if (reading.acknowledges === false) problems.push(...readers.flatMap((reader) => wronglyClosed(reader)));
        for (const reader of readers) reader.cut();
        const [{ heard, cursor }] = readers as [EventReader];
        const rest = await readThrough(
          { url: () => url, key: workspace.key, transport: () => transport, from: cursor },
          log.length - heard.length,
        );
        findings.push(...differences([...heard, ...rest.heard], log));
        problems.push(...rest.problems.map((problem) => `${kind}, gone on: ${problem}`));
      }
      return outcomeOf(KINDS.length * ON_EACH_TRANSPORT, findings, problems, longest);
    } finally {
      await server.end();
    }
  },
};

/** As another conversation. */
function renamed(line: string, n: number): string {
  const read = JSON.parse(line) as { conversation: string };
  return JSON.stringify({ ...read, conversation: `${n}-${read.conversation}` });
}

async function readThrough(options: FollowerOptions, events: number): Promise<Follower> {
  const follower = new Follower(options).start();
  await follower.heardThrough(events, READ_WITHIN_MS).catch((error: Error) => follower.problems.push(error.message));
  await follower.stop();
  return follower;
}

function wronglyClosed({ closed, closeCode, cursor }: EventReader): string[] {
  if (closed?.reason === 'slow_reader' && closed.cursor === cursor && closeCode === 1008) return [];
  return [`it was closed with ${JSON.stringify(closed)} and ${closeCode}, and stands at ${cursor}`];
}

/** What the process says of itself: the heap and what lies beside it, and how many read. */
async function figuresOf(port: number, rootKey: string): Promise<{ bytes: number; readers: number }> {
  const client = new JsonOverHttp(port, rootKey);
  const text = (await client.must<string>('GET', '/metrics')).toString();
  client.close();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    bytes: figure('nodejs_heap_size_used_bytes') + figure('nodejs_external_memory_bytes'),
    readers: figure('heddle_live_readers'),
  };
}

/** What it holds, and could not give back. */
async function processMemory(port: number, rootKey: string, inspected: number) {
  await collectGarbage(inspected);
  return figuresOf(port, rootKey);
}
