import type { WholeLog } from '../event-log/event-log.js';
import { PostgresEventLog } from '../event-log/postgres-event-log.js';
import type { Projection } from '../projections/projection.js';
import { ProjectionFollower } from '../projections/projection-follower.js';
import type { EngineUnderTest, Installation, Member } from './engine-under-test.js';
import { HoldingOpener } from './holding-opener.js';
import { SeverableProxy } from './severable-proxy.js';
import { StoreBench } from './store-bench.js';

export interface EmbeddedEngineOptions {
  name?: string;
  /** Whether the process that reads is the one that appends, and knows its latest events from memory. */
  readsItsOwn?: boolean;
  /** The log as readers and members get it, for an engine that is broken on purpose. */
  through?: (log: WholeLog) => WholeLog;
  /** Run on a new installation, for an engine that is broken on purpose. */
  sql?: string;
  /** A member and its projections, for an engine that is broken on purpose. */
  member?: (member: Member) => Member;
  projection?: (projection: Projection) => Projection;
  patienceMs?: number;
}

const ROLE = 'heddle_log_writer';
const TAKE_OVER_AFTER_MS = 300;

/** The log in the store's own table, and what follows it by reading. */
export function embeddedEngine(options: EmbeddedEngineOptions = {}): EngineUnderTest {
  const { name = 'embedded' } = options;
  return {
    name,
    capabilities: new Set(['wakes its readers', 'dense positions'] as const),
    open: () => open(options),
  };
}

async function open(options: EmbeddedEngineOptions): Promise<Installation> {
  const { readsItsOwn = false, through = (log) => log, sql, patienceMs = 20_000 } = options;
  const bench = await StoreBench.open();
  const { admin, url, writer } = bench;
  if (sql !== undefined) await admin.query(sql);
  const opened = async () => {
    const log = new PostgresEventLog(url, ROLE);
    await log.start();
    bench.closeFirst(() => log.close());
    return log;
  };
  const own = await opened();
  const log = through(own);
  const { keys } = bench;
  const { codec, key, workspace } = writer;

  return {
    url,
    admin,
    codec,
    key,
    workspace,
    log,
    feed: async () => log,
    replaying: { decoder: codec, keys, log },
    patienceMs,
    anotherLog: async () => through(await opened()),
    anotherWriter: () => bench.anotherWriter(),
    append: async (events) => {
      const positions = await bench.commit(writer, events);
      if (readsItsOwn) own.appended(positions[0]! - 1, events);
      return positions;
    },
    follow: async (...projections) => {
      const opener = new HoldingOpener(codec, keys);
      const broken = projections.map((one) => options.projection?.(one) ?? one);
      const memberLog = await opened();
      const parts = { log: through(memberLog), opener, projections: broken };
      const member = await memberOf(bench, parts, () => memberLog.close());
      return options.member?.(member) ?? member;
    },
    close: () => bench.close(),
  };
}

interface MemberParts {
  log: WholeLog;
  opener: HoldingOpener;
  projections: readonly Projection[];
}

async function memberOf(
  bench: StoreBench,
  { log, opener, projections }: MemberParts,
  closeLog: () => Promise<void>,
): Promise<Member> {
  const postgres = await SeverableProxy.to(bench.url);
  const follower = new ProjectionFollower({
    url: postgres.url,
    projections,
    log,
    opener,
    takeOverAfterMs: TAKE_OVER_AFTER_MS,
  });
  let closing: Promise<void> | null = null;
  const close = async () => {
    opener.thaw();
    await follower.close();
    await Promise.all([postgres.close(), closeLog()]);
  };
  const member: Member = {
    start: () => undefined,
    status: () => follower.status(),
    waitFor: (...of) => follower.waitFor(...of),
    redrive: (...of) => follower.redrive(...of),
    close: () => (closing ??= close()),
    freeze: () => opener.freeze(),
    kill: () => postgres.sever(),
    losePostgres: () => postgres.sever(),
    findPostgres: () => postgres.mend(),
  };
  bench.closeFirst(() => member.close());
  follower.start();
  return member;
}
