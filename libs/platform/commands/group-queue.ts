import { loggedError } from '../observability/logged-error.js';
import { weightOf } from './command-weight.js';
import type { Pending } from './pending.js';

/** About so many events in one transaction, or one command: everybody waits while it runs. */
const GROUP_WEIGHT = 256;
/** After so many lost races a command decides while it holds the store's lock, and cannot lose. */
const LOSSES_BEFORE_LOCK = 2;

export interface GroupQueueOptions {
  groupWeight?: number;
  groupsUnderWay?: number;
  log: { error(detail: object, message: string): void };
}

/** What carries out the commands that the queue hands over. */
export interface GroupRunner {
  /** Rejects only where it cannot tell what has become of the commands. */
  run(commands: readonly Pending[]): Promise<void>;
  runUnderLock(command: Pending): Promise<void>;
}

interface GroupUnderWay {
  streams: ReadonlySet<string>;
  weight: number;
}

interface NextGroup {
  commands: readonly Pending[];
  weight: number;
}

const NO_GROUP: NextGroup = { commands: [], weight: 0 };

/**
 * Commands that are prepared, until their group begins. Commands that arrive while a transaction is under way go
 * together, those of its streams once it has ended. Owns the queue and knows what is under way; nobody else does.
 */
export class GroupQueue {
  private readonly ready: Pending[] = [];
  /** Those that go under the store's lock, one by one. */
  private readonly contended: Pending[] = [];
  private readonly underWay = new Set<GroupUnderWay>();
  private scheduled = false;
  private underLock = false;
  private groupsTurn = false;
  /** Looking for a second group again is of no use before so many commands are ready. */
  private secondFrom = 0;

  constructor(
    private readonly runner: GroupRunner,
    private readonly options: GroupQueueOptions,
  ) {}

  /** How many commands wait for their group to begin. */
  get length(): number {
    return this.ready.length + this.contended.length;
  }

  enqueue(pending: Pending): void {
    if (pending.lost >= LOSSES_BEFORE_LOCK) this.contended.push(pending);
    else this.ready.push(pending);
    if (this.scheduled) return;
    this.scheduled = true;
    // Commands that arrived in the same turn of the loop belong to the same group.
    setImmediate(() => {
      this.scheduled = false;
      this.dispatch();
    });
  }

  /** Puts commands of a group that is under way before all others; they are looked at once it has ended. */
  putFirst(pendings: readonly Pending[]): void {
    this.ready.unshift(...pendings);
  }

  /**
   * Starts what can be: two groups at most, of different streams, the second one once it has half of the first one's
   * commands: Postgres begins with it at once, while the first one's answers go out. Whoever needs the store's lock is
   * alone, and takes turns with the groups.
   */
  private dispatch(): void {
    if (this.underLock) return;
    if (this.contended.length > 0 && !(this.groupsTurn && this.ready.length > 0)) {
      if (this.underWay.size > 0) return;
      this.underLock = true;
      this.groupsTurn = true;
      this.runner.runUnderLock(this.contended.shift()!).finally(() => {
        this.underLock = false;
        this.dispatch();
      });
      return;
    }
    if (this.underWay.size === 0) this.start(this.take());
    if (this.underWay.size === 1 && this.contended.length === 0) this.startSecond();
  }

  private startSecond(): void {
    if (this.options.groupsUnderWay === 1 || this.ready.length < this.secondFrom) return;
    const [first] = this.underWay;
    const enough = Math.ceil(first!.streams.size / 2);
    const group = this.ready.length >= enough ? this.take(enough) : NO_GROUP;
    if (group.commands.length === 0) this.secondFrom = this.ready.length + enough;
    this.start(group);
  }

  private start({ commands, weight }: NextGroup): void {
    if (commands.length === 0) return;
    const group = { streams: new Set(commands.map(({ stream }) => stream)), weight };
    this.underWay.add(group);
    this.groupsTurn = false;
    this.runner
      .run(commands)
      .catch((error) => {
        this.options.log.error({ error: loggedError(error) }, 'a group failed outside of its commands');
        for (const pending of commands) pending.reject(error);
      })
      .finally(() => {
        this.underWay.delete(group);
        this.secondFrom = 0;
        this.dispatch();
      });
  }

  /**
   * The next group, out of `ready`: none of a stream that is under way, nothing where there are not `least`, and no
   * more than is left beside what is under way: whoever comes next waits for all of it.
   */
  private take(least = 1): NextGroup {
    const [first] = this.underWay;
    const most = (this.options.groupWeight ?? GROUP_WEIGHT) - (first?.weight ?? 0);
    const looked = Math.min(this.ready.length, 2 * GROUP_WEIGHT);
    const commands: Pending[] = [];
    const left: Pending[] = [];
    let total = 0;
    let full = false;
    for (let i = 0; i < looked; i++) {
      const pending = this.ready[i]!;
      if (!full && first?.streams.has(pending.stream) !== true) {
        const weight = weightOf(pending);
        full = total + weight > most && !(first === undefined && commands.length === 0);
        if (!full) {
          total += weight;
          commands.push(pending);
          continue;
        }
      }
      left.push(pending);
    }
    if (commands.length < least && !full) return NO_GROUP;
    this.ready.splice(0, looked, ...left);
    return { commands, weight: total };
  }
}
