import { Inject } from '@nestjs/common';
import { Pins } from '../../../platform/event-schemas/pins.js';
import { parseStart } from '../../../platform/feed/start.js';
import { EVENT_LINES, EVENT_LINES_AS_SSE } from '../../../platform/live/event-lines.js';
import { pinnedEncoding } from '../../../platform/live/pinned-encoding.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { parseFilter } from './event-filter.js';
import { EventReadings } from './event-readings.js';
import { streamEvents } from './stream.operations.js';

@OperationController()
export class StreamController {
  constructor(@Inject(EventReadings) private readonly readings: EventReadings) {}

  @Handles(streamEvents)
  async stream({ query }: InputOf<typeof streamEvents>, caller: Caller): Promise<Reply> {
    const { since, pin, ticket: _, ...filter } = query;
    const pins = Pins.parse(pin);
    const sse = caller.eventStream ?? null;
    const last = sse?.lastEventId ?? null;
    const reading = await this.readings.prepare({
      workspace: caller.workspace!,
      key: caller.actor.id,
      filter: parseFilter(filter),
      start: last === null ? parseStart(since, Date.now()) : { kind: 'cursor', cursor: last },
      charge: caller.charge,
    });
    const [contentType, encoding] =
      sse === null ? ['application/x-ndjson', EVENT_LINES] : ['text/event-stream', EVENT_LINES_AS_SSE];
    return {
      status: 200,
      body: { contentType, attach: (sink) => void reading.begin(sink, pinnedEncoding(encoding, pins)) },
    };
  }
}
