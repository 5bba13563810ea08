import type { ServerResponse } from 'node:http';
import type { Exchange } from './exchange.js';

const SWEEPS = 12;

/**
 * The bodies that are on their way, each with at most so long from its request's head on. Looks twelve times in that
 * time, and reads no clock: a body costs one entry of a map.
 */
export class BodyWatch {
  private readonly begun = new Map<Exchange, { response: ServerResponse; sweeps: number }>();
  private sweeps = 0;
  private readonly timer: NodeJS.Timeout;

  /** `late` is called once for each body that takes longer than `mostMs`, within a twelfth more. */
  constructor(
    mostMs: number,
    private readonly late: (exchange: Exchange, response: ServerResponse) => void,
  ) {
    this.timer = setInterval(() => this.sweep(), mostMs / SWEEPS);
    this.timer.unref();
  }

  begin(exchange: Exchange, response: ServerResponse): void {
    this.begun.set(exchange, { response, sweeps: this.sweeps });
  }

  end(exchange: Exchange): void {
    this.begun.delete(exchange);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private sweep(): void {
    this.sweeps++;
    for (const [exchange, { response, sweeps }] of this.begun) {
      // In the order of their beginning.
      if (this.sweeps - sweeps <= SWEEPS) return;
      this.begun.delete(exchange);
      const { raw } = exchange.request;
      if (!raw.complete && !raw.destroyed) this.late(exchange, response);
    }
  }
}
