import { Module } from '@nestjs/common';
import { EventsModule } from '../../libs/domains/events/events.module.js';

/** The service that gives events out: what the log holds and what is added to it. */
@Module({ imports: [EventsModule] })
export class EventsServiceModule {}
