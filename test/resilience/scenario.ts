import type { Outcome, Skipped } from './campaign.js';

export interface Setting {
  tries: number;
  random: () => number;
  /** An empty folder of this scenario, removed afterwards. */
  folder: string;
  rootKey: string;
  /** Whether no other scenario runs beside it. */
  alone: boolean;
  /** How long a registry is gone, in s; null: for some seconds. */
  registryGoneSeconds: number | null;
}

export interface Scenario {
  name: string;
  title: string;
  run: (setting: Setting) => Promise<Outcome | Skipped>;
}
