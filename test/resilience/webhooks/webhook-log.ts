import type { JsonOverHttp } from '../json-over-http.js';

/** An event as `GET /v1/events` shows it. */
export interface LoggedEvent {
  type: string;
  id: string;
  stream: string;
  seq: number;
  position: number;
  occurred_at: string;
  actor: unknown;
  data: Record<string, unknown>;
}

/** The log of a workspace over the public API, read on from where it was read to. */
export class WebhookLog {
  readonly events: LoggedEvent[] = [];
  private cursor: string | null = null;

  constructor(private readonly client: JsonOverHttp) {}

  /** Tells how many events came. */
  async readOn(): Promise<number> {
    const before = this.events.length;
    for (;;) {
      const on: string = this.cursor === null ? '' : `&cursor=${encodeURIComponent(this.cursor)}`;
      const page = await this.client.must<{ data: (LoggedEvent & { cursor: string })[] }>(
        'GET',
        `/v1/events?limit=1000${on}`,
      );
      if (page.data.length === 0) return this.events.length - before;
      this.cursor = page.data.at(-1)!.cursor;
      this.events.push(...page.data);
    }
  }
}
