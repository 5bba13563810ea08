import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, signal } from '../../resilience/processes.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { rebuildFacts, runHeddle } from '../command-line.js';
import { type Figure, median, milliseconds, percentile } from '../figures.js';
import { importFile } from '../import-file.js';
import { measureProjectionLatency, type ProjectionLatency } from '../projection-latency.js';
import { fill, openStore, POSTED_CONVERSATIONS, type Store } from '../store.js';

const PER_SECOND = 100;
const FILLED = 50_000;
const IMPORTED_CONVERSATIONS = 100_000;

/** Row 4: request sent → row committed in analytics, at 100 posts/s; then the same beside an import and rebuilds. */
export async function requestToAnalytics(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'latency');
  try {
    const store = await openStore(bench, server, POSTED_CONVERSATIONS);
    await fill(store, store.posted, FILLED);
    await settle(server);
    const quiet: ProjectionLatency[] = [];
    const busy: ProjectionLatency[] = [];
    for (let round = 1; round <= bench.rounds; round++) {
      quiet.push(await measure(store, bench.seconds));
      busy.push(await besideImportAndRebuild(bench, store));
      await settle(server);
      bench.log(`request to analytics, round ${round}: ${shown(quiet.at(-1)!)}; busy ${shown(busy.at(-1)!)}`);
    }
    return [figure('alone', quiet, { p50: 5, p99: 25 }), figure('beside an import and rebuilds', busy, { p99: 100 })];
  } finally {
    await server.end();
  }
}

export function measure(store: Store, seconds: number): Promise<ProjectionLatency> {
  const { server, workspace, posted } = store;
  return measureProjectionLatency(server, workspace.key, workspace.customer, posted, PER_SECOND, seconds);
}

async function besideImportAndRebuild(bench: Bench, store: Store): Promise<ProjectionLatency> {
  const { server, workspace } = store;
  const file = join(bench.folder, `import-${crypto.randomUUID()}.ndjson`);
  writeFileSync(file, importFile(IMPORTED_CONVERSATIONS));
  const importing = runHeddle(server, workspace.key, ['import', file]);
  let failure: Error | null = null;
  importing.output.catch((error: Error) => {
    failure = error;
  });
  let measuring = true;
  const rebuilding = (async () => {
    while (measuring) await rebuildFacts(server);
  })();
  rebuilding.catch(() => {});
  try {
    const latency = await measure(store, bench.seconds);
    if (failure !== null) throw failure;
    if (!isAlive(importing.child.pid ?? 0)) bench.log('the import was over before the measurement was');
    return latency;
  } finally {
    measuring = false;
    if (importing.child.pid !== undefined) signal(importing.child.pid, 'SIGKILL');
    await rebuilding;
  }
}

function figure(what: string, rounds: readonly ProjectionLatency[], target: { p50?: number; p99: number }): Figure {
  const p50 = median(rounds.map(({ samples }) => percentile(samples, 50)));
  const p99 = median(rounds.map(({ samples }) => percentile(samples, 99)));
  const answer = median(rounds.map(({ answers }) => percentile(answers, 50)));
  const unseen = rounds.reduce((sum, round) => sum + round.unseen, 0);
  const resolution = median(rounds.map(({ resolutionMs }) => resolutionMs));
  return {
    row: 'request → row in analytics',
    what: `at ${PER_SECOND} posts/s, ${what} (±${resolution.toFixed(1)} ms)`,
    value: `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}${unseen > 0 ? `, ${unseen} unseen` : ''}`,
    floor: `answered after ${milliseconds(answer)}`,
    target: `${target.p50 === undefined ? '' : `p50 ≤ ${target.p50} ms, `}p99 ≤ ${target.p99} ms`,
    met: p50 <= (target.p50 ?? Number.POSITIVE_INFINITY) && p99 <= target.p99 && unseen === 0,
    numbers: { p50_ms: p50, p99_ms: p99, answer_p50_ms: answer, resolution_ms: resolution, unseen },
  };
}

export function shown({ samples }: ProjectionLatency): string {
  return `p50 ${milliseconds(percentile(samples, 50))}, p99 ${milliseconds(percentile(samples, 99))}`;
}
