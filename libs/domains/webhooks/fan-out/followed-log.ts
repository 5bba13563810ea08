import { EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';
import type { LogPage, LogPartition, ReadOptions } from '../../../platform/event-log/event-log.js';

const ENDPOINT_TYPES: readonly string[] = [
  ...new Set(EVENT_SCHEMAS.map(({ type }) => type).filter((type) => type.startsWith('webhook_endpoint.'))),
];

/**
 * The log as the fan-out follows it: whole while there are endpoints; while there are none, up to the first event of one, and
 * nothing else is read. What follows that event may be for it, so the page ends there.
 */
export class FollowedLog implements LogPartition {
  constructor(
    private readonly log: LogPartition,
    private readonly hasEndpoints: () => boolean,
  ) {}

  get name(): string {
    return this.log.name;
  }

  async read(after: number, options: ReadOptions): Promise<LogPage> {
    if (this.hasEndpoints()) return this.log.read(after, options);
    const page = await this.log.read(after, { ...options, types: ENDPOINT_TYPES });
    const [first] = page.events;
    return first === undefined ? page : { events: [first], scannedTo: first.position };
  }

  end(): Promise<number> {
    return this.log.end();
  }
}
