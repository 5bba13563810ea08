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

/** What a group has made of what is known. */
interface GroupTraces {
  touched: ReadonlyMap<string, { head: ActivityHead }>;
  claims: readonly { name: string }[];
  madeKeys: ReadonlyMap<string, unknown>;
  ids: readonly string[];
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

  /** A group has ended: the ids and the keys that it made are the store's to know from here on. */
  release(group: GroupTraces): void {
    for (const id of group.ids) if (this.ids.get(id)?.group === group) this.ids.delete(id);
    for (const owner of group.madeKeys.keys()) this.madeKeys.delete(owner);
  }

  /** A group has failed: nothing that it made is so. */
  takeBack(group: GroupTraces): void {
    this.forget(group);
    for (const { name } of group.claims) this.names.delete(name);
    this.release(group);
  }

  /** The heads that a group touched are others than those that are known. */
  forget({ touched }: GroupTraces): void {
    for (const [subject, { head }] of touched) {
      head.isStale = true;
      const known = this.heads.get(subject);
      if (known !== undefined) known.isStale = true;
      this.heads.delete(subject);
    }
  }
}

/** Under what a subject's external id is remembered. */
export function nameOf(workspace: string, { type, externalId }: Extract<SubjectInput, { externalId: string }>): string {
  return `${workspace} ${type} ${externalId}`;
}
