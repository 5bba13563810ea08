import type { Connection } from '../../../platform/postgres/connection.js';
import { matching } from '../fan-out/matching.js';
import { type Fate, fatesOf, isMeant } from './earlier-attempts.js';
import type { Selection } from './replay.decider.js';
import type { ReplayRange } from './replay-range.js';
import { type Asked, type PagePorts, wantedPage } from './wanted-page.js';

export interface PreviewPorts extends PagePorts {
  connection: Pick<Connection, 'query'>;
}

/** What a replay of a range would be about. */
export interface Preview {
  /** Everything up to here was counted. */
  position: number;
  matched: number;
  /** By what became of those that match. */
  fates: Record<Fate, number>;
  due: number;
}

/** A request looks at no more, and for no longer: what is beyond is counted by another one. */
export const MOST_POSITIONS = 100_000;
const MOST_MS = 4000;

/** Counts what a replay would send, without sending it. */
export async function previewOf(
  ports: PreviewPorts,
  asked: Asked & { only: Selection },
  { from, to }: ReplayRange,
): Promise<Preview> {
  const preview: Preview = {
    position: from - 1,
    matched: 0,
    fates: { never_attempted: 0, waiting: 0, taken: 0, failed: 0 },
    due: 0,
  };
  const upTo = Math.min(to, from - 1 + MOST_POSITIONS);
  for (const giveUp = performance.now() + MOST_MS; preview.position < upTo && performance.now() < giveUp; ) {
    const { wanted, scannedTo } = await wantedPage(ports, asked, preview.position, upTo);
    if (scannedTo <= preview.position) break;
    const events = await matching(ports, wanted);
    preview.position = scannedTo;
    preview.matched += events.length;
    if (events.length === 0) continue;
    const places = events.map(({ stored, event }) => ({ position: stored.position, id: event.meta.id }));
    for (const fate of (await fatesOf(ports.connection, asked.endpoint, places)).values()) {
      preview.fates[fate]++;
      if (isMeant(asked.only, fate)) preview.due++;
    }
  }
  return preview;
}
