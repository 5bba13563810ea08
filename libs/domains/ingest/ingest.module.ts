import { DomainModule } from '../../platform/runtime/domain-module.js';
import { activityAggregate } from './activities/activity.aggregate.js';
import { activityIdsProjection } from './activities/activity-ids.projection.js';
import { ActivityRecorder } from './activity-recorder.js';
import { DeadLetterController } from './dead-letters/dead-letter.controller.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { Redrive } from './dead-letters/redrive.js';
import { eventTypeAggregate } from './event-types/event-type.aggregate.js';
import { EventTypeController } from './event-types/event-type.controller.js';
import { eventTypeVersionsProjection } from './event-types/event-type-versions.projection.js';
import { EventTypes } from './event-types/event-types.js';
import { eventTypesProjection } from './event-types/event-types.projection.js';
import { RawIntake } from './raw-topics/raw-intake.js';
import { RawRecorder } from './raw-topics/raw-recorder.js';
import { rawWorkspacesProjection } from './raw-topics/raw-workspaces.projection.js';
import { ActivityController } from './telling/activity.controller.js';

@DomainModule({
  service: 'ingest',
  migrations: 'libs/domains/ingest/migrations',
  projections: [activityIdsProjection, eventTypesProjection, eventTypeVersionsProjection, rawWorkspacesProjection],
  aggregates: [activityAggregate, eventTypeAggregate],
  controllers: [ActivityController, EventTypeController, DeadLetterController],
  providers: [ActivityRecorder, EventTypes, DeadLetters, RawRecorder, RawIntake, Redrive],
})
export class IngestModule {}
