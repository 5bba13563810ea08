import type { Finding } from '../checker.js';
import { TRANSPORTS } from './event-reader.js';
import { Follower } from './follower.js';
import { differences } from './reader-judge.js';
import { workspaceLog } from './workspace-log.js';

const ON_EACH = 2;
const CAUGHT_UP_WITHIN_MS = 60_000;

/** Readers on all transports who follow a workspace from its first event on, through whatever happens. */
export class FollowingReaders {
  private followers: Follower[] = [];

  constructor(private readonly url: () => string) {}

  start(key: string): void {
    const each = TRANSPORTS.flatMap((transport) => Array.from({ length: ON_EACH }, () => transport));
    this.followers = each.map((transport) => new Follower({ url: this.url, key, transport: () => transport }).start());
  }

  get problems(): string[] {
    return this.followers.flatMap(({ problems }) => problems);
  }

  /** How often they began or came again. */
  get connections(): number {
    return this.followers.reduce((sum, { connections }) => sum + connections, 0);
  }

  /** What each was given against the log's, once they have caught up with it; the workspace is that of a conversation. */
  async judged(databaseUrl: string, conversation: string): Promise<Finding[]> {
    const log = await workspaceLog(databaseUrl, conversation);
    await Promise.all(this.followers.map((one) => one.heardThrough(log.length, CAUGHT_UP_WITHIN_MS)));
    await this.stop();
    return this.followers.flatMap(({ heard }) => differences(heard, log));
  }

  async stop(): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.stop()));
  }
}
