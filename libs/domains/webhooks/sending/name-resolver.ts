import { type LookupAddress, promises } from 'node:dns';
import { Turns } from '../../../platform/kernel/turns.js';

/** All addresses that a name stands for. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>;

/** One question's patience, ms; the second and last attempt has twice as much. */
const QUESTION_MS = 2000;
const ATTEMPTS = 2;
/** Of libuv's four threads, which files and other names need, too. */
const MOST_THREADS = 2;
/** How long one waits for the system's resolver, and for a thread before, ms. */
const SYSTEM_MS = 5000;
/** Names that the system is asked for, with those that wait for a thread. */
const MOST_NAMES = 500;
/** The servers know no such name, or there is no server: the system's own sources may know it. */
const UNKNOWN = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'EBADNAME']);

/** A name that the system is asked for once, for all who ask meanwhile. */
interface Asked {
  answer: Promise<LookupAddress[]>;
  /** Those who have not given up. */
  waiting: number;
}

/**
 * Names by DNS without a thread: `dns.lookup` holds one of libuv's four for as long as a name's servers are silent, and
 * four endpoints with dead servers would hold up every file and every other name of the process. The system's resolver is
 * asked for what DNS does not know: names in the hosts file, names without a dot, search domains.
 */
export class NameResolver {
  private readonly questions = new promises.Resolver({ timeout: QUESTION_MS, tries: ATTEMPTS });
  private readonly threads = new Turns(MOST_THREADS, 1);
  private readonly ofSystem = new Map<string, Asked>();

  /** `servers` in place of the system's own, as `address:port`. */
  constructor(
    servers?: readonly string[],
    private readonly system: ResolveName = bySystem,
    private readonly systemMs = SYSTEM_MS,
    private readonly mostNames = MOST_NAMES,
  ) {
    if (servers !== undefined) this.questions.setServers(servers);
  }

  readonly resolve: ResolveName = async (name) => {
    if (!name.includes('.')) return this.bySystem(name);
    const answers = await Promise.allSettled([this.questions.resolve4(name), this.questions.resolve6(name)]);
    const found = answers.flatMap((answer, index) =>
      answer.status === 'fulfilled' ? answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 })) : [],
    );
    if (found.length > 0) return found;
    const silent = answers.find((answer) => answer.status === 'rejected' && !UNKNOWN.has(answer.reason.code));
    if (silent !== undefined) throw (silent as PromiseRejectedResult).reason;
    return this.bySystem(name);
  };

  /**
   * Who asks is told in time. The thread of a name that stalls is given to another name only when the system is done with it:
   * nothing ends a `getaddrinfo` that has begun, and were its turn over before, such names would have all four threads. Where
   * two stall, the names behind them fail until one is done; those that DNS knows need no thread.
   */
  private async bySystem(name: string): Promise<LookupAddress[]> {
    const asked = this.askedOf(name);
    let clock: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_, reject) => {
      clock = setTimeout(() => reject(failure('ETIMEOUT', name)), this.systemMs);
    });
    asked.waiting++;
    return Promise.race([asked.answer, patience]).finally(() => {
      clearTimeout(clock);
      asked.waiting--;
    });
  }

  private askedOf(name: string): Asked {
    const known = this.ofSystem.get(name);
    if (known !== undefined) return known;
    if (this.ofSystem.size >= this.mostNames) throw failure('EAI_AGAIN', name);
    const asked: Asked = { answer: this.inTurn(name, () => asked.waiting > 0), waiting: 0 };
    this.ofSystem.set(name, asked);
    return asked;
  }

  private async inTurn(name: string, isWanted: () => boolean): Promise<LookupAddress[]> {
    const done = await this.threads.take(name);
    try {
      return isWanted() ? await this.system(name) : [];
    } finally {
      this.ofSystem.delete(name);
      done();
    }
  }
}

function failure(code: string, name: string): Error {
  return Object.assign(new Error(`${code} ${name}`), { code });
}

const bySystem: ResolveName = (name) => promises.lookup(name, { all: true });
