import type { Logger } from 'pino';
import type { Settings } from '../../libs/platform/settings/settings.js';

/** What a start works with. */
export interface Start {
  settings: Settings;
  log: Logger;
  version: string;
  /** Adds what is to be ended; the last is ended first. */
  onEnd(end: () => Promise<void>): void;
}
