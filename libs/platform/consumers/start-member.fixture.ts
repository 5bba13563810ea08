import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { spawnSource } from '../testing/source-process.js';
import { testBrokers } from '../testing/test-kafka.js';
import type { ConsumerBench } from './consumer-bench.fixture.js';

const FILE = fileURLToPath(new URL('member-process.fixture.ts', import.meta.url));

/** Where a member reads, as whom, and how long it holds each page, ms. */
export interface MemberOfGroup {
  brokers: string[];
  databaseUrl: string;
  topic: string;
  group: string;
  holdMs: number;
}

/** A member of a bench's group in a process of its own, with `SqlLane`s that hold each page for some ms. */
export function startMemberProcess(bench: ConsumerBench, databaseUrl: string, holdMs: number): ChildProcess {
  const { group } = bench.subscription;
  const member: MemberOfGroup = { brokers: testBrokers(), databaseUrl, topic: bench.topic.name, group, holdMs };
  return spawnSource(FILE, member, ['ignore', 'inherit', 'inherit', 'ipc']);
}

/** The time on a core that it has taken since its start, ms. */
export async function coreMs(member: ChildProcess): Promise<number> {
  member.send('how much?');
  const [{ user, system }] = (await once(member, 'message')) as [NodeJS.CpuUsage];
  return (user + system) / 1000;
}
