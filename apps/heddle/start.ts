import type { Logger } from 'pino';
import type { outsideRegistry } from '../../libs/platform/registry/outside-registry.js';
import type { Settings } from '../../libs/platform/settings/settings.js';

/** What a start works with. */
export interface Start {
  settings: Settings;
  /** Null: the one that is built in. */
  registry: ReturnType<typeof outsideRegistry>;
  log: Logger;
  version: string;
  /** Adds what is to be ended; the last is ended first. */
  onEnd(end: () => Promise<void>): void;
}
