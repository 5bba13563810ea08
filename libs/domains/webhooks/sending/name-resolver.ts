import { type LookupAddress, promises } from 'node:dns';
import { Turns } from '../../../platform/kernel/turns.js';

/** All addresses that a name stands for. */
export type ResolveName = (name: string) => Promise<LookupAddress[]>;

/** One question's patience, ms; the second and last attempt has twice as much. */
const QUESTION_MS = 2000;
const ATTEMPTS = 2;
/** Of libuv's four threads, which files and other names need, too. */
const MOST_THREADS = 2;
/** The servers know no such name, or there is no server: the system's own sources may know it. */
const UNKNOWN = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'EBADNAME']);

/**
 * Names by DNS without a thread: `dns.lookup` holds one of libuv's four for as long as a name's servers are silent, and
 * four endpoints with dead servers would hold up every file and every other name of the process. The system's resolver is
 * asked for what DNS does not know: names in the hosts file, names without a dot, search domains.
 */
export class NameResolver {
  private readonly questions = new promises.Resolver({ timeout: QUESTION_MS, tries: ATTEMPTS });
  private readonly threads = new Turns(MOST_THREADS, 1);

  /** `servers` in place of the system's own, as `address:port`. */
  constructor(
    servers?: readonly string[],
    private readonly system: ResolveName = bySystem,
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

  private async bySystem(name: string): Promise<LookupAddress[]> {
    const done = await this.threads.take(name);
    return this.system(name).finally(done);
  }
}

const bySystem: ResolveName = (name) => promises.lookup(name, { all: true });
