import type { Routes } from '../fan-out/routes.js';
import type { KeptAnswer } from '../queue/attempt-rows.js';
import type { ReplayOfRun, ReplayRuns } from '../replays/replay-runs.js';
import type { Sender } from '../sending/sender.js';
import type { DeliveryCounts } from './delivery-counts.js';
import type { Destinations } from './destinations.js';
import type { DispatcherPorts } from './dispatcher.js';
import { LIVE } from './due.js';
import { type Destination, isGone, signedPost } from './signed-post.js';

export interface DuePostPorts {
  routes: Pick<Routes, 'get'>;
  destinations: Pick<Destinations, 'known' | 'of'>;
  replayRuns: Pick<ReplayRuns, 'of'>;
  sender: Pick<Sender, 'post'>;
  counts: Pick<DeliveryCounts, 'attempted'>;
  /** The receiver says that there is no such endpoint any more. */
  gone(endpoint: string): void;
  trouble(error: unknown, what: string): void;
}

/** Posts what is due to its endpoint as that is now, unless it was taken back. */
export function duePost(ports: DuePostPorts): DispatcherPorts<KeptAnswer>['send'] {
  const { routes, destinations, replayRuns, sender, counts, gone, trouble } = ports;
  return async (endpoint, due, message, isStill) => {
    let destination: Destination;
    let replay: ReplayOfRun | null;
    try {
      const route = routes.get(endpoint);
      // Its secrets are gone with it.
      if (route === undefined || route.state.deleted) return 'taken_back';
      destination = destinations.known(route) ?? (await destinations.of(route));
      replay = due.run === LIVE ? null : await replayRuns.of(endpoint, due.run);
    } catch (error) {
      trouble(error, 'it cannot be read how a webhook endpoint is to be called');
      return 'not_now';
    }
    if (replay?.isTakenBack === true) return 'taken_back';
    if (!isStill()) return 'not_now';
    const sent = await signedPost(sender, destination, due, message, replay?.id);
    counts.attempted(sent.answer);
    if (isGone(sent.answer)) gone(endpoint);
    return sent;
  };
}
