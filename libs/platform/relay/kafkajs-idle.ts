import { createRequire } from 'node:module';

interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Keeps kafkajs's connections still while they have nothing to send. kafkajs 2.2.4 looks for waiting requests after
 * "the throttling's end minus now", which is a large negative number where nothing throttles: a timer of 1 ms, for ever,
 * also after the connection was closed (https://github.com/tulios/kafkajs/issues/1751). A request that waits asks for
 * the look itself, so without one there is nothing to look for.
 */
export function keepKafkajsIdle(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue') as {
    prototype: RequestQueue & { isKeptIdle?: true };
  };
  if (prototype.isKeptIdle) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
  prototype.isKeptIdle = true;
}
