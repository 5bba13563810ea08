import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteShell } from '../../../platform/commands/write-shell.js';
import { systemCaller } from '../../../platform/operations/caller.js';
import { isUnavailable } from '../../../platform/postgres/connection.js';
import { LeftAlone } from '../../../platform/runtime/left-alone.js';
import { Rounds } from '../../../platform/runtime/rounds.js';
import { isOpen, type Route } from '../fan-out/routes.js';
import { hasChangedHands } from '../queue/hold-shards.js';
import { shardOf } from '../queue/shard.js';
import { replayAggregate } from './replay.aggregate.js';
import type { ReplayCommand } from './replay.decider.js';
import { type ProducerPorts, ReplayProducer } from './replay-producer.js';
import { type Replay, replaysUnderWay } from './replay-row.js';
import type { ReplayRuns } from './replay-runs.js';

export interface RunnerPorts extends ProducerPorts {
  shell: Pick<WriteShell, 'execute'>;
  runs: Pick<ReplayRuns, 'takenBack'>;
  /** Begins to deliver to an endpoint anew, by what is in the tables, once what is under way has ended and is written. */
  restart(endpoint: string): Promise<void>;
  /** An endpoint as it is now; undefined where nothing is known of it yet. */
  route(endpoint: string): Route | undefined;
  trouble(error: unknown, what: string): void;
}

const EVERY_MS = 1000;
const LOOK_AGAIN_MS = 50;
/** While so many messages of a replay wait no more of it are put into the queue: tables and memory stay as small as that. */
export const MOST_WAITING = 5000;

/** What a look at a replay came to. */
interface Step {
  /** Whether it has gone on. */
  moved: boolean;
  /** How many of its messages wait. */
  waiting: number;
}

const STANDS: Step = { moved: false, waiting: 0 };
const MOVED: Step = { moved: true, waiting: 0 };

/**
 * Carries out replays. Each is looked after by the owner of its endpoint's shard, in turns with the others: a page is put into the
 * queue while there is room, and the end is said on the log when nothing of it waits. It waits while its endpoint is disabled, and
 * is cancelled where that is deleted.
 */
export class ReplayRunner {
  private readonly producer: ReplayProducer;
  private readonly rounds: Rounds;
  /** Those that met what they should not. */
  private readonly leftAlone = new LeftAlone();
  /** Those that were cancelled, and of which nothing is in memory any more, or soon. */
  private readonly dropped = new Set<string>();
  private dropping: Promise<void> = Promise.resolve();

  constructor(private readonly ports: RunnerPorts) {
    this.producer = new ReplayProducer(ports);
    this.rounds = new Rounds(EVERY_MS, (over) => this.round(over));
  }

  begin(): void {
    this.rounds.begin();
  }

  async end(): Promise<void> {
    await this.rounds.end();
    await this.dropping;
  }

  /** Until none goes on, and what waits becomes no fewer. */
  private async round(over: AbortSignal): Promise<void> {
    try {
      for (let before = Number.POSITIVE_INFINITY; !over.aborted; ) {
        const { moved, waiting } = await this.turn(over);
        if (!moved && (waiting === 0 || waiting >= before)) return;
        before = moved ? Number.POSITIVE_INFINITY : waiting;
        if (!moved) await sleep(LOOK_AGAIN_MS, undefined, { signal: over }).catch(() => undefined);
      }
    } catch (error) {
      this.ports.trouble(error, 'replays cannot go on now');
    }
  }

  /** A step of each. Throws where the store is away. */
  private async turn(over: AbortSignal): Promise<Step> {
    const all = await replaysUnderWay(this.ports.connection);
    const leftAlone = new Set(this.leftAlone.ids());
    const known = new Set(all.map(({ id }) => id));
    for (const id of this.dropped) if (!known.has(id)) this.dropped.delete(id);
    let [moved, waiting] = [false, 0];
    for (const replay of all) {
      if (over.aborted || leftAlone.has(replay.id) || this.ports.tokenOf(shardOf(replay.endpoint)) === null) continue;
      const step = await this.stepOf(replay);
      moved ||= step.moved;
      waiting += step.waiting;
    }
    return { moved, waiting };
  }

  private async stepOf(replay: Replay): Promise<Step> {
    try {
      const step = await this.step(replay);
      this.leftAlone.forget(replay.id);
      return step;
    } catch (error) {
      if (hasChangedHands(error)) return STANDS;
      // The others would meet the same.
      if (isUnavailable(error)) throw error;
      this.leftAlone.leave(replay.id);
      this.ports.trouble(error, `the replay ${replay.id} cannot go on now`);
      return STANDS;
    }
  }

  private async step(replay: Replay): Promise<Step> {
    if (replay.isCancelled) {
      await this.producer.takeBack(replay);
      this.ports.runs.takenBack(replay);
      this.drop(replay);
      return STANDS;
    }
    const route = this.ports.route(replay.endpoint);
    if (route === undefined) return STANDS;
    if (route.state.deleted) return this.say(replay, { type: 'cancel' });
    if (!isOpen(route.state)) return STANDS;
    const waiting = await this.producer.waiting(replay, MOST_WAITING);
    if (replay.position < replay.to) {
      if (waiting < MOST_WAITING && (await this.producer.produce(replay, route))) return MOVED;
    } else if (waiting === 0) {
      return this.say(replay, { type: 'finish', due: replay.due, passedOver: replay.passedOver });
    }
    return { moved: false, waiting };
  }

  /** What memory has of it, such as lanes that wait for a retry, would count as the endpoint's for days. Nobody waits for that. */
  private drop(replay: Replay): void {
    if (this.dropped.has(replay.id)) return;
    this.dropped.add(replay.id);
    this.dropping = this.dropping
      .then(() => this.ports.restart(replay.endpoint))
      // What was on its way then may have failed.
      .then(() => this.producer.takeBack(replay))
      .catch((error: unknown) => this.ports.trouble(error, `the replay ${replay.id} cannot be taken back now`));
  }

  private async say({ id, workspace }: Replay, command: ReplayCommand): Promise<Step> {
    const { status } = await this.ports.shell.execute({
      aggregate: replayAggregate,
      caller: systemCaller(workspace, 'webhook_replays', [], true),
      workspace,
      stream: id,
      command,
      respond: () => ({ status: 200, body: {} }),
    });
    return status < 400 ? MOVED : STANDS;
  }
}
