import { Inject } from '@nestjs/common';
import { Pins } from '../../../platform/event-schemas/pins.js';
import { parseStart } from '../../../platform/feed/start.js';
import { pinnedEncoding } from '../../../platform/live/pinned-encoding.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { Reply, SocketBody } from '../../../platform/operations/reply.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { parseFilter } from '../stream/event-filter.js';
import { EventReadings } from '../stream/event-readings.js';
import { openSocket } from './socket.operations.js';
import { SocketConnection, type SocketConnectionOptions, type SubscriptionSource } from './socket-connection.js';
import { SOCKET_LINES } from './socket-lines.js';

/** What a subscription takes from the quota. */
const SUBSCRIPTION_COST = 1;

@OperationController()
export class SocketController {
  constructor(
    @Inject(portsOf('events')) private readonly ports: ServicePorts,
    @Inject(EventReadings) private readonly readings: EventReadings,
  ) {}

  @Handles(openSocket)
  async open(_input: unknown, caller: Caller): Promise<Reply> {
    const { live, log } = this.ports;
    const { requestId } = caller;
    const share = { workspace: caller.workspace!, key: caller.actor.id };
    live.admitConnection(share);
    const source = this.sourceFor(caller);
    const hold: SocketConnectionOptions['hold'] = (connection) => live.holdConnection(share, connection);
    const converse: SocketBody['converse'] = (socket) =>
      void new SocketConnection(socket, source, { requestId, log, hold });
    return { status: 101, body: { converse } };
  }

  private sourceFor({ workspace, actor, charge }: Caller): SubscriptionSource {
    return {
      open: async ({ since, filter = {}, pin }) => {
        const pins = Pins.parse(pin, '/message/pin');
        charge?.(SUBSCRIPTION_COST);
        const { cursor, begin } = await this.readings.prepare({
          workspace: workspace!,
          key: actor.id,
          filter: parseFilter(filter, 'message/filter'),
          start: parseStart(since, Date.now(), '/message/since'),
          charge,
        });
        return { cursor, begin: (sink) => void begin(sink, pinnedEncoding(SOCKET_LINES, pins)) };
      },
      positionOf: (cursor) => this.ports.feed.placeOf(workspace!, cursor),
    };
  }
}
