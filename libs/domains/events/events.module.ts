import { DomainModule } from '../../platform/runtime/domain-module.js';
import { entriesProjection } from './entries/entries.projection.js';
import { ListController } from './list/list.controller.js';
import { SchemasController } from './schemas/schemas.controller.js';
import { SocketController } from './socket/socket.controller.js';
import { EventReadings } from './stream/event-readings.js';
import { StreamController } from './stream/stream.controller.js';
import { TicketsController } from './tickets/tickets.controller.js';

@DomainModule({
  service: 'events',
  migrations: 'libs/domains/events/migrations',
  projections: [entriesProjection],
  aggregates: [],
  controllers: [SchemasController, ListController, StreamController, TicketsController, SocketController],
  providers: [EventReadings],
})
export class EventsModule {}
