import { constants, setPriority } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type pg from 'pg';
import { EVENT_SCHEMAS } from '../../../libs/contract/generated/event-schemas.js';
import { EventCodec } from '../../../libs/platform/event-codec/event-codec.js';
import { everyLog } from '../../../libs/platform/event-log/every-log.js';
import { FeedFold } from '../../../libs/platform/feed/feed-fold.js';
import { FEED } from '../../../libs/platform/feed/feed-keeper.js';
import { KeyStore } from '../../../libs/platform/keys/key-store.js';
import { UsageError } from '../../../libs/platform/operations/command-line.js';
import { newClient } from '../../../libs/platform/postgres/client.js';
import { Connection } from '../../../libs/platform/postgres/connection.js';
import type { WhichLetters } from '../../../libs/platform/projections/dead-letters.js';
import { EventOpener } from '../../../libs/platform/projections/event-opener.js';
import { type Fold, ProjectionFold } from '../../../libs/platform/projections/fold.js';
import { rebuild } from '../../../libs/platform/projections/rebuild.js';
import { redrive } from '../../../libs/platform/projections/redrive.js';
import type { ReplayProgress } from '../../../libs/platform/projections/replay-session.js';
import { verify } from '../../../libs/platform/projections/verify.js';
import type { Domain } from '../../../libs/platform/runtime/domain-module.js';
import { answerText, tableText } from '../answer-text.js';
import type { Surroundings } from '../operation-command.js';
import { writeLine } from '../terminal.js';
import { withDatabase } from './database.js';
import { rebuildFeedOf } from './feed.js';
import { withLogs } from './log.js';
import { deadLetters, projectionStates, type ReadModel } from './projection-state.js';
import { StepLine } from './step-line.js';

function named<Of extends ReadModel>(projections: readonly Of[], name: string): Of {
  const found = projections.find((projection) => projection.name === name);
  if (found !== undefined) return found;
  throw new UsageError(`There is no projection "${name}"; there are ${projections.map((one) => one.name).join(', ')}.`);
}

/** Milliseconds are all that a reader, and a table of them, has use for. */
function rounded<T extends { seconds: number }>(result: T): T {
  return { ...result, seconds: Math.round(result.seconds * 1000) / 1000 };
}

function position(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

async function withClient<T>(
  env: Surroundings['env'],
  work: (client: pg.Client, url: string) => Promise<T>,
): Promise<T> {
  return withDatabase(env, false, async (url) => {
    const client = newClient({ connectionString: url, application_name: 'heddle projection' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client, url);
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/** `heddle projection …`: the read models of this installation. */
export function addProjection(program: Command, domains: readonly Domain[], { env, terminal }: Surroundings): void {
  const projections = domains.flatMap((domain) => domain.projections);
  const readModels: ReadModel[] = [...projections, FEED];
  const group = program
    .command('projection')
    .helpCommand(false)
    .summary('list, rebuild, verify, dead-letters, redrive');
  group.description('The read models, each of which follows from the log alone.');
  const codec = new EventCodec(EVENT_SCHEMAS);
  const keys = new KeyStore();
  const foldOf = (name: string, connection: Connection): Fold => {
    const projection = projections.find((one) => one.name === name);
    const opener = new EventOpener(codec, keys);
    return projection === undefined ? new FeedFold(codec) : new ProjectionFold(projection, opener, connection);
  };
  const replaying = (projection: ReadModel) => {
    // A server on the same machine comes first.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    const line = new StepLine(terminal);
    const onProgress = ({ phase, position: at, end }: ReplayProgress) =>
      line.show(`${projection.name}: ${phase} ${at} of ${end}`);
    return { line, options: { decoder: codec, keys, onProgress } };
  };

  group
    .command('list')
    .description('List the read models, how far each has got, and how many events wait as dead letters')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const states = await withClient(env, (client, url) =>
        withLogs(env, url, codec, ({ store, followed }) =>
          // Where the log is in the store, it is the feed itself.
          projectionStates(client, followed === store ? projections : readModels, store, followed),
        ),
      );
      await writeLine(terminal.out, json ? JSON.stringify(states) : tableText(states, terminal.columns));
    });

  group
    .command('rebuild')
    .argument('<name>')
    .description('Build a read model anew from the log, beside the live one, and put it in its place')
    .action(async (name: string) => {
      const readModel = named(readModels, name);
      const projection = projections.find((one) => one === readModel);
      const { line, options } = replaying(readModel);
      const result = await withDatabase(env, false, (url) =>
        withLogs(env, url, codec, (logs) =>
          projection === undefined
            ? rebuildFeedOf(url, logs, codec, options.onProgress)
            : rebuild(url, projection, { ...options, log: logs.followed }),
        ),
      ).finally(() => line.end());
      await writeLine(terminal.out, JSON.stringify({ projection: name, ...rounded(result) }));
    });

  group
    .command('verify')
    .argument('[name]', 'all of them where none is named')
    .description('Compare a read model with what the log gives, row by row; exit status 1 where they differ')
    .action(async (name: string | undefined) => {
      const wanted = name === undefined ? projections : [named(projections, name)];
      await withDatabase(env, false, async (url) => {
        for (const projection of wanted) {
          const { line, options } = replaying(projection);
          const report = await withLogs(env, url, codec, ({ followed }) =>
            verify(url, projection, { ...options, log: followed }),
          ).finally(() => line.end());
          await writeLine(terminal.out, JSON.stringify({ projection: projection.name, ...rounded(report) }));
          if (!report.equal) process.exitCode = 1;
        }
      });
    });

  group
    .command('dead-letters')
    .argument('[name]', 'of all where none is named')
    .description('List the events that could not be applied, with their causes')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, { json }: { json?: boolean }) => {
      const wanted = name === undefined ? readModels : [named(readModels, name)];
      const letters = await withClient(env, (client) => deadLetters(client, wanted));
      await writeLine(terminal.out, json ? JSON.stringify(letters) : tableText(letters, terminal.columns));
    });

  group
    .command('redrive')
    .argument('<name>')
    .description('Apply the dead letters of a read model again; exit status 1 where one fails again')
    .option('--position <n>', 'only the one at this position', position)
    .option('--partition <name>', 'only those in this partition, such as heddle.conversation/7')
    .action(async (name: string, options: WhichLetters) => {
      const projection = named(readModels, name);
      const outcome = await withDatabase(env, false, async (url) => {
        const role = `heddle_${projection.service}`;
        const connection = new Connection({ url, role, applicationName: 'heddle redrive' });
        try {
          const fold = foldOf(name, connection);
          return await withLogs(env, url, codec, ({ store, followed }) =>
            redrive(connection, everyLog(...new Set([followed, store])), { projection, fold }, options),
          );
        } finally {
          await connection.close();
        }
      });
      await writeLine(terminal.out, answerText(outcome, terminal.columns));
      if (outcome.failed > 0) process.exitCode = 1;
    });
}
