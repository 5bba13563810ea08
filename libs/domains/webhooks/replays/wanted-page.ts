import type { SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { LogPartition, StoredEvent } from '../../../platform/event-log/event-log.js';
import { type MatchingPorts, mayBeTold, type Wanted } from '../fan-out/matching.js';
import type { CompiledFilter } from '../filter/compile-filter.js';

export interface PagePorts extends MatchingPorts {
  log: Pick<LogPartition, 'read'>;
  decode(stored: StoredEvent): SealedEvent;
}

/** Which events are meant, whatever became of them. */
export interface Asked {
  workspace: string;
  endpoint: string;
  /** Null for all types. */
  types: ReadonlySet<string> | null;
  /** Null for no condition. */
  filter: CompiledFilter | null;
}

export interface WantedPage {
  /** For `matching`. */
  wanted: Wanted<Pick<Asked, 'filter'>>[];
  scannedTo: number;
}

const EVENTS_AT_ONCE = 500;
/** Where few events are meant, no statement looks at more than so many. */
const POSITIONS_AT_ONCE = 20_000;

/** The next events after a position whose type an endpoint is to be told of, whatever its conditions say. */
export async function wantedPage(ports: PagePorts, asked: Asked, after: number, upTo: number): Promise<WantedPage> {
  const { workspace, endpoint, types } = asked;
  const page = await ports.log.read(after, {
    limit: EVENTS_AT_ONCE,
    upTo: Math.min(upTo, after + POSITIONS_AT_ONCE),
    ...(types === null ? {} : { types: [...types] }),
  });
  const wanted = page.events.flatMap((stored) => {
    const sealed = ports.decode(stored);
    const isWanted =
      sealed.meta.workspace === workspace && (types === null || types.has(sealed.type)) && mayBeTold(sealed, endpoint);
    return isWanted ? [{ sealed, stored, routes: [asked] }] : [];
  });
  return { wanted, scannedTo: page.scannedTo };
}
