import { createRequire } from 'node:module';

interface RequestQueue {
  pending: unknown[];
  /** ms since 1970; -1 for never. */
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

const LOOK_MS = 10;
const require = createRequire(import.meta.url);
let quiet = false;

/**
 * kafkajs 2.2.4 looks for requests to send after `throttledUntil - now` ms, also where nothing waits and nothing is
 * throttled: the time is then negative, which Node.js takes for 1 ms, and an idle connection takes 2 % of a core
 * (tulios/kafkajs#1751). With this a look is planned only where a request waits; each push and each answer looks again.
 */
export function quietenRequestQueue(): void {
  if (quiet) return;
  quiet = true;
  const { prototype } = require('kafkajs/src/network/requestQueue') as {
    prototype: { scheduleCheckPendingRequests(this: RequestQueue): void };
  };
  prototype.scheduleCheckPendingRequests = function () {
    if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
    const wait = Math.max(this.throttledUntil - Date.now(), LOOK_MS);
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, wait);
  };
}
