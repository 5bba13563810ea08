import { createRequire } from 'node:module';

interface RequestQueue {
  pending: unknown[];
  inflight: Map<number, { sentAt: number; requestTimeout: number; timeoutRequest(): void }>;
  enforceRequestTimeout: boolean;
  requestTimeoutIntervalId: NodeJS.Timeout | null;
  isConnected(): boolean;
  destroy(): void;
  /** ms since 1970; -1 for never. */
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
}

const LOOK_MS = 10;
/** Of a request that is given up after 30 s. */
const TIMEOUT_LOOK_MS = 1000;
const require = createRequire(import.meta.url);
let quiet = false;

/**
 * kafkajs 2.2.4 looks for requests to send after `throttledUntil - now` ms, also where nothing waits and nothing is
 * throttled: the time is then negative, which Node.js takes for 1 ms, and an idle connection takes 2 % of a core
 * (tulios/kafkajs#1751). With this a look is planned only where a request waits; each push and each answer looks again.
 * Whether a request has been under way for too long is looked at once a second, and not ten times, by each connection.
 */
export function quietenRequestQueue(): void {
  if (quiet) return;
  quiet = true;
  const { prototype } = require('kafkajs/src/network/requestQueue') as {
    prototype: {
      scheduleCheckPendingRequests(this: RequestQueue): void;
      scheduleRequestTimeoutCheck(this: RequestQueue): void;
    };
  };
  prototype.scheduleRequestTimeoutCheck = function () {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    this.requestTimeoutIntervalId = setInterval(() => {
      const now = Date.now();
      for (const request of this.inflight.values()) {
        if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    }, TIMEOUT_LOOK_MS);
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
