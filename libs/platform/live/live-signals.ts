import { randomUUID } from 'node:crypto';
import { Connection } from '../postgres/connection.js';
import type { AddressedSignal } from './live-event.js';

const CHANNEL = 'heddle_live';
/** Postgres takes 8,000 bytes; ids and times need a twentieth of it. */
const MOST_BYTES = 7900;

/**
 * Carries signals to the readers of every process, by Postgres's notifications: nothing is stored, and who is not there
 * at that moment does not hear of it. Connects when it is first needed.
 */
export class LiveSignals {
  private readonly process = randomUUID();
  private readonly connection: Connection;
  private wanted = false;

  /** `deliver` is called for each signal once, those of this process too. */
  constructor(
    url: string,
    private readonly deliver: (signal: AddressedSignal) => void,
  ) {
    this.connection = new Connection({
      url,
      role: 'heddle_log_writer',
      applicationName: 'heddle live',
      // A notification is a transaction, and need not outlive a crash.
      parameters: { synchronous_commit: 'off' },
      onConnect: async (client) => {
        await client.query(`listen ${CHANNEL}`);
      },
    });
    this.connection.onNotification((_channel, payload) => this.heard(payload));
  }

  /** From now on what other processes say is heard; where Postgres is away, as soon as it is there. */
  async listen(): Promise<void> {
    this.wanted = true;
    await this.connection.ready().catch(() => undefined);
  }

  /** Tells this process's readers at once, and those of the others. Throws where Postgres is away. */
  async publish(signal: AddressedSignal): Promise<void> {
    const payload = JSON.stringify({ ...signal, process: this.process });
    if (Buffer.byteLength(payload) > MOST_BYTES)
      throw new Error(`A signal ${signal.name} of over ${MOST_BYTES} bytes.`);
    this.deliver(signal);
    if (!this.wanted) await this.listen();
    await this.connection.query({
      name: 'live_signal',
      text: `select pg_notify('${CHANNEL}', $1)`,
      values: [payload],
    });
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private heard(payload: string): void {
    const { process, ...signal } = JSON.parse(payload) as AddressedSignal & { process: string };
    if (process !== this.process) this.deliver(signal);
  }
}
