import type { EventCodec } from '../event-codec/event-codec.js';
import type { WholeLog } from '../event-log/event-log.js';
import { isScope, type Scope } from '../operations/scope.js';
import { hashOf } from './api-key-secret.js';

export interface KnownKey {
  id: string;
  workspace: string;
  scopes: ReadonlySet<Scope | '*'>;
  revoked: boolean;
}

const TYPES = ['api_key.created', 'api_key.revoked'] as const;
const PAGE = 5000;
const POLL_MS = 1000;
/** How soon a revoked key is refused by every process. */
const FOLLOW_WITHIN_MS = 100;
const MOST_WAIT_MS = 2000;

/**
 * Every key of the installation by its hash, read from the log alone, so that each service can let requests in
 * without asking another. About 400 bytes a key.
 */
export class KeyDirectory {
  private readonly byHash = new Map<string, KnownKey>();
  private readonly hashes = new Map<string, string>();
  private readonly revoked = new Set<string>();
  private position = 0;
  /** Counts the store's lives that were seen: a page that was read in one says nothing of the next. */
  private life = 0;
  private reading: Promise<void> | null = null;
  private looking: Promise<unknown> = Promise.resolve();
  private nextLook: Promise<number> | null = null;
  private stop: (() => void) | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: WholeLog,
    private readonly codec: EventCodec,
  ) {}

  /** Reads the log to its end, and follows it from then on. */
  async start(): Promise<void> {
    await this.catchUp();
    const follow = () => void this.catchUp().catch(() => undefined);
    let looksSoon = false;
    this.stop = this.log.onAppend(() => {
      // Few appends concern keys, and a new key is waited for where it is used.
      if (looksSoon) return;
      looksSoon = true;
      setTimeout(() => {
        looksSoon = false;
        follow();
      }, FOLLOW_WITHIN_MS).unref();
    });
    this.timer = setInterval(follow, POLL_MS);
    this.timer.unref();
  }

  close(): void {
    this.stop?.();
    clearInterval(this.timer);
  }

  /** The store is another one, or lives another life: its keys are read again, from the first event on. */
  async startAgain(): Promise<void> {
    for (const key of this.byHash.values()) key.revoked = true;
    this.byHash.clear();
    this.hashes.clear();
    this.revoked.clear();
    this.position = 0;
    this.life++;
    await this.catchUp();
  }

  /** The key of a secret that is known now. */
  known(secret: string): KnownKey | undefined {
    return this.byHash.get(hashOf(secret));
  }

  /** Whether a key is still good, by its id. */
  holds(id: string): boolean {
    return this.hashes.has(id);
  }

  /** Whether a key is known to be good no more, by its id: one that this process has not heard of yet is not. */
  isRevoked(id: string): boolean {
    return this.revoked.has(id);
  }

  /** The key of a secret once everything on the log at this moment is known: a key works as soon as it was given. */
  async find(secret: string): Promise<KnownKey | undefined> {
    await this.catchUpToNow();
    return this.known(secret);
  }

  /** A key that is still good, by its id, as `find` finds it. */
  async findById(id: string): Promise<KnownKey | undefined> {
    if (!this.holds(id) && !this.isRevoked(id)) await this.catchUpToNow();
    const hash = this.hashes.get(id);
    return hash === undefined ? undefined : this.byHash.get(hash);
  }

  private async catchUpToNow(): Promise<void> {
    const end = await this.endFromNow();
    const giveUp = Date.now() + MOST_WAIT_MS;
    while (this.position < end && Date.now() < giveUp) await this.catchUp();
  }

  /** The log's end as it is after this call; strangers who try keys share one look that has not begun yet. */
  private endFromNow(): Promise<number> {
    this.nextLook ??= this.looking.then(() => {
      this.nextLook = null;
      const end = this.log.end();
      this.looking = end.catch(() => undefined);
      return end;
    });
    return this.nextLook;
  }

  private catchUp(): Promise<void> {
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    for (;;) {
      const { life } = this;
      const { events, scannedTo } = await this.log.read(this.position, { limit: PAGE, types: TYPES });
      if (life !== this.life) continue;
      for (const event of events) this.apply(event);
      if (scannedTo === this.position) return;
      this.position = scannedTo;
    }
  }

  private apply({ fingerprint, payload }: { fingerprint: Buffer; payload: Buffer }): void {
    const { type, meta, data } = this.codec.decode(fingerprint, payload);
    if (type === 'api_key.created') {
      const hash = (data.secret_hash as Buffer).toString('hex');
      const scopes = new Set((data.scopes as string[]).filter(isScope));
      this.byHash.set(hash, { id: meta.stream, workspace: meta.workspace, scopes, revoked: false });
      this.hashes.set(meta.stream, hash);
    } else {
      const hash = this.hashes.get(meta.stream);
      if (hash !== undefined) {
        this.byHash.get(hash)!.revoked = true;
        this.byHash.delete(hash);
      }
      this.hashes.delete(meta.stream);
      this.revoked.add(meta.stream);
    }
  }
}
