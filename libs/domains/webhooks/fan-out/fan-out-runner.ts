import { PROJECTION_SETTINGS } from '../../../platform/projections/projection-connection.js';
import { ProjectionRunner } from '../../../platform/projections/projection-runner.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import type { DeliveryCounts } from '../delivery/delivery-counts.js';
import type { Dispatcher } from '../delivery/dispatcher.js';
import { LIVE } from '../delivery/due.js';
import { adoptedPosition } from './adopted-position.js';
import { FanOut, type FanOutPorts } from './fan-out.js';
import { FollowedLog } from './followed-log.js';
import type { KnownRoutes } from './known-routes.js';
import { roomInMemory } from './room-in-memory.js';

export interface FanOutRunnerPorts extends Omit<FanOutPorts, 'room' | 'began' | 'adopted'> {
  known: Pick<KnownRoutes, 'readAnew' | 'take'>;
  dispatcher: Pick<Dispatcher<unknown>, 'hintAll' | 'mostFresh' | 'offer'>;
  counts: Pick<DeliveryCounts, 'due'>;
}

/** It is given all types, and stops before what only a newer version knows: that may be for an endpoint. */
const FAN_OUT = { service: 'webhooks', name: 'fan_out', types: [], whole: true };
/** Events that are put among what is due at once. What of them is in memory until it is sent is to be gone before the next collection. */
const A_PAGE = 500;
const TAKE_OVER_AFTER_MS = 5000;

/** The fan-out as a projection of the whole log. What it has committed is offered to those who deliver in this process. */
export function fanOutRunner(
  { openSession, feedLog, installation, log }: Pick<ServicePorts, 'openSession' | 'feedLog' | 'installation' | 'log'>,
  { known, dispatcher, counts, ...ports }: FanOutRunnerPorts,
): ProjectionRunner {
  let adopted = 0;
  const fanOut = new FanOut({
    ...ports,
    room: async (events) => {
      if (events >= A_PAGE) await roomInMemory(() => dispatcher.mostFresh);
    },
    // Or another process has gone on with it: all is as the tables say.
    began: async () => {
      adopted = await adoptedPosition(installation);
      await known.readAnew();
      dispatcher.hintAll(LIVE);
    },
    adopted: () => adopted,
  });
  const committed = (position: number): void => {
    const outcome = fanOut.committed(position);
    if (outcome === null) return;
    for (const route of outcome.routes) known.take(route);
    for (const [endpoint, dues] of outcome.offers) {
      counts.due(dues.length);
      dispatcher.offer(endpoint, LIVE, dues);
    }
  };
  const session = openSession('fan-out', {
    parameters: PROJECTION_SETTINGS,
    answerWithin: 20_000,
    onSession: async () => runner.sessionBegan(),
  });
  const runner = new ProjectionRunner(FAN_OUT, session, new FollowedLog(feedLog, () => ports.routes.size > 0), fanOut, {
    takeOverAfterMs: TAKE_OVER_AFTER_MS,
    page: A_PAGE,
    onTrouble: (status) => log.warn(status, 'events are not put among what is due'),
    onMoved: committed,
  });
  return runner;
}
