import pino from 'pino';
import { Runtime } from '../../platform/runtime/runtime.js';
import { ActivityRecorder } from './activity-recorder.js';
import { EventTypes } from './event-types/event-types.js';
import { IngestModule } from './ingest.module.js';

/** What the service has in a process of its own. */
export function startIngest(databaseUrl: string): Promise<Runtime> {
  return Runtime.start({
    databaseUrl,
    module: IngestModule,
    log: pino({ level: 'silent' }),
    kafka: null,
    traces: null,
  });
}

/** The recorder of such a process, once it may record. */
export async function recorderOf(
  runtime: Runtime,
  types: Pick<EventTypes, 'checkAll'> = new EventTypes(),
): Promise<ActivityRecorder> {
  const recorder = new ActivityRecorder(runtime.services.get('ingest')!, types as EventTypes);
  await recorder.onModuleInit();
  return recorder;
}
