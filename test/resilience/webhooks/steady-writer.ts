import { setTimeout as sleep } from 'node:timers/promises';
import { JsonOverHttp } from '../json-over-http.js';
import type { Workspace } from '../workspace.js';

/** Posts messages at an even rate: how long each then takes to the sink is not by its own crowd. */
export class SteadyWriter {
  written = 0;
  readonly problems: string[] = [];
  private readonly client: JsonOverHttp;
  private stopped = false;
  private readonly underWay = new Set<Promise<void>>();
  private writing: Promise<void> | null = null;

  constructor(
    port: number,
    private readonly workspace: Workspace,
    private readonly perSecond: number,
  ) {
    this.client = new JsonOverHttp(port, workspace.key);
  }

  start(): void {
    this.writing = this.write();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.writing;
    await Promise.all(this.underWay);
    this.client.close();
  }

  private async write(): Promise<void> {
    const began = performance.now();
    for (let n = 0; !this.stopped; n++) {
      const wait = began + (n * 1000) / this.perSecond - performance.now();
      if (wait > 0) await sleep(wait);
      const posted: Promise<void> = this.post(n).finally(() => this.underWay.delete(posted));
      this.underWay.add(posted);
    }
  }

  private async post(n: number): Promise<void> {
    const { conversations, customer } = this.workspace;
    const path = `/v1/conversations/${conversations[n % conversations.length]}/messages`;
    const body = { author: { type: 'customer', id: customer }, type: 'text', text: `message ${n}` };
    try {
      await this.client.must('POST', path, body, { 'idempotency-key': crypto.randomUUID() });
      this.written++;
    } catch (error) {
      this.problems.push((error as Error).message);
    }
  }
}
