import type { DataKey } from '../../../platform/keys/data-key.js';
import type { SubjectInput } from '../activity-input.js';
import { Generations } from './generations.js';

/** A stream of activities, as this process knows it: `version` is 0 where there is none yet, and its subject is there. */
export interface ActivityHead {
  /** The subject's id. */
  subject: string;
  workspace: string;
  /** act_…, and its uuid. */
  stream: string;
  uuid: Buffer;
  version: number;
  /** Whose key seals it; null where it has one of its own. */
  customer: string | null;
  /** Whether the group that changed it last has failed: it is not so, and must be read again. */
  isStale: boolean;
}

/** An id that a group takes which has not ended, and the event that is to have it. */
export interface TakenId {
  event: string;
  group: object;
}

const HEADS = 50_000;
const NAMES = 50_000;

/**
 * What a process remembers of what it recorded, so that a batch about the same subjects reads nothing of them. Versions
 * are those that groups under way will leave: a group that fails takes what it touched out, and the append compares the rest.
 */
export class Known {
  /** By the subject's id. */
  readonly heads = new Generations<ActivityHead>(HEADS);
  /** The subjects' ids, by `nameOf`. */
  readonly names = new Generations<string>(NAMES);
  /** By the deduplication key in hex. What groups have recorded that ended is in the store, and asked there. */
  readonly ids = new Map<string, TakenId>();
  /** Keys that groups under way make, by whose they are. */
  readonly madeKeys = new Map<string, DataKey>();

  clear(): void {
    this.heads.clear();
    this.names.clear();
    this.ids.clear();
    this.madeKeys.clear();
  }
}

/** Under what a subject's external id is remembered. */
export function nameOf(workspace: string, { type, externalId }: Extract<SubjectInput, { externalId: string }>): string {
  return `${workspace} ${type} ${externalId}`;
}
