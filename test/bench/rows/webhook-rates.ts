import type { Bench } from '../bench.js';
import { type Figure, median, perSecond, times } from '../figures.js';
import { type Drained, type EndpointSpec, WebhookBacklog } from '../webhook-backlog.js';
import { WebhookFloor } from '../webhook-floor.js';
import { WebhookSink } from '../webhook-sink.js';

const CONCURRENCY = 100;
const RECORDED = 500;
const MOST_CPU_S = 0.15;

interface Kind {
  what: string;
  endpoints: readonly EndpointSpec[];
  messages: number;
  target: number;
  /** The sink looks at the order. */
  order: boolean;
}

const endpoint = (path: string, ordered = false): EndpointSpec => ({ path, ordered, concurrency: CONCURRENCY });

const KINDS: Record<'one' | 'five' | 'ordered', Kind> = {
  one: {
    what: 'one endpoint, events already on the log',
    endpoints: [endpoint('/one')],
    messages: 100_000,
    target: 0.35,
    order: false,
  },
  five: {
    what: '5 endpoints an event, events already on the log',
    endpoints: ['/1', '/2', '/3', '/4', '/5'].map((path) => endpoint(path)),
    messages: 20_000,
    target: 0.35,
    order: false,
  },
  ordered: {
    what: 'one endpoint in order, 1,000 streams',
    endpoints: [endpoint('/ordered', true)],
    messages: 100_000,
    target: 0.25,
    order: true,
  },
};
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

/**
 * Deliveries a second of what is on the log already, beside a bare loop that signs and POSTs the same bodies to the same sink. Both are
 * warm: of the product's the second half counts, and the whole from its cold start stands beside it.
 */
export async function webhookRates(bench: Bench): Promise<Figure[]> {
  const sink = await WebhookSink.start();
  let floor: WebhookFloor | null = null;
  try {
    const backlogs = {} as Record<keyof typeof KINDS, WebhookBacklog>;
    for (const name of NAMES) {
      const { endpoints, messages } = KINDS[name];
      backlogs[name] = await WebhookBacklog.make(bench, sink, `webhooks_${name}`, endpoints, messages);
    }
    const drained: Record<keyof typeof KINDS, Drained[]> = { one: [], five: [], ordered: [] };
    const floors: number[] = [];
    for (let round = 1; round <= bench.rounds; round++) {
      for (const name of NAMES) {
        drained[name].push(await backlogs[name].drain({ order: KINDS[name].order, keep: RECORDED }));
        floor ??= await WebhookFloor.start(sink, await sent(sink), Math.ceil(bench.seconds / 3), bench.log);
        floors.push(await floor.rate(Math.ceil(bench.seconds / 2)));
      }
      const rates = NAMES.map((name) => shown(name, drained[name].at(-1)!)).join(', ');
      const floored = perSecond(median(floors.slice(-NAMES.length)));
      bench.log(`webhooks, round ${round}: ${rates}, floor ${floored}`);
    }
    const floorRate = median(floors);
    return [
      ...NAMES.map((name) => rateFigure(KINDS[name], drained[name], floorRate, floor!.connections)),
      cpuFigure(drained.one),
    ];
  } finally {
    await floor?.end();
    await sink.end();
  }
}

async function sent(sink: WebhookSink): Promise<string[]> {
  return (await sink.kept()).map(({ body }) => body);
}

function shown(name: string, { rate, warmRate }: Drained): string {
  return `${name} ${perSecond(warmRate)} (from cold ${perSecond(rate)})`;
}

function rateFigure(kind: Kind, rounds: readonly Drained[], floorRate: number, connections: number): Figure {
  const rate = median(rounds.map(({ warmRate }) => warmRate));
  const fromCold = median(rounds.map((round) => round.rate));
  const wentBack = rounds.reduce((sum, { counts }) => sum + counts.wentBack, 0);
  return {
    row: 'webhooks',
    what: `deliveries, ${kind.what}, concurrency ${CONCURRENCY}`,
    value: `${perSecond(rate)} = ${times(rate / floorRate)}; from cold ${perSecond(fromCold)}${wentBack > 0 ? `, ${wentBack} out of order` : ''}`,
    floor: `${perSecond(floorRate)} (bare undici signs and POSTs the same bodies, ${connections} connections)`,
    target: `≥ ${kind.target} ×`,
    met: rate >= kind.target * floorRate && wentBack === 0,
    numbers: {
      deliveries_per_s: rate,
      from_cold_per_s: fromCold,
      floor_per_s: floorRate,
      ratio: rate / floorRate,
      went_back: wentBack,
      cpu_s_per_1000: median(rounds.map(cpuOf)),
    },
  };
}

function cpuFigure(rounds: readonly Drained[]): Figure {
  const cpu = median(rounds.map(cpuOf));
  const server = median(rounds.map(({ serverCpu }) => serverCpu));
  const postgres = median(rounds.map(({ postgresCpu }) => postgresCpu));
  return {
    row: 'webhooks',
    what: `CPU for 1,000 deliveries, ${KINDS.one.what}`,
    value: `${cpu.toFixed(3)} s: the server ${server.toFixed(3)}, Postgres ${postgres.toFixed(3)}`,
    floor: '–',
    target: `≤ ${MOST_CPU_S} s`,
    met: cpu <= MOST_CPU_S,
    numbers: { cpu_s_per_1000: cpu, server_cpu_s_per_1000: server, postgres_cpu_s_per_1000: postgres },
  };
}

function cpuOf({ serverCpu, postgresCpu }: Drained): number {
  return serverCpu + postgresCpu;
}
